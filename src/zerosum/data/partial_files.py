"""Files of the cache while they are being written: each is held by its writer, so that what a
killed one has left is told from them."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

ENDING = ".partial"
LOCK = ".lock"


@contextlib.contextmanager
def held_file(place: Path) -> Iterator[Path]:
    """The path of an empty file beside `place` to fill, and to rename into place; else it goes."""
    path = place.with_name(f".{place.name}.{os.getpid()}{ENDING}")
    handle = _created(path)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def _created(path: Path) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
        with contextlib.suppress(OSError):  # some network file systems know no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        # Somebody who tidies up may have found it between the two.
        if path.exists() and os.path.samestat(path.stat(), os.fstat(handle)):
            return handle
        os.close(handle)


def remove_abandoned(folder: Path) -> int:
    """Remove the files that nobody holds any more, and the locks; returns the bytes freed."""
    freed = 0
    for path in folder.glob(f".*{ENDING}"):
        with contextlib.suppress(OSError), path.open("rb") as file:  # or held, or another user's
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
            freed += os.fstat(file.fileno()).st_size
    for path in folder.glob(f".*{LOCK}"):
        with contextlib.suppress(OSError, Timeout), FileLock(path, timeout=0):
            path.unlink()
    return freed
