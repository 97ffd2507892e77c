from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence
from PIL.GifImagePlugin import GifImageFile

from zerosum.errors import ZerosumError
from zerosum.generation.film import write_film
from zerosum.records.run import RunFolder

LEVELS = {0: 20, 50_000: 120, 1_000_000_000: 220}


@pytest.fixture
def filmed_run(tmp_path: Path) -> RunFolder:
    """A run with three flat sheets of odd size, of rising level, and pictures that are no sheets.

    The last name has more digits than the others: it sorts wrong as text.
    """
    run = RunFolder(tmp_path / "run")
    run.samples.mkdir(parents=True)
    run.recipe_file.touch()
    for images, level in LEVELS.items():
        Image.new("L", (35, 19), level).save(run.samples / f"{images:09d}.png")
    Image.new("RGB", (99, 99), (255, 0, 0)).save(run.samples / "reals.png")
    Image.new("RGB", (99, 99), (255, 0, 0)).save(run.samples / "sample-000050000-seed0.png")
    return run


def frames_of(path: Path) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    import imageio.v3 as imageio

    return list(imageio.imiter(path))


def test_the_film_shows_the_sheets_in_the_order_of_training(filmed_run: RunFolder) -> None:
    path = write_film(filmed_run)
    assert path == filmed_run.samples / "film.mp4"
    frames = frames_of(path)
    assert [frame.shape for frame in frames] == [(20, 36, 3)] * 3
    for frame, level in zip(frames, LEVELS.values(), strict=True):
        assert abs(int(frame[9, 17, 0]) - level) <= 4
        # Padded to even sides in white, not scaled.
        assert frame[19].mean() > 245


def test_a_gif_keeps_the_levels_and_the_size(filmed_run: RunFolder, tmp_path: Path) -> None:
    write_film(filmed_run, tmp_path / "film.gif", frames_per_second=4)
    with GifImageFile(tmp_path / "film.gif") as film:
        assert film.size == (35, 19)
        assert len(list(ImageSequence.Iterator(film))) == 3
        for frame, level in enumerate(LEVELS.values()):
            film.seek(frame)
            assert film.info["duration"] == 250
            assert film.convert("RGB").getpixel((17, 9)) == (level, level, level)


def test_sheets_of_several_sizes_share_one_frame(filmed_run: RunFolder, tmp_path: Path) -> None:
    Image.new("RGB", (50, 10), (0, 0, 0)).save(filmed_run.samples / "000000007.png")
    write_film(filmed_run, tmp_path / "film.gif")
    with GifImageFile(tmp_path / "film.gif") as film:
        assert film.size == (50, 19)
        assert len(list(ImageSequence.Iterator(film))) == 4


def test_a_run_without_sheets_is_an_error(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    with pytest.raises(ZerosumError, match="is not a run"):
        write_film(run)
    run.recipe_file.touch()
    with pytest.raises(ZerosumError, match="no training samples"):
        write_film(run)


@pytest.mark.parametrize("name", ["film.mp4", "film.gif"])
def test_a_damaged_sheet_is_named_and_the_earlier_film_stays(
    filmed_run: RunFolder, tmp_path: Path, name: str
) -> None:
    sheet = filmed_run.samples / "000050000.png"
    (tmp_path / name).write_bytes(b"earlier")
    noise = np.random.default_rng(0).integers(0, 256, (19, 35), dtype=np.uint8)
    Image.fromarray(noise).save(sheet)
    sheet.write_bytes(sheet.read_bytes()[:300])
    with pytest.raises(ZerosumError, match=r"000050000\.png cannot be read"):
        write_film(filmed_run, tmp_path / name)
    sheet.write_bytes(b"no picture")
    with pytest.raises(ZerosumError, match=r"000050000\.png cannot be read"):
        write_film(filmed_run, tmp_path / name)
    assert (tmp_path / name).read_bytes() == b"earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == [name, "run"]


def test_an_unknown_suffix_is_refused(filmed_run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(ZerosumError, match=r"ends in \.avi"):
        write_film(filmed_run, tmp_path / "film.avi")
