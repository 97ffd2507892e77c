"""The lock of a folder: one process trains in a run, or runs a study, at a time."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from zerosum.errors import ZerosumError
from zerosum.files import writing


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold a folder for this process alone; the lock goes when the process does.

    Raises ZerosumError at once when another process holds it.
    """
    from filelock import FileLock, Timeout

    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
        holder = FileLock(path / ".lock", timeout=0)
    try:
        with holder:
            yield
    except Timeout as error:
        raise ZerosumError(
            f"another process is training in {path}",
            "wait for it or stop it (Ctrl-C in its terminal saves first), or choose another --out",
        ) from error


def held(path: Path) -> bool:
    """Whether a process holds that folder; False where there is none."""
    from filelock import FileLock, Timeout

    file = path / ".lock"
    if not file.exists():
        return False
    try:
        with FileLock(file, timeout=0):
            return False
    except (Timeout, OSError):
        return True
