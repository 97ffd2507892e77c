"""A matrix on disk that grows block by block beside its place: a stop loses no block before it.

The file is the one that will lie there in the end, without its last rows. A file of lines beside it
tells, block for block, how many rows it has and the CRC-32 of all up to there. Whoever goes on
takes the rows that are still what was written.
"""

import contextlib
import io
import os
import time
import zlib
from collections.abc import Callable, Iterator
from logging import getLogger
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zerosum.data.partial_files import UNFINISHED, blocks_file, held_alone
from zerosum.errors import ZerosumError
from zerosum.files import sync
from zerosum.records.lines import append_line, read_lines, write_lines

LOG = getLogger(__name__)

AT_ONCE = 2**22
"""Bytes that are read at a time."""
BLOCK_SECONDS = 10.0
"""Rows are written at least so often: no kill costs more than the block that was not yet."""
BLOCK = 2**25
"""Bytes of a block, about, at most."""
OF_BLOCKS: dict[str, type] = {"rows": int, "content": str}


class GrowingMatrix:
    """A float32 matrix (count, dimension), its first `rows` rows on disk; its writer holds it."""

    def __init__(self, place: Path, path: Path, handle: int, shape: tuple[int, int]) -> None:
        self.place, self.path, self.shape = place, path, shape
        self._handle = handle
        self._header, self._row = _header(shape), 4 * shape[1]
        self._blocks = blocks_file(path)
        self.finished = False
        self.rows, self._crc = self._whole()
        self._waiting, self._since = bytearray(), time.monotonic()

    def append(self, first: int, values: NDArray[np.float32]) -> None:
        """Take the rows numbered `first` and on; those that are there are left out.

        They are written when they make a block, or the first of them has waited long enough.
        Raises OSError where the disk is full: the blocks before stay.
        """
        taken = self.rows + len(self._waiting) // self._row - first
        self._waiting += np.ascontiguousarray(values[taken:], np.float32).tobytes()
        if len(self._waiting) >= BLOCK or time.monotonic() - self._since >= BLOCK_SECONDS:
            self._write_block()

    def _write_block(self) -> None:
        """Write what waits as one block, which survives a power cut from here on."""
        if self._waiting:
            if not self.rows:
                self._write(0, self._header)
            self._write(self._offset(self.rows), self._waiting)
            os.fsync(self._handle)
            rows, crc = (
                self.rows + len(self._waiting) // self._row,
                zlib.crc32(self._waiting, self._crc),
            )
            append_line(self._blocks, {"rows": rows, "content": f"{crc:08x}"})
            self.rows, self._crc = rows, crc
        self._waiting, self._since = bytearray(), time.monotonic()

    def finish(self) -> None:
        """Seal the matrix with its CRC-32 and put it into its place."""
        self._write_block()
        assert self.rows == self.shape[0]
        end, seal = self._offset(self.rows), f"{self._crc:08x}".encode()
        self._write(end, seal)
        os.ftruncate(self._handle, end + len(seal))
        os.fsync(self._handle)
        self.path.replace(self.place)
        sync(self.place.parent)
        self._blocks.unlink(missing_ok=True)
        self.finished = True

    def leave(self) -> None:
        """Write what waits, however the pass ended: a stop that can be heard loses nothing. Take
        away what holds no row."""
        with contextlib.suppress(OSError):  # it was told, or another error is on its way
            self._write_block()
        if not self.finished and not self.rows:
            self.path.unlink(missing_ok=True)
            self._blocks.unlink(missing_ok=True)

    def _whole(self) -> tuple[int, int]:
        """How many rows are as they were written, and the CRC-32 of the file up to there."""
        try:
            blocks = read_lines(self._blocks, OF_BLOCKS)
        except ZerosumError:
            blocks = [{"rows": -1}]  # a damaged line
        rows, found, at = 0, zlib.crc32(self._header), 0
        crc, whole = 0, []
        for line in blocks:
            end = self._offset(line["rows"])
            while at < end and (part := os.pread(self._handle, min(AT_ONCE, end - at), at)):
                crc, at = zlib.crc32(part, crc), at + len(part)
            same = at == end and f"{crc:08x}" == line.get("content")
            if not same or not rows < line["rows"] <= self.shape[0]:
                break
            rows, found = line["rows"], crc
            whole.append(line)
        if len(whole) < len(blocks):
            LOG.warning(
                f"unfinished features {self.path} are damaged: those of the first {rows:,} images "
                "are taken, the others computed anew"
            )
            write_lines(self._blocks, whole)
        return rows, found

    def _offset(self, row: int) -> int:
        return len(self._header) + row * self._row

    def _write(self, offset: int, content: bytes | bytearray) -> None:
        left = memoryview(content)
        while left:
            written = os.pwrite(self._handle, left, offset)
            left, offset = left[written:], offset + written


@contextlib.contextmanager
def growing_matrix(
    place: Path, shape: tuple[int, int], waiting: Callable[[int], None]
) -> Iterator[GrowingMatrix]:
    """The matrix that is to lie at `place`, as far as it was written; one process at a time.

    `waiting` hears, now and then, how many rows another process has written that holds it.
    """
    path = unfinished(place)
    with held_alone(path, lambda: waiting(rows_written(path))) as handle:
        matrix = GrowingMatrix(place, path, handle, shape)
        try:
            yield matrix
        finally:
            matrix.leave()


def unfinished(place: Path) -> Path:
    """Where a matrix lies while it grows."""
    return place.with_name(f".{place.name}{UNFINISHED}")


def rows_written(path: Path) -> int:
    """How many rows an unfinished matrix has, by what stands beside it."""
    try:
        lines = read_lines(blocks_file(path), OF_BLOCKS)
    except ZerosumError:
        return 0
    return int(lines[-1]["rows"]) if lines else 0


def _header(shape: tuple[int, int]) -> bytes:
    """The beginning of a .npy file of float32 in rows."""
    file = io.BytesIO()
    facts = {"descr": np.dtype("<f4").str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, facts)
    return file.getvalue()
