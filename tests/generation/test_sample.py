import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from zerosum.errors import ZerosumError
from zerosum.generation.generator import load_discriminator, load_generator
from zerosum.generation.sample import write_samples
from zerosum.records.run import RunFolder

OUTS = ["sheet.png", "singles.zip", "folder"]


def pixels(file: Any) -> NDArray[np.uint8]:
    with Image.open(file) as image:
        return np.asarray(image)


def files_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_sheet_folder_and_zip_hold_the_same_pictures(colour_run: RunFolder, tmp_path: Path) -> None:
    generator = load_generator(colour_run)
    expected = generator(generator.latents(4, range(40)))
    for name in OUTS:
        scale = 1 if name == "sheet.png" else None
        write_samples(generator, tmp_path / "new" / name, 40, seed=4, scale=scale)
    sheet = pixels(tmp_path / "new" / "sheet.png")
    with zipfile.ZipFile(tmp_path / "new" / "singles.zip") as archive:
        assert archive.namelist() == [f"{index:06d}.png" for index in range(40)]
        for index in range(40):
            row, column = divmod(index, 7)
            cell = sheet[2 + 18 * row :, 2 + 18 * column :][:16, :16]
            assert np.array_equal(cell, expected[index])
            content = io.BytesIO(archive.read(f"{index:06d}.png"))
            assert np.array_equal(pixels(content), expected[index])
            alone = pixels(tmp_path / "new" / "folder" / f"{index:06d}.png")
            assert np.array_equal(alone, expected[index])


def test_pictures_say_where_they_come_from(tiny_run: RunFolder, tmp_path: Path) -> None:
    generator = load_generator(tiny_run)
    write_samples(generator, tmp_path / "sheet.png", 3, seed=9, truncate=0.7)
    write_samples(generator, tmp_path / "singles", 3, seed=9)
    fields = {"run": "tiny", "checkpoint": "000200000", "weights": "average", "seed": "9"}
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert dict(sheet.info) == fields | {"truncate": "0.7", "scale": "3"}
    with Image.open(tmp_path / "singles" / "000002.png") as single:
        assert dict(single.info) == fields | {"index": "2"}


def test_the_same_samples_make_the_same_zip(tiny_run: RunFolder, tmp_path: Path) -> None:
    generator = load_generator(tiny_run)
    write_samples(generator, tmp_path / "one.zip", 5)
    write_samples(generator, tmp_path / "two.zip", 5)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


@pytest.mark.parametrize("name", ["singles.zip", "folder"])
def test_memory_does_not_grow_with_the_number_of_pictures(
    tiny_run: RunFolder, tmp_path: Path, name: str
) -> None:
    generator = load_generator(tiny_run)

    def peak(count: int, out: Path) -> int:
        tracemalloc.start()
        write_samples(generator, out, count)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(64, tmp_path / f"warm-{name}")
    few, many = peak(64, tmp_path / f"few-{name}"), peak(1024, tmp_path / f"many-{name}")
    assert many - few < 960 * 600, "a picture here is over 1,000 bytes"


def test_ranked_pictures_come_best_first(tiny_run: RunFolder, tmp_path: Path) -> None:
    generator, discriminator = load_generator(tiny_run), load_discriminator(tiny_run)
    seen: list[tuple[int, int]] = []
    order = write_samples(
        generator,
        tmp_path / "ranked",
        50,
        discriminator=discriminator,
        progress=lambda done, total: seen.append((done, total)),
    )
    scores = discriminator(generator.images(generator.latents(0, range(50))))
    assert list(order) == torch.argsort(scores, descending=True, stable=True).tolist()
    assert list(order) != list(range(50))
    names = files_below(tmp_path / "ranked")
    assert names == [f"{rank:06d}-{index:06d}.png" for rank, index in enumerate(order)]
    best = pixels(tmp_path / "ranked" / names[0])
    assert np.array_equal(best, generator([order[0]])[0, :, :, 0])
    assert seen[-1] == (100, 100)


def test_a_ranked_sheet_says_which_picture_stands_where(
    tiny_run: RunFolder, tmp_path: Path
) -> None:
    generator, discriminator = load_generator(tiny_run), load_discriminator(tiny_run)
    order = write_samples(generator, tmp_path / "s.png", 9, discriminator=discriminator)
    with Image.open(tmp_path / "s.png") as sheet:
        assert sheet.info["indices"] == " ".join(map(str, order))
        assert sheet.info["ranked_by"] == "discriminator"


@pytest.mark.parametrize("name", OUTS)
def test_interrupted_sampling_leaves_nothing_behind(
    tiny_run: RunFolder, tmp_path: Path, name: str
) -> None:
    def interrupt(done: int, _: int) -> None:
        if done > 32:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_samples(load_generator(tiny_run), tmp_path / name, 100, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["sheet.png", "singles.zip"])
def test_an_earlier_file_stays_until_the_new_one_is_whole(
    tiny_run: RunFolder, tmp_path: Path, name: str
) -> None:
    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    generator = load_generator(tiny_run)
    (tmp_path / name).write_bytes(b"earlier")
    with pytest.raises(KeyboardInterrupt):
        write_samples(generator, tmp_path / name, 4, progress=interrupt)
    assert (tmp_path / name).read_bytes() == b"earlier"
    write_samples(generator, tmp_path / name, 4)
    assert (tmp_path / name).read_bytes() != b"earlier"


def test_a_folder_with_something_in_it_is_refused_and_untouched(
    tiny_run: RunFolder, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ZerosumError, match="not an empty folder"):
        write_samples(load_generator(tiny_run), tmp_path, 4)
    assert files_below(tmp_path) == ["mine.txt"]


def test_an_empty_folder_is_filled_even_with_a_dot_in_its_name(
    tiny_run: RunFolder, tmp_path: Path
) -> None:
    folder = tmp_path / "samples.v1"
    folder.mkdir()
    write_samples(load_generator(tiny_run), folder, 2)
    assert files_below(tmp_path) == ["000000.png", "000001.png"]


def test_an_unknown_suffix_is_refused(tiny_run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(ZerosumError, match=r"ends in \.jpg") as caught:
        write_samples(load_generator(tiny_run), tmp_path / "x.jpg", 4)
    assert ".png or .zip" in caught.value.remedy


def test_a_sheet_too_large_to_open_is_refused(tiny_run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(ZerosumError, match="10,001 pictures would be too large") as caught:
        write_samples(load_generator(tiny_run), tmp_path / "x.png", 10_001)
    assert ".zip" in caught.value.remedy


@pytest.mark.parametrize("name", OUTS)
def test_a_place_that_cannot_be_written_is_an_error(
    tiny_run: RunFolder, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ZerosumError, match="cannot write"):
        write_samples(load_generator(tiny_run), tmp_path / "file" / name, 4)
    assert files_below(tmp_path) == ["file"]


def test_a_truncation_that_makes_no_sense_is_refused_before_anything_is_written(
    colour_run: RunFolder, tmp_path: Path
) -> None:
    with pytest.raises(ZerosumError, match="no tails"):
        write_samples(load_generator(colour_run), tmp_path / "x.png", 4, truncate=0.5)
    assert list(tmp_path.iterdir()) == []
