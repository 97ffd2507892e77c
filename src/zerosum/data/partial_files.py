"""Files of the cache while they are being written: each is held by its writer, so that what a
killed one has left is told from them."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ENDING = ".partial"
UNFINISHED = ".unfinished"
"""Ends what a later process goes on with."""
LOOK = 0.5
"""Seconds between looks whether another process has let go of a file."""


@contextlib.contextmanager
def held_alone(path: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """A handle to the file at `path`, made where there is none, that one process has at a time.

    `waiting` is called now and then while another one has it.
    """

    def opened() -> int:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)

    handle = _held(path, opened, waiting)
    try:
        yield handle
    finally:
        os.close(handle)


def blocks_file(path: Path) -> Path:
    """What stands beside an unfinished file: a line for each block that was written."""
    return path.with_name(f"{path.name}.jsonl")


@contextlib.contextmanager
def held_folder(place: Path) -> Iterator[Path]:
    """The path of an empty folder beside `place` for files that nobody wants in the end."""
    path = place.with_name(f".{place.name}.{os.getpid()}{ENDING}")

    def opened() -> int:
        path.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDONLY)

    handle = _held(path, opened, lambda: None)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


def _held(path: Path, opened: Callable[[], int], waiting: Callable[[], None]) -> int:
    """A handle to what `opened` makes at `path`, which holds it."""
    while True:
        handle = opened()
        try:
            while not _locks(handle):
                waiting()
                time.sleep(LOOK)
        except BaseException:
            os.close(handle)
            raise
        # Whoever had it may have renamed it, or somebody who tidies up removed it.
        if _is_at(handle, path):
            return handle
        os.close(handle)


def _locks(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # some network file systems know no locks
    return True


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def remove_abandoned(folder: Path) -> int:
    """Remove what nobody holds any more; returns the bytes freed."""
    return sum(map(_remove_unheld, folder.glob(f".*{ENDING}")))


def remove_unfinished(folder: Path) -> int:
    """Remove what nobody goes on with now; returns the bytes freed."""
    freed = sum(map(_remove_unheld, folder.glob(f".*{UNFINISHED}")))
    for blocks in folder.glob(f".*{blocks_file(Path(UNFINISHED)).name}"):
        if not blocks.with_suffix("").exists():
            with contextlib.suppress(OSError):
                blocks.unlink()
    return freed


def _remove_unheld(path: Path) -> int:
    """The bytes freed: none of what is being written, or is another user's."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            size = size_of(path)
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
            return size
        finally:
            os.close(handle)
    return 0


def size_of(path: Path) -> int:
    """Bytes of a file, or of the files in a folder."""
    files = path.iterdir() if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)
