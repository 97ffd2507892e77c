"""A checkpoint on disk: what its files should be, and whether they still are."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from zerosum.checksums import DamagedError, UnreadableError, read_object
from zerosum.errors import ZerosumError
from zerosum.files import checksum, write_json
from zerosum.reading import read_regular, reason, require_regular

STATE_FILE = "state.json"
ANOTHER = "choose another with --checkpoint; the folder RUN/checkpoints lists them"


def write_state(folder: Path, facts: Mapping[str, Any], files: Iterable[str]) -> None:
    """Write a checkpoint's state.json: facts of it, and the checksum of each of its files."""
    checksums = {name: checksum(folder / name) for name in files}
    write_json(folder / STATE_FILE, {**facts, "checksums": checksums})


def read_state(folder: Path) -> dict[str, Any]:
    """The facts of a checkpoint, and under "checksums" the SHA-256 of each of its files.

    Raises ZerosumError where they are missing or no longer what was saved.
    """
    try:
        return _state(folder)
    except DamagedError as error:
        raise ZerosumError(f"{folder / STATE_FILE} is damaged: {error}", ANOTHER) from error


def _state(folder: Path) -> dict[str, Any]:
    try:
        content = read_regular(folder / STATE_FILE)
    except OSError as error:
        raise UnreadableError(reason(error)) from error
    state = read_object(content, demanded=True)
    if not isinstance(state.get("checksums"), dict):
        raise UnreadableError("it has no checksums")
    return state


def read_saved(folder: Path, name: str) -> bytes:
    """The content of a file of a checkpoint.

    Raises ZerosumError where it is missing or no longer what was saved.
    """
    expected = read_state(folder)["checksums"].get(name)
    try:
        require_regular(folder / name)
        content = (folder / name).read_bytes()
    except FileNotFoundError as error:
        raise ZerosumError(f"{folder / name} is missing", ANOTHER) from error
    except OSError as error:
        what = f"{folder / name} cannot be read: {reason(error)}"
        raise ZerosumError(what, ANOTHER) from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise ZerosumError(f"{folder / name} is damaged: it is not what was saved", ANOTHER)
    return content


def damage(folder: Path) -> str | None:
    """What is wrong with a checkpoint, or None when it is whole."""
    try:
        state = _state(folder)
    except UnreadableError:
        return f"{STATE_FILE} cannot be read"
    except DamagedError:
        return f"{STATE_FILE} is not what was saved"
    for name, expected in state["checksums"].items():
        if not (folder / name).is_file():
            return f"{name} is missing"
        if checksum(folder / name) != expected:
            return f"{name} is not what was saved"
    return None
