"""Downloads of named sets."""

from collections.abc import Sequence
from pathlib import Path

from zerosum.download import Checksum, fetch
from zerosum.errors import ZerosumError


def download(urls: Sequence[str], target: Path, md5: str, *, beside: Sequence[str] = ()) -> None:
    """Get a file from the first of `urls` that has it with the right checksum, unless it is there.

    Raises ZerosumError, with what to put where, when none has. `beside` are the names of all files
    of the set, which lie beside each other there and here; none: it is this one alone.
    """
    try:
        fetch(urls, target, Checksum("md5", md5))
    except OSError as error:
        what, place = urls[0], f"at {target}"
        if beside:
            names = f"{', '.join(beside[:-1])} and {beside[-1]}"
            what, place = f"{names} from {urls[0].rpartition('/')[0]}/", f"into {target.parent}"
        raise ZerosumError(
            f"cannot download {target.name} ({error})",
            f"check the connection; or put {what} {place} yourself; or train on a folder of "
            "these images: --data FOLDER",
        ) from error
