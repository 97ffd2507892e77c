"""A zip or tar archive of images, or a folder inside one."""

import contextlib
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from lzma import LZMAError
from pathlib import Path

from zerosum.data.sources.folder import LARGEST_FILE
from zerosum.data.sources.source import File, Source, within
from zerosum.errors import ZerosumError


def is_archive(path: Path) -> bool:
    """Whether a file is a zip or a tar, compressed or not, by its content."""
    return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)


def open_archive(path: Path, name: str, folder: str = "") -> Source:
    """The files of a zip or tar archive, below `folder` in it."""
    facts = path.stat()
    signature = f"archive {facts.st_size} {facts.st_mtime_ns} {folder}"
    list_files, read_files = (
        (_zip_names, _read_zip) if zipfile.is_zipfile(path) else (_tar_names, _read_tar)
    )

    def names() -> list[str]:
        with _telling_damage(path):
            return within(list(dict.fromkeys(list_files(path))), folder)

    def read(wanted: Sequence[str]) -> Iterator[File]:
        with _telling_damage(path):
            yield from read_files(path, f"{folder}/" if folder else "", wanted)

    return Source(name, signature, names, read)


def _zip_names(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        yield from (entry.filename for entry in archive.infolist() if not entry.is_dir())


def _read_zip(path: Path, prefix: str, wanted: Sequence[str]) -> Iterator[File]:
    with zipfile.ZipFile(path) as archive:
        for name in wanted:
            if archive.getinfo(prefix + name).file_size > LARGEST_FILE:
                yield File(name, b"", "larger than 512 MiB")
                continue
            try:
                content = archive.read(prefix + name)
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
