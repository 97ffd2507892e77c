"""A folder of image files, searched through all its depths."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISDIR

from zerosum.data.sources.aside import Aside, why_aside
from zerosum.data.sources.source import FORMATS, File, Source, suffix
from zerosum.errors import ZerosumError
from zerosum.reading import kind_of_special, read_regular, reason
from zerosum.records.run import made_here


@dataclass
class Found:
    """What lies below a folder: (name, bytes, time of change in ns) of each file, by its path
    relative to the folder, and what is not looked into."""

    files: list[tuple[str, int, int]] = field(default_factory=list)
    left_out: list[Aside] = field(default_factory=list)
    unreadable: list[Aside] = field(default_factory=list)


def open_folder(path: Path, name: str) -> Source:
    """The files below `path`; links to folders are followed, once each.

    Raises ZerosumError where the folder itself cannot be read.
    """
    found = _walk(path)
    files = sorted(found.files)
    names = [relative for relative, _, _ in files]
    digest = hashlib.sha256()
    for relative, size, changed in files:
        digest.update(f"{relative}\0{size}\0{changed}\n".encode(errors="surrogateescape"))
    for aside in found.unreadable:
        digest.update(f"{aside.name}\0\n".encode(errors="surrogateescape"))

    def read(wanted: Sequence[str]) -> Iterator[File]:
        for relative in wanted:
            yield read_file(path / relative, relative)

    return Source(
        name,
        f"folder {digest.hexdigest()}",
        lambda: names,
        read,
        left_out=lambda: found.left_out,
        unreadable=found.unreadable,
    )


def read_file(path: Path, name: str) -> File:
    """A file of a source, with the reason where it cannot be read."""
    try:
        return File(name, read_regular(path))
    except OSError as error:
        return File(name, b"", f"cannot be read: {reason(error)}")


def _walk(root: Path) -> Found:
    found = Found()
    seen: set[tuple[int, int]] = set()
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        try:
            here = (root / prefix).stat()
            if (here.st_dev, here.st_ino) in seen:
                continue
            seen.add((here.st_dev, here.st_ino))
            with os.scandir(root / prefix) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            if not prefix:
                raise ZerosumError(
                    f"the folder {root} cannot be read: {reason(error)}",
                    "make it readable for you, or give another folder",
                ) from error
            found.unreadable.append(Aside(prefix, reason(error)))
            continue
        if prefix and (what := made_here({entry.name for entry in entries})):
            found.left_out.append(Aside(prefix, what))
            continue
        folders = [name for entry in entries if (name := _sort(entry, prefix, found))]
        waiting += reversed(folders)
    return found


def _sort(entry: os.DirEntry[str], prefix: str, found: Found) -> str:
    """Put an entry of a folder where it belongs; the name of a folder to look into, with "/"."""
    name = prefix + entry.name
    facts = _facts(entry)
    is_folder = S_ISDIR(facts.st_mode) if facts else entry.is_dir(follow_symlinks=False)
    if why := why_aside(entry.name):
        found.left_out.append(Aside(f"{name}/" if is_folder else name, why))
    elif is_folder:
        return f"{name}/"
    elif facts and (kind := kind_of_special(facts.st_mode)) and suffix(name) not in FORMATS:
        found.left_out.append(Aside(name, kind))
    else:
        size, changed = (facts.st_size, facts.st_mtime_ns) if facts else (0, 0)
        found.files.append((name, size, changed))
    return ""


def _facts(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Those of what a link leads to, of the link where that is nothing; None where nobody may
    know."""
    for follow in (True, False):
        try:
            return entry.stat(follow_symlinks=follow)
        except OSError:
            continue
    return None
