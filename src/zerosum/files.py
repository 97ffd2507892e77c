"""Writes that a crash cannot tear, and the sentence for a write that failed.

Readers need no lock: a file that matters is only ever replaced whole, by rename.
"""

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zerosum.checksums import checked_object
from zerosum.errors import UsageError, ZerosumError

LONGEST_NAME = 100
"""Bytes of a name that is made of others: file systems allow 255, and endings are added."""


def disk_error(error: OSError, path: Path) -> ZerosumError:
    """The sentence for a write that failed."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return ZerosumError(
            f"no space left to write {path}",
            "free some space (`zerosum data clean` empties the image cache), then give the same "
            "command again: a training goes on from the last checkpoint",
        )
    if error.errno == errno.ENAMETOOLONG:
        return ZerosumError(f"cannot write {path}: its name is too long", "choose a shorter --out")
    if isinstance(error, FileExistsError | NotADirectoryError):
        return ZerosumError(
            f"cannot write {path}: a file is where a folder should be",
            "choose another --out, or move that file away",
        )
    return ZerosumError(
        f"cannot write {path}: {error.strerror or error}",
        "choose another folder, or make that one writable for you",
    )


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an operating system's error while writing `path` into a sentence."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, path) from error


def sync(path: Path) -> None:
    """Make the content of a file that another library wrote, or renames inside a folder, survive a
    power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def shortened(name: str, most: int = LONGEST_NAME) -> str:
    """A name of at most `most` bytes (in UTF-8). What is cut off leaves eight digits of a digest,
    so that two long names stay two."""
    content = name.encode("utf-8", "surrogateescape")
    if len(content) <= most:
        return name
    digest = hashlib.sha256(content).hexdigest()[:8]
    return content[: most - 9].decode("utf-8", "ignore") + f"-{digest}"


def require_suffix(path: Path, allowed: tuple[str, ...]) -> str:
    """The suffix of `path` in lower case; UsageError unless it is one of those allowed."""
    suffix = path.suffix.lower()
    if suffix not in allowed:
        given = f"ends in {path.suffix}" if path.suffix else "has no ending"
        raise UsageError(
            f"cannot tell what to write: {path} {given}",
            f"give --out a name that ends in {' or '.join(allowed)}",
        )
    return suffix


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside its place, sync it, and rename it into place.

    A reader sees the old content or the new, never a part; a crash leaves the old one.
    """
    beside = path.with_name(f".{shortened(path.name)}.{os.getpid()}.partial")
    with writing(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
            sync(path.parent)
        finally:
            beside.unlink(missing_ok=True)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """`write_atomically` for a JSON object with its checksum, indented for people."""
    write_atomically(path, (json.dumps(checked_object(content), indent=2) + "\n").encode())


def checksum(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
