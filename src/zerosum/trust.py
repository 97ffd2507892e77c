"""Which texts of Python may be run here: those that this user has named on this machine.

A run that somebody else made brings code along, and so does a model; looking at pictures must not
run what nobody has read.
"""

import contextlib
import hashlib
from pathlib import Path

import platformdirs

from zerosum.errors import ZerosumError
from zerosum.reading import reason


class UntrustedError(ZerosumError):
    """A text that this user has never named on this machine."""


_TRUSTED: set[str] = set()
"""Digests of what this process may run, also where nothing can be kept on this machine."""


def digest_of(text: str) -> str:
    """The SHA-256 of a file's text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def trust(text: str) -> None:
    """Note that a text may be run by this process and, where that can be kept, on this machine, for
    this user."""
    _TRUSTED.add(digest_of(text))
    with contextlib.suppress(ZerosumError):  # elsewhere it is named again
        keep_trust(text)


def keep_trust(text: str) -> None:
    """Note for good that a text may be run on this machine, for this user.

    Raises ZerosumError where that cannot be kept.
    """
    note = _trusted(digest_of(text))
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.touch()
    except OSError as error:
        raise ZerosumError(
            f"cannot note in {note.parent} what may be run here: {reason(error)}",
            "make it a folder that you can write, or have XDG_STATE_HOME name another one",
        ) from error


def is_trusted(text: str) -> bool:
    """Whether this user has named a file of this text on this machine, or this process."""
    digest = digest_of(text)
    return digest in _TRUSTED or _trusted(digest).is_file()


def _trusted(digest: str) -> Path:
    return platformdirs.user_state_path("zerosum") / "trusted-parts" / digest
