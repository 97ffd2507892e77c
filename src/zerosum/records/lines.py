"""Files of JSON lines: logs that are only ever appended to, a whole line at a time.

Each line carries a checksum as its last field, so that a damaged byte is told from a number. What a
full disk or a crash left of an unfinished last line is no line: readers leave it out, and the next
line is not glued to it.
"""

import fcntl
import json
import math
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any
from zlib import crc32

from zerosum.errors import ZerosumError
from zerosum.files import write_atomically, writing
from zerosum.reading import reason, require_regular

CHECKSUM = "crc32"
"""The last field of a line: CRC-32, in hexadecimal, of the line as it was without this field."""
_WITH_CHECKSUM = re.compile(rb'(.+), "' + CHECKSUM.encode() + rb'": "([0-9a-f]{8})"\}')
_BLOCK = 1 << 16


def read_lines(path: Path, demanded: Mapping[str, type] | None = None) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines, oldest first; none where there is no file.

    A last line that was cut short is left out. `demanded` are fields that each must have, with
    their types; lines without a checksum (an older version's, or a person's) are read as well.
    Raises ZerosumError that names the line where one is not as it was written.
    """
    try:
        require_regular(path)
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ZerosumError(
            f"{path} cannot be read: {reason(error)}", "make it readable for you"
        ) from error
    *pieces, rest = content.split(b"\n")
    if not _is_torn(rest):
        pieces.append(rest)
    lines = []
    for number, piece in enumerate(pieces, start=1):
        if piece.strip():
            line, problem = _read(piece, demanded or {})
            if problem:
                raise ZerosumError(
                    f"{path} is damaged: line {number} {problem}",
                    f"delete that line (sed -i {number}d FILE) and give the command again: the "
                    "other lines are whole",
                )
            lines.append(line)
    return lines


def append_line(path: Path, line: Mapping[str, Any], *, synced: bool = True) -> None:
    """Add an object to a file of JSON lines: the whole line, or nothing where there is no room.

    An unfinished last line is cut off first. Numbers that are not finite become null: JSON has
    none. With `synced` the line survives a power cut from here on.
    """
    content = _encoded(line)
    with writing(path), path.open("a+b", buffering=0) as file:
        with suppress(OSError):  # some network file systems know no locks
            fcntl.flock(file, fcntl.LOCK_EX)
        end = _finish_last_line(file)
        try:
            _write(file, content)
        except BaseException:
            file.truncate(end)
            raise
        if synced:
            os.fsync(file.fileno())


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Replace a file of JSON lines by these, in one go."""
    write_atomically(path, b"".join(map(_encoded, lines)))


def _encoded(line: Mapping[str, Any]) -> bytes:
    content = finite(dict(line))
    return _in_json(content | {CHECKSUM: f"{crc32(_in_json(content)):08x}"}) + b"\n"


def _in_json(content: dict[str, Any]) -> bytes:
    try:
        return json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        # A name that is not UTF-8 on the disk: escaped, it comes back as it is there.
        return json.dumps(content).encode()


def finite(content: Any) -> Any:
    """The same with None for each number that is not finite."""
    if isinstance(content, float):
        return content if math.isfinite(content) else None
    if isinstance(content, Mapping):
        return {name: finite(each) for name, each in content.items()}
    if isinstance(content, list | tuple):
        return [finite(each) for each in content]
    return content


def _read(piece: bytes, demanded: Mapping[str, type]) -> tuple[dict[str, Any], str]:
    """One line and what is wrong with it, or ""."""
    checked = _WITH_CHECKSUM.fullmatch(piece.strip())
    if checked and crc32(checked[1] + b"}") != int(checked[2], 16):
        return {}, "is not what was written"
    try:
        line = json.loads(piece.decode())
    except ValueError:
        return {}, "is no JSON"
    if not isinstance(line, dict):
        return {}, "is no object"
    line.pop(CHECKSUM, None)
    for name, kind in demanded.items():
        if not isinstance(line.get(name), kind):
            return {}, f"has no {name}" if name not in line else f"has another kind of {name}"
    return line, ""


def _is_torn(rest: bytes) -> bool:
    """Whether what stands after the last line break is the beginning of a line that was cut short.

    The beginning of an object is never an object: where one stands, only its line break is missing.
    """
    try:
        json.JSONDecoder().raw_decode(rest.decode(errors="replace"))
    except ValueError:
        return True
    return False


def _finish_last_line(file: FileIO) -> int:
    """Cut off a last line that was cut short, or end one that lacks nothing but its line break.

    Returns the size of the file then, in bytes.
    """
    end = start = file.seek(0, os.SEEK_END)
    rest = b""
    while start > 0 and b"\n" not in rest:
        size = min(_BLOCK, start)
        start = file.seek(start - size)
        rest = file.read(size) + rest
    rest = rest[rest.rfind(b"\n") + 1 :]
    if not rest:
        return end
    if _is_torn(rest):
        file.truncate(end - len(rest))
        return end - len(rest)
    _write(file, b"\n")
    return end + 1


def _write(file: FileIO, content: bytes) -> None:
    """All of it: one call writes what there is room for."""
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
