"""An LMDB of image files, as LSUN is published (extra `lmdb`)."""

import contextlib
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
        with _reading(folder) as transaction:
            keys = transaction.cursor().iternext(keys=True, values=False)
            return [key.hex() + ENDING for key in keys]

    def read(wanted: Sequence[str]) -> Iterator[File]:
        with _reading(folder) as transaction:
            for file in wanted:
                content = transaction.get(bytes.fromhex(file.removesuffix(ENDING)))
                yield File(file, content or b"")

    return Source(name, f"lmdb {facts.st_size} {facts.st_mtime_ns}", names, read)


@contextlib.contextmanager
def _reading(folder: Path) -> Iterator[Any]:
    """A transaction on the database."""
    try:
        import lmdb
    except ImportError as error:
        raise ZerosumError(
            "LMDB folders need lmdb, which is not installed",
            'install it with `pip install "zerosum[lmdb]"`',
        ) from error
    try:
        with (
            lmdb.open(str(folder), readonly=True, lock=False, readahead=False) as database,
            database.begin() as transaction,
        ):
            # The file is mapped: reading past the end of one that was cut would kill the process.
            pages, size = database.info()["last_pgno"] + 1, database.stat()["psize"]
            if (folder / DATABASE).stat().st_size < pages * size:
                raise lmdb.Error("it is cut short")
            yield transaction
    except lmdb.Error as error:
        raise ZerosumError(
            f"{folder} is no intact LMDB ({error})", "copy or unpack it again"
        ) from error
