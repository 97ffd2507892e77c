"""Where the cache lies, and what to say where it cannot be used."""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from zerosum.errors import ZerosumError

CACHE_VARIABLE = "ZEROSUM_CACHE"
CACHE_OPTION = "--cache-root"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def cache_folder(cache: Path | None = None) -> Path:
    """`cache` where it is given, else what $ZEROSUM_CACHE names, else the user's cache folder."""
    chosen = cache or os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_path("zerosum")
    return Path(chosen)


def features_folder(cache: Path | None = None) -> Path:
    """Where the features of images are kept: beside their packs."""
    return cache_folder(cache) / "features"


@contextlib.contextmanager
def telling_cache_errors(doing: str, folder: Path) -> Iterator[None]:
    """Turn the system's errors with a folder of the cache into a ZerosumError.

    `doing` is what was tried, such as "write the image cache". The error names the folder and what
    moves it; only where the disk is full it speaks of space.
    """
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        room = "free some space with `zerosum data clean`, or " if error.errno in FULL else ""
        raise ZerosumError(
            f"cannot {doing} {folder}: {reason}",
            f"{room}choose another folder for the cache: {CACHE_OPTION} FOLDER, or the environment "
            f"variable {CACHE_VARIABLE}=FOLDER",
        ) from error


def require_room(what: str, folder: Path, size: int) -> None:
    """Raise ZerosumError where `what`, of `size` bytes, does not fit on the disk of `folder`."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise ZerosumError(
            f"{what} need {size / 1e9:.1f} GB, {folder} has {free / 1e9:.1f} GB left",
            f"empty it with `zerosum data clean`, or choose a folder with room: {CACHE_OPTION} "
            f"FOLDER, or the environment variable {CACHE_VARIABLE}=FOLDER",
        )
