"""Whether bytes on disk are still those that were written.

A disk, a copy over a network or an editor changes a byte now and then, and a number with another
digit looks as good as the right one. So what zerosum writes for itself says what it should be:
weights, JSON and recipes by SHA-256, lines and caches, which are many or large, by CRC-32.
"""

import hashlib
import json
import os
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

EMPTY = "it is empty, as a crash or a full disk leaves a file"
CHECKSUM = "checksum"
"""The entry of a JSON object that holds the checksum of the others."""
LAST_COMMENT = re.compile(rb"(?s)(.*\n)# checksum: ([0-9a-f]{64})\n")
AT_ONCE = 2**22
"""Bytes that are read at a time."""

_found: dict[tuple[str, int, int, int], int] = {}


class DamagedError(ValueError):
    """Content is not what was written; the message says how that is known."""


class UnreadableError(DamagedError):
    """Content is of another kind than what was written."""


def crc32(path: Path, length: int | None = None) -> int:
    """CRC-32 of a file's first `length` bytes, or of all; read once a process while the file stays
    the same."""
    with path.open("rb") as file:
        facts = os.fstat(file.fileno())
        left = facts.st_size if length is None else length
        key = (os.fspath(path), facts.st_ino, facts.st_mtime_ns, left)
        if key not in _found:
            found = 0
            while left > 0 and (part := file.read(min(left, AT_ONCE))):
                found = zlib.crc32(part, found)
                left -= len(part)
            _found[key] = found
    return _found[key]


def checked_object(content: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON object with the checksum of its entries as one more."""
    # As it comes back: with lists for tuples, and texts for the names of its entries.
    plain = json.loads(json.dumps(content))
    return {**plain, CHECKSUM: _of_object(plain)}


def read_object(text: str | bytes, *, demanded: bool = False) -> dict[str, Any]:
    """The object in a JSON text, without its checksum.

    Raises DamagedError where there is none, or where it is not what its checksum says. One without
    a checksum, which an older version or a person wrote, is read as it is unless `demanded`.
    """
    if not text.strip():
        raise UnreadableError(EMPTY)
    try:
        content = json.loads(text)
    except ValueError as error:
        raise UnreadableError(str(error)) from error
    if not isinstance(content, dict):
        raise UnreadableError("it holds no JSON object")
    written = content.pop(CHECKSUM, None)
    if written is None and demanded:
        raise UnreadableError("it has no checksum")
    if written is not None and written != _of_object(content):
        raise DamagedError("it is not what was written")
    return content


def _of_object(content: Mapping[str, Any]) -> str:
    """SHA-256 of a JSON object, whatever the order of its entries."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def checked_toml(text: str) -> str:
    """A TOML text that ends in a comment with the SHA-256 of all before it."""
    return f"{text}# checksum: {hashlib.sha256(text.encode()).hexdigest()}\n"


def require_same_toml(content: bytes) -> None:
    """Raise DamagedError where a TOML file is empty, or ends in a checksum that is not its own."""
    if not content.strip():
        raise DamagedError(EMPTY)
    found = LAST_COMMENT.fullmatch(content)
    if found and hashlib.sha256(found[1]).hexdigest() != found[2].decode():
        raise DamagedError("it is not what was written")


def with_checksum(name: str, sha256: str) -> str:
    """A file by its name and the beginning of its checksum: "my_parts.py (sha256 0123456789ab)"."""
    return f"{name} (sha256 {sha256[:12]})"
