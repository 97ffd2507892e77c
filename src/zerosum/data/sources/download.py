"""Downloads, checked before they are put in place."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from zerosum.errors import ZerosumError


def download(urls: Sequence[str], target: Path, md5: str) -> None:
    """Get a file from the first of `urls` that has it with the right checksum, unless it is there.

    Raises ZerosumError, with what to put where, when none has.
    """
    if target.is_file():
        return
    from torchvision.datasets.utils import download_url

    problem = ""
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place: a download that is cut short must not be taken for the file.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".download-") as beside:
        for url in urls:
            try:
                download_url(url, beside, target.name, md5)
            except (OSError, RuntimeError) as error:
                problem = str(error)
            else:
                (Path(beside) / target.name).replace(target)
                return
    raise ZerosumError(
        f"cannot download {target.name} ({problem})",
        f"check the connection, or get {urls[0]} yourself and put it at {target}",
    )
