"""Files of the cache while they are being written: each is held by its writer, so that what a
killed one has left is told from them."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

ENDING = ".partial"
LOCK = ".lock"


@contextlib.contextmanager
def held_file(place: Path) -> Iterator[Path]:
    """The path of an empty file beside `place` to fill, and to rename into place; else it goes."""
    path = _beside(place)
    handle = _held(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


@contextlib.contextmanager
def held_folder(place: Path) -> Iterator[Path]:
    """The path of an empty folder beside `place` for files that nobody wants in the end."""
    path = _beside(place)
    handle = _held(path, os.O_RDONLY)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


def _beside(place: Path) -> Path:
    return place.with_name(f".{place.name}.{os.getpid()}{ENDING}")


def _held(path: Path, how: int) -> int:
    """A handle to what is made at `path`, a file or a folder, that holds it."""
    while True:
        if not how & os.O_CREAT:
            path.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, how, 0o666)
        with contextlib.suppress(OSError):  # some network file systems know no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        # Somebody who tidies up may have found it between the two.
        if path.exists() and os.path.samestat(path.stat(), os.fstat(handle)):
            return handle
        os.close(handle)


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
