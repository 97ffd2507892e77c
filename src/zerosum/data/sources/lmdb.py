"""An LMDB of image files, as LSUN is published (extra `lmdb`)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from zerosum.data.sources.source import File, Source
from zerosum.errors import ZerosumError

DATABASE = "data.mdb"
ENDING = ".image"


def open_lmdb(folder: Path, name: str) -> Source:
    """The values of an LMDB, each an image file, in the order of their keys."""
    facts = (folder / DATABASE).stat()

    def names() -> list[str]:
        with _open(folder) as database, database.begin() as transaction:
            keys = transaction.cursor().iternext(keys=True, values=False)
            return [key.hex() + ENDING for key in keys]

    def read(wanted: Sequence[str]) -> Iterator[File]:
        with _open(folder) as database, database.begin() as transaction:
            for file in wanted:
                yield File(file, transaction.get(bytes.fromhex(file.removesuffix(ENDING))))

    return Source(name, f"lmdb {facts.st_size} {facts.st_mtime_ns}", names, read)


def _open(folder: Path) -> Any:
    try:
        import lmdb
    except ImportError as error:
        raise ZerosumError(
            "LMDB folders need lmdb, which is not installed",
            'install it with `pip install "zerosum[lmdb]"`',
        ) from error
    try:
        return lmdb.open(str(folder), readonly=True, lock=False, readahead=False)
    except lmdb.Error as error:
        raise ZerosumError(
            f"{folder} is no intact LMDB ({error})", "copy or unpack it again"
        ) from error
