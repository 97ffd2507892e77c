"""Downloads of named sets."""

from collections.abc import Sequence
from pathlib import Path

from zerosum.download import Checksum, fetch
from zerosum.errors import ZerosumError


def download(urls: Sequence[str], target: Path, md5: str) -> None:
    """Get a file from the first of `urls` that has it with the right checksum, unless it is there.

    Raises ZerosumError, with what to put where, when none has.
    """
    try:
        fetch(urls, target, Checksum("md5", md5))
    except OSError as error:
        raise ZerosumError(
            f"cannot download {target.name} ({error})",
            f"check the connection, or get {urls[0]} yourself and put it at {target}; a training "
            "or study also takes a folder of these images in place of the name: --data FOLDER",
        ) from error
