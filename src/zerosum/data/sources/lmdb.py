"""An LMDB of image files, as LSUN is published (extra `lmdb`).

The library maps the database and follows what stands in it: one damaged byte may end the process.
So it is read in a process of its own, whose end is an error like any other.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from zerosum.data.sources import lmdb_entries
from zerosum.data.sources.lmdb_entries import SIZES
from zerosum.data.sources.source import File, Source
from zerosum.errors import ZerosumError

DATABASE = "data.mdb"
ENDING = ".image"
PROGRAM = Path(lmdb_entries.__file__)


def open_lmdb(folder: Path, name: str) -> Source:
    """The values of an LMDB, each an image file, in the order of their keys."""
    facts = (folder / DATABASE).stat()

    def names() -> list[str]:
        return [key.hex() + ENDING for key, _ in _entries(folder, values=False)]

    def read(wanted: Sequence[str]) -> Iterator[File]:
        missing = set(wanted)
        for key, value in _entries(folder, values=True):
            file = key.hex() + ENDING
            if file in missing:
                missing.discard(file)
                yield File(file, value)
            if not missing:
                return

    return Source(name, f"lmdb {facts.st_size} {facts.st_mtime_ns}", names, read)


def _entries(folder: Path, *, values: bool) -> Iterator[tuple[bytes, bytes]]:
    """Keys with their values (empty without `values`), in order. Raises ZerosumError where the
    database is damaged."""
    if find_spec("lmdb") is None:
        raise ZerosumError(
            "LMDB folders need lmdb, which is not installed",
            'install it with `pip install "zerosum[lmdb]"`',
        )
    # -P: what lies beside the program must not be taken for the library.
    what = "values" if values else "keys"
    command = [sys.executable, "-P", str(PROGRAM), str(folder), what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stderr is not None
        try:
            yield from _received(child.stdout)
        except EOFError as error:
            lines = child.stderr.read().decode(errors="replace").splitlines() or ["it broke off"]
            raise ZerosumError(
                f"{folder} is no intact LMDB ({lines[-1]})", "copy or unpack it again"
            ) from error
        finally:
            child.kill()  # nobody wants the rest


def _received(stream: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    while True:
        key, value = SIZES.unpack(_exactly(stream, SIZES.size))
        if key < 0:
            return
        yield _exactly(stream, key), _exactly(stream, value)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content
