"""Files that a user names: found, and read without waiting for ever or filling the memory."""

import errno
import os
import stat
import zipfile
from pathlib import Path

from zerosum.errors import ZerosumError

LARGEST_FILE = 512 * 2**20
"""Bytes. A larger "image" would break the promise of constant memory."""
LARGEST_TEXT = 16 * 2**20
"""Bytes, of a recipe or a study."""


def user_path(text: str | Path) -> Path:
    """The path that a user means: `~` is the home folder, unless a file is called like that."""
    path = Path(text)
    if not str(text).startswith("~") or os.path.lexists(path):
        return path
    try:
        return path.expanduser()
    except RuntimeError:  # ~somebody, whom this machine does not know
        return path


def require_utf8(path: str, why: str, remedy: str) -> None:
    """Raise ZerosumError where a path has bytes that are no UTF-8 and something needs it to be."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ZerosumError(f"the path {path} is no UTF-8, {why}", remedy) from error


def read_regular(path: Path, most: int = LARGEST_FILE) -> bytes:
    """The content of a regular file; links are followed.

    Raises OSError, with a reason for people in its `strerror`, for what cannot be read, for pipes,
    devices and sockets (which are not opened: reading them may wait, or never end), and for more
    than `most` bytes.
    """
    _require_regular(path.stat().st_mode, path)
    # Should a pipe take the file's place at this moment, opening it does not wait either.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        facts = os.fstat(file.fileno())
        _require_regular(facts.st_mode, path)
        content = b"" if facts.st_size > most else file.read(facts.st_size + 1)
        if len(content) > facts.st_size:  # it grows, or tells no size, as files in /proc
            content += file.read(most + 1 - len(content))
    if max(facts.st_size, len(content)) > most:
        raise OSError(0, f"larger than {most // 2**20} MiB", str(path))
    return content


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, as `read_regular` reads it, of up to `LARGEST_TEXT` bytes.

    Raises UnicodeDecodeError where it is none.
    """
    return read_regular(path, LARGEST_TEXT).decode("utf-8")


def require_regular(path: Path) -> None:
    """Raise OSError, as `read_regular` does, where a path is no regular file, or may not be read:
    for libraries that open files themselves."""
    _require_regular(path.stat().st_mode, path)
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))


def _require_regular(mode: int, path: Path) -> None:
    if kind := kind_of_special(mode):
        number = errno.EISDIR if stat.S_ISDIR(mode) else 0
        raise OSError(number, f"it is {kind}, no regular file", str(path))


def kind_of_special(mode: int) -> str:
    """What a file is by its `st_mode`, in words; "" for a regular file."""
    kinds = {
        "a folder": stat.S_ISDIR,
        "a named pipe": stat.S_ISFIFO,
        "a device": lambda mode: stat.S_ISCHR(mode) or stat.S_ISBLK(mode),
        "a socket": stat.S_ISSOCK,
    }
    return next((kind for kind, is_kind in kinds.items() if is_kind(mode)), "")


def is_zip(path: Path) -> bool:
    """Whether a file is a zip, damaged or not, by its content. Raises OSError where it cannot be
    read."""
    try:
        return zipfile.is_zipfile(path)
    except zipfile.BadZipFile:
        return True  # its end is found, and damaged


def reason(error: OSError) -> str:
    """Why something could not be read, in small letters: "permission denied"."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]
