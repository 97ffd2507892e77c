"""From what the user wrote to a source."""

import re
from pathlib import Path

import platformdirs

from zerosum.data.sources.archive import is_archive, open_archive
from zerosum.data.sources.folder import open_folder
from zerosum.data.sources.lmdb import DATABASE, open_lmdb
from zerosum.data.sources.named import NAMES
from zerosum.data.sources.parquet import open_parquet
from zerosum.data.sources.source import FORMATS, Source, suffix
from zerosum.errors import ZerosumError
from zerosum.suggest import did_you_mean


def find_source(text: str, data_root: Path | None = None) -> Source:
    """The source that `text` means: a name of `NAMES`, a path, or a path inside an archive.

    A name wins over a folder of the same name, which is reached as ./NAME. Raises ZerosumError
    when there is nothing, with the nearest name.
    """
    if text in NAMES:
        return NAMES[text](data_root or platformdirs.user_data_path("zerosum"))
    if not text:
        raise ZerosumError("no images were named", _choices())
    path = Path(text).expanduser()
    name = _short_name(path)
    if path.is_dir():
        return _open_directory(path, name)
    for outer in (path, *path.parents):
        if outer.is_file():
            return _open_file(outer, name, path.relative_to(outer).as_posix())
    raise ZerosumError(f"there is nothing at {text}, and no data of that name", _nearest(text))


def _open_directory(path: Path, name: str) -> Source:
    if (path / DATABASE).is_file():
        return open_lmdb(path, name)
    source = open_folder(path, name)
    endings = {suffix(file) for file in source.names()}
    if ".parquet" in endings and not endings & FORMATS.keys():
        tables = [file for file in source.names() if suffix(file) == ".parquet"]
        return open_parquet([path / file for file in tables], name, source.signature)
    return source


def _open_file(path: Path, name: str, inside: str) -> Source:
    if path.suffix == ".parquet":
        facts = path.stat()
        return open_parquet([path], name, f"{facts.st_size} {facts.st_mtime_ns}")
    if not is_archive(path):
        raise ZerosumError(f"{path} is neither a folder nor a zip or tar", _choices())
    return open_archive(path, name, "" if inside == "." else inside)


def _short_name(path: Path) -> str:
    """`faces.zip/train` → "faces-train": what folders and tables call a path."""
    path = path.absolute()
    parts = [path.name]
    for outer in path.parents:
        if outer.is_file():
            parts = [outer.name, *path.relative_to(outer).parts]
            break
    stems = [re.sub(r"\.(zip|tar|tgz|tar\.\w+|tbz2|txz)$", "", part.lower()) for part in parts]
    return re.sub(r"[^\w]+", "-", "-".join(stems)).strip("-") or "images"


def _nearest(text: str) -> str:
    """What the user may have meant: a name, or a neighbour of the missing path."""
    path = Path(text).expanduser()
    siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    if near := did_you_mean(text, list(NAMES)):
        return f"{near} {_choices()}"
    if near := did_you_mean(path.name, siblings):
        return near if path.parent == Path() else f"in {path.parent}: {near}"
    return _choices()


def _choices() -> str:
    return f"give a folder, a zip or tar of images, or one of: {', '.join(NAMES)}"
