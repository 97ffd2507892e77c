"""A folder of image files, searched through all its depths."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from zerosum.data.sources.source import File, Source

LARGEST_FILE = 512 * 2**20  # bytes; a larger "image" would break the promise of constant memory


def open_folder(path: Path, name: str) -> Source:
    """The files below `path`; links to folders are followed, once each."""
    found = sorted(_walk(path))
    names = [relative for relative, _, _ in found]
    digest = hashlib.sha256()
    for relative, size, changed in found:
        digest.update(f"{relative}\0{size}\0{changed}\n".encode(errors="surrogateescape"))

    def read(wanted: Sequence[str]) -> Iterator[File]:
        for relative in wanted:
            yield _read_file(path / relative, relative)

    return Source(name, f"folder {digest.hexdigest()}", lambda: names, read)


def _walk(root: Path) -> Iterator[tuple[str, int, int]]:
    """(name relative to `root`, bytes, time of change in ns) of each file."""
    seen: set[tuple[int, int]] = set()
    for folder, subfolders, files in os.walk(root, followlinks=True):
        here = Path(folder).stat()
        if (here.st_dev, here.st_ino) in seen:
            subfolders.clear()
            continue
        seen.add((here.st_dev, here.st_ino))
        prefix = Path(folder).relative_to(root).as_posix()
        for file in files:
            path = Path(folder, file)
            facts = path.stat() if path.exists() else path.lstat()  # a link may lead nowhere
            yield file if prefix == "." else f"{prefix}/{file}", facts.st_size, facts.st_mtime_ns


def _read_file(path: Path, name: str) -> File:
    try:
        if path.stat().st_size > LARGEST_FILE:
            return File(name, b"", "larger than 512 MiB")
        return File(name, path.read_bytes())
    except OSError as error:
        return File(name, b"", f"cannot be read: {(error.strerror or str(error)).lower()}")
