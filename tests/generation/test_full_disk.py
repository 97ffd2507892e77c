import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from zerosum.errors import ZerosumError
from zerosum.generation.generator import load_generator
from zerosum.generation.interpolate import write_interpolation
from zerosum.generation.movies import write_movie
from zerosum.generation.sample import write_samples
from zerosum.records.run import RunFolder

resource = pytest.importorskip("resource", reason="file-size limits need Unix")


@contextlib.contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """What a full disk does to a growing file, for this process and those it starts. They compile
    no modules meanwhile: a part of one would be found by all that come later."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)
        patch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("name", ["sheet.png", "singles.zip", "folder"])
def test_samples_on_a_full_disk_name_the_path_and_leave_nothing(
    tiny_run: RunFolder, tmp_path: Path, name: str
) -> None:
    generator = load_generator(tiny_run)
    with (
        no_file_larger_than(600),
        pytest.raises(ZerosumError, match=f"no space left to write .*{name}"),
    ):
        write_samples(generator, tmp_path / name, 30)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["rows.png", "film.gif"])
def test_an_interpolation_on_a_full_disk_names_the_path_and_leaves_nothing(
    tiny_run: RunFolder, tmp_path: Path, name: str
) -> None:
    generator = load_generator(tiny_run)
    with no_file_larger_than(600), pytest.raises(ZerosumError, match=f"no space .*{name}"):
        write_interpolation(generator, tmp_path / name, [(0, 1)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("frames", [1, 100])
def test_a_film_that_ffmpeg_could_not_finish_is_an_error(tmp_path: Path, frames: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (frames, 64, 64, 3), dtype=np.uint8)
    with no_file_larger_than(1000), pytest.raises(ZerosumError, match="ffmpeg could not write"):
        write_movie(iter(noise), tmp_path / "film.mp4", 10)
    assert list(tmp_path.iterdir()) == []
