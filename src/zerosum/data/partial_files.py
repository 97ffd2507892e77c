"""Files of the cache while they are being written: each is held by its writer, so that what a
killed one has left is told from them."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

ENDING = ".partial"
UNFINISHED = ".unfinished"
"""Ends what a later process goes on with."""
LOCK = ".lock"
LOOK = 0.5
"""Seconds between looks whether another process has let go of a file."""


@contextlib.contextmanager
def held_alone(path: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """A handle to the file at `path`, made where there is none, that one process has at a time.

    `waiting` is called now and then while another one has it.
    """
    handle = _waited_for(path, waiting)
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
    path = _beside(place)
    handle = _held(path)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


def _beside(place: Path) -> Path:
    return place.with_name(f".{place.name}.{os.getpid()}{ENDING}")


def _waited_for(path: Path, waiting: Callable[[], None]) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
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


def _held(path: Path) -> int:
    """A handle to the folder that is made at `path`, which holds it."""
    while True:
        path.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDONLY)
        with contextlib.suppress(OSError):  # some network file systems know no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        # Somebody who tidies up may have found it between the two.
        if _is_at(handle, path):
            return handle
        os.close(handle)


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def remove_abandoned(folder: Path) -> int:
    """Remove what nobody holds any more, and the locks; returns the bytes freed."""
    freed = 0
    for path in folder.glob(f".*{ENDING}"):
        with contextlib.suppress(OSError):  # another user's
            freed += _remove_unheld(path)
    for path in folder.glob(f".*{LOCK}"):
        with contextlib.suppress(OSError, Timeout), FileLock(path, timeout=0):
            path.unlink()
    return freed


def remove_unfinished(folder: Path) -> int:
    """Remove what nobody goes on with now; returns the bytes freed."""
    freed = 0
    for path in folder.glob(f".*{UNFINISHED}"):
        with contextlib.suppress(OSError):  # another user's
            freed += _remove_unheld(path)
    for blocks in folder.glob(f".*{blocks_file(Path(UNFINISHED)).name}"):
        if not blocks.with_suffix("").exists():
            with contextlib.suppress(OSError):
                blocks.unlink()
    return freed


def _remove_unheld(path: Path) -> int:
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        size = size_of(path)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        return size
    except BlockingIOError:
        return 0  # it is being written
    finally:
        os.close(handle)


def size_of(path: Path) -> int:
    """Bytes of a file, or of the files in a folder."""
    files = path.iterdir() if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)
