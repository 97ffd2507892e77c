"""A zip or tar archive of images, or a folder inside one."""

import contextlib
import functools
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from lzma import LZMAError
from pathlib import Path

from zerosum.data.sources.aside import Aside, sort_out
from zerosum.data.sources.source import File, Source, within
from zerosum.errors import ZerosumError
from zerosum.reading import LARGEST_FILE, is_zip

UNIX = 3
"""What a zip's entry says of the system that wrote it (PKWARE's APPNOTE, 4.4.2)."""


def is_archive(path: Path) -> bool:
    """Whether a file is a zip or a tar, compressed or not, by its content. Raises OSError where it
    cannot be read."""
    try:
        return is_zip(path) or tarfile.is_tarfile(path)
    except EOFError:  # tarfile lets this pass where a compressed file ends in its head
        return True


def open_archive(path: Path, name: str, folder: str = "") -> Source:
    """The files of a zip or tar archive, below `folder` in it."""
    facts = path.stat()
    signature = f"archive {facts.st_size} {facts.st_mtime_ns} {folder}"
    list_files, read_files = (_zip_names, _read_zip) if is_zip(path) else (_tar_names, _read_tar)

    @functools.cache  # a tar is unpacked from end to end to know its names
    def listed() -> tuple[list[str], list[Aside]]:
        with _telling_damage(path):
            return sort_out(within(list(dict.fromkeys(list_files(path))), folder))

    def read(wanted: Sequence[str]) -> Iterator[File]:
        with _telling_damage(path):
            yield from read_files(path, f"{folder}/" if folder else "", wanted)

    return Source(name, signature, lambda: listed()[0], read, left_out=lambda: listed()[1])


def _zip_names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return list(_zip_entries(archive))


def _zip_entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files of a zip by their names, with "/" between folders.

    The standard wants that, but some programs on Windows write backslashes. Elsewhere a backslash
    may belong to a name, so one is only taken for a separator where the entry says that it is from
    another system, or no entry has the right one (Go's programs say Unix wherever they run).
    """
    entries = archive.infolist()
    wrong = not any("/" in entry.filename for entry in entries)

    def name(entry: zipfile.ZipInfo) -> str:
        if wrong or entry.create_system != UNIX:
            return entry.filename.replace("\\", "/")
        return entry.filename

    named = {name(entry): entry for entry in entries}
    return {name: entry for name, entry in named.items() if not name.endswith("/")}


def _read_zip(path: Path, prefix: str, wanted: Sequence[str]) -> Iterator[File]:
    with zipfile.ZipFile(path) as archive:
        entries = _zip_entries(archive)
        for name in wanted:
            entry = entries[prefix + name]
            if entry.file_size > LARGEST_FILE:
                yield File(name, b"", "larger than 512 MiB")
                continue
            try:
                content = archive.read(entry)
            except (zipfile.BadZipFile, zlib.error, LZMAError, EOFError) as error:
                yield File(name, b"", f"damaged inside the archive: {error}")
            except (RuntimeError, NotImplementedError) as error:  # a password, an odd compression
                yield File(name, b"", f"cannot be unpacked: {error}")
            else:
                yield File(name, content)


def _tar_names(path: Path) -> Iterator[str]:
    return (entry.name.removeprefix("./") for _, entry in _tar_entries(path))


def _read_tar(path: Path, prefix: str, wanted: Sequence[str]) -> Iterator[File]:
    missing = {prefix + name for name in wanted}
    for archive, entry in _tar_entries(path):
        name = entry.name.removeprefix("./")
        if name not in missing:
            continue
        missing.discard(name)
        relative = name.removeprefix(prefix)
        if entry.size > LARGEST_FILE:
            yield File(relative, b"", "larger than 512 MiB")
        elif (stream := archive.extractfile(entry)) is not None:
            yield File(relative, stream.read())


def _tar_entries(path: Path) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    """The regular files of a tar in their order, without keeping a list of them in memory."""
    with tarfile.open(path) as archive:
        while (entry := archive.next()) is not None:
            if entry.isreg():
                yield archive, entry
            # tarfile remembers every entry; hundreds of thousands would fill the memory.
            archive.members = []  # type: ignore[attr-defined]


@contextlib.contextmanager
def _telling_damage(path: Path) -> Iterator[None]:
    try:
        yield
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        zlib.error,
        LZMAError,
        EOFError,
        OSError,
    ) as error:
        raise ZerosumError(
            f"the archive {path} is damaged or cannot be read ({error})",
            "copy or download it again",
        ) from error
