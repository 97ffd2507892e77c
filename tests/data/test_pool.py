"""Decoding in several processes: the same results in the same order, whatever happens to them."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.data.files import noise
from tests.data.test_ranges import flat
from zerosum.data import pool
from zerosum.data.fit import Fitting
from zerosum.data.ranges import PRESUMED
from zerosum.data.sources import File
from zerosum.data.worker import Examined, examine_chunk
from zerosum.errors import ZerosumError
from zerosum.recipe.value_range import ValueRange

FITTING = Fitting(16, 3, "crop")


@pytest.fixture
def files() -> list[File]:
    files = [File(f"{index}.png", noise(index)) for index in range(300)]
    files[7] = File("7.png", b"no image")
    files[8] = File("8.png", b"", "cannot be read")
    files[9] = File("n\udc80me.png", noise(9))  # a name that is no UTF-8
    return files


def together(examined: Iterator[Examined]) -> Examined:
    parts = list(examined)
    return [found for part in parts for found in part[0]], np.concatenate([p[1] for p in parts])


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "cores", lambda: 2)


def test_processes_give_what_one_would(files: list[File]) -> None:
    expected = examine_chunk(files, FITTING)
    findings, pixels = together(pool.examine_all(files, 1000, FITTING))
    assert findings == expected[0]
    np.testing.assert_array_equal(pixels, expected[1])
    checked = together(pool.examine_all(files, 1000, None))
    assert checked[0] == examine_chunk(files, None)[0]


def test_processes_read_deep_pictures_as_they_are_told(files: list[File]) -> None:
    tags = [(340, 11, 1, 0.0, True), (341, 11, 1, 2.0, True)]
    files[::50] = [File(f"{i}.tif", flat(i / 3, extratags=tags)) for i in range(6)]
    ranges = {**PRESUMED, "floating-point": ValueRange(0, 4)}
    expected = examine_chunk(files, FITTING, ranges)
    findings, pixels = together(pool.examine_all(files, 1000, FITTING, ranges))
    assert findings == expected[0]
    np.testing.assert_array_equal(pixels, expected[1])
    values = findings[50].values
    assert values is not None and values.stated == (0.0, 2.0)


def test_a_file_that_crashes_the_decoder_is_one_bad_file(
    files: list[File], monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = pool.Worker._exchange

    def poisoned(self: pool.Worker, chunk: list[File]) -> Examined:
        if any(file.name == "100.png" for file in chunk):
            self._process.kill()
        return exchange(self, chunk)

    monkeypatch.setattr(pool.Worker, "_exchange", poisoned)
    findings, pixels = together(pool.examine_all(files, 1000, FITTING))
    assert [found.name for found in findings] == [file.name for file in files]
    assert findings[100].problem == "makes the decoder crash"
    assert sum(bool(found.problem) for found in findings) == 3
    assert len(pixels) == 297


def test_a_decoder_that_does_not_start_is_told(
    files: list[File], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "PROGRAM", "import missing_module")
    with pytest.raises(ZerosumError, match="cannot run zerosum's decoder"):
        together(pool.examine_all(files, 1000, FITTING))


def test_an_error_of_the_source_comes_through(files: list[File]) -> None:
    def broken() -> Iterator[File]:
        yield from files
        raise ZerosumError("the archive is damaged", "copy it again")

    with pytest.raises(ZerosumError, match="the archive is damaged"):
        together(pool.examine_all(broken(), 1000, FITTING))


def test_only_a_few_files_are_read_ahead() -> None:
    read = 0

    def endless() -> Iterator[File]:
        nonlocal read
        while True:
            read += 1
            yield File("x.png", noise(1))

    examined = pool.examine_all(endless(), 10_000, FITTING)
    next(examined)
    examined.close()  # type: ignore[attr-defined]
    assert read <= 6 * pool.CHUNK_FILES
