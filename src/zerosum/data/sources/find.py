"""From what the user wrote to a source."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import platformdirs

from zerosum.data.sources.archive import is_archive, open_archive
from zerosum.data.sources.cifar import with_cifar
from zerosum.data.sources.folder import open_folder
from zerosum.data.sources.idx_files import is_idx_name, open_idx_file, with_idx
from zerosum.data.sources.lmdb import DATABASE, open_lmdb
from zerosum.data.sources.named import NAMES, OWN_SETS
from zerosum.data.sources.parquet import open_parquet
from zerosum.data.sources.source import FORMATS, Source, suffix
from zerosum.data.sources.stylegan import with_classes
from zerosum.errors import ZerosumError
from zerosum.files import shortened
from zerosum.parts import found_in
from zerosum.reading import kind_of_special, reason, user_path
from zerosum.records.run import made_here
from zerosum.suggest import did_you_mean

NO_OWN: Mapping[str, str] = MappingProxyType({})


def find_source(
    text: str, data_root: Path | None = None, own: Mapping[str, str] = NO_OWN
) -> Source:
    """The source that `text` means: a name of `NAMES` or of the user's own image sets, a path, or a
    path inside an archive. `own`: by name the digest of the file that an image set is from.

    A name wins over a folder of the same name, which is reached as ./NAME. Raises ZerosumError
    when there is nothing, with the nearest name, and when what is there cannot be read.
    """
    names = [*NAMES, *own]
    if not text:
        raise ZerosumError("no images were named", _choices(names))
    try:
        if text in own:
            return found_in(OWN_SETS, "image set", text, own[text])()
        if text in NAMES:
            return NAMES[text](data_root or platformdirs.user_data_path("zerosum"))
        return _open_path(text, names)
    except OSError as error:
        raise ZerosumError(
            f"{error.filename or text} cannot be read: {reason(error)}",
            "make it readable for you, or give another path",
        ) from error


def _open_path(text: str, names: Sequence[str]) -> Source:
    path = user_path(text)
    name = _short_name(path)
    if path.is_dir():
        return _open_directory(path, name)
    for outer in (path, *path.parents):
        if outer.is_file():
            return _open_file(outer, name, path.relative_to(outer).as_posix())
    if path.exists():
        raise ZerosumError(
            f"{path} is {kind_of_special(path.stat().st_mode)}, neither a file nor a folder",
            _choices(names),
        )
    raise ZerosumError(
        f"there is nothing at {text}, and no data of that name", _nearest(text, names)
    )


def _open_directory(path: Path, name: str) -> Source:
    if (path / DATABASE).is_file():
        return open_lmdb(path, name)
    if made := made_here({entry.name for entry in path.iterdir()}):
        raise ZerosumError(
            f"{path} is {made}, no images to train on",
            "to use a run's pictures make some with `zerosum sample`, and give their folder or zip",
        )
    source = open_folder(path, name)
    endings = {suffix(file) for file in source.names()}
    if ".parquet" in endings and not endings & FORMATS.keys():
        tables = [file for file in source.names() if suffix(file) == ".parquet"]
        table = open_parquet([path / file for file in tables], name, source.signature)
        return replace(table, left_out=source.left_out, unreadable=source.unreadable)
    if not endings & FORMATS.keys() and (archive := _only_archive(path, source)):
        return _open_file(archive, name, ".")
    return _as_images(source)


def _only_archive(path: Path, source: Source) -> Path | None:
    """The archive in a folder that has nothing else; None where there is other than one."""
    names = source.names()
    file = path / names[0] if len(names) == 1 else None
    return file if file and not is_idx_name(file.name) and is_archive(file) else None


def _as_images(source: Source) -> Source:
    """The images of a folder or archive: its files, or, where none is an image by its ending, what
    is in its idx files or in the batches of CIFAR-10."""
    if not {suffix(file) for file in source.names()} & FORMATS.keys():
        for packed in (with_idx, with_cifar):
            if found := packed(source):
                return found
    return with_classes(source)


def _open_file(path: Path, name: str, inside: str) -> Source:
    if is_idx_name(path.name):
        return open_idx_file(path)
    if path.suffix == ".parquet":
        facts = path.stat()
        return open_parquet([path], name, f"{facts.st_size} {facts.st_mtime_ns}")
    if not is_archive(path):
        raise ZerosumError(f"{path} is neither a folder nor a zip or tar", _choices(NAMES))
    return _as_images(open_archive(path, name, "" if inside == "." else inside))


def _short_name(path: Path) -> str:
    """`faces.zip/train` → "faces-train": what folders and tables call a path."""
    path = path.absolute()
    parts = [path.name]
    for outer in path.parents:
        if outer.is_file():
            parts = [outer.name, *path.relative_to(outer).parts]
            break
    stems = [re.sub(r"\.(zip|tar|tgz|tar\.\w+|tbz2|txz)$", "", part.lower()) for part in parts]
    return shortened(re.sub(r"[^\w]+", "-", "-".join(stems)).strip("-") or "images")


def _nearest(text: str, names: Sequence[str]) -> str:
    """What the user may have meant: a name, or a neighbour of the missing path."""
    path = user_path(text)
    siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    if near := did_you_mean(text, names):
        return f"{near} {_choices(names)}"
    if near := did_you_mean(path.name, siblings):
        return near if path.parent == Path() else f"in {path.parent}: {near}"
    return _choices(names)


def _choices(names: Iterable[str]) -> str:
    return f"give a folder, a zip or tar of images, or one of: {', '.join(names)}"
