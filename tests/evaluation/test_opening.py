"""What a user names becomes images of one size, and what was done to them is said."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zerosum.data import open_data
from zerosum.data.fit import Fitting
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.images import split_images
from zerosum.evaluation.opening import (
    choose_extractor,
    is_digits,
    open_images,
    open_run_data,
    real_images,
)
from zerosum.generation.generator import load_generator
from zerosum.generation.images import run_images
from zerosum.generation.sample import write_samples
from zerosum.recipe.load import load_recipe, read_recipe, recipe_to_toml
from zerosum.records.run import RunFolder
from zerosum.records.runs import find_run

Write = Callable[..., Path]


def test_a_run_and_its_checkpoints_are_found(tiny_run: RunFolder) -> None:
    assert find_run(tiny_run.path) == (tiny_run, "")
    found = find_run(tiny_run.path / "checkpoints" / "000200000")
    assert found is not None
    assert found[0].path == tiny_run.path.absolute() and found[1] == "000200000"
    assert find_run(tiny_run.path / "checkpoints") is None
    assert find_run(tiny_run.path / "samples" / "none") is None


def test_a_folder_of_saved_pictures_is_the_live_generator_bit_for_bit(
    tiny_run: RunFolder, tmp_path: Path
) -> None:
    write_samples(load_generator(tiny_run, device="cpu"), tmp_path / "pictures", 40, seed=5)
    side = run_images(tiny_run, 40, seed=5, device="cpu")
    folder = open_images(str(tmp_path / "pictures"))
    assert folder.notes == ()
    assert side.shape == folder.shape == (32, 32, 1)
    assert np.array_equal(side.read(0, 40), folder.read(0, 40))


def test_pictures_do_not_depend_on_how_many_are_read_at_a_time(tiny_run: RunFolder) -> None:
    side = run_images(tiny_run, 23, first=7, device="cpu")
    parts = np.concatenate(list(side.batches(10)))
    assert np.array_equal(parts, side.read(0, 23))
    assert (side.checkpoint, side.weights) == ("000200000", "average")


def test_fingerprints_tell_images_apart(tiny_run: RunFolder) -> None:
    def fingerprint(**choices: object) -> str:
        side = run_images(tiny_run, device="cpu", **{"count": 10} | choices)  # type: ignore[arg-type]
        return side.fingerprint

    all_of_them = [
        fingerprint(),
        fingerprint(count=11),
        fingerprint(seed=1),
        fingerprint(first=10),
        fingerprint(averaged=False),
    ]
    assert len(set(all_of_them)) == 5
    assert fingerprint() == all_of_them[0]


def test_the_first_of_some_images_are_other_images() -> None:
    data = open_data(load_recipe("digits").data, 0)
    images = split_images(data.held_out, "digits", data.fingerprint)
    few = images.first(30)
    assert len(few) == 30 and np.array_equal(few.read(0, 30), images.read(0, 30))
    assert few.fingerprint != images.fingerprint
    assert images.first(len(images)) is images
    assert few.labels is not None and len(few.labels) == 30


def test_digits_are_measured_by_their_own_test_split_and_extractor() -> None:
    data = open_data(load_recipe("digits").data, 0)
    reals = real_images(data)
    assert (len(reals), reals.part) == (2000, "held out")
    assert is_digits(reals) and choose_extractor("auto", reals) == "digits"
    assert choose_extractor("inception", reals) == "inception"


def test_a_folder_without_a_test_split_is_measured_by_all_its_images(write_pictures: Write) -> None:
    recipe = load_recipe(
        "dcgan", {"data.source": str(write_pictures("photos", 40)), "data.limit": 10}
    )
    data = open_data(recipe.data, 0)
    reals = real_images(data)
    assert (len(reals), reals.part) == (40, "all")
    assert len(real_images(data, "train")) == 10
    assert len(real_images(data, "held out")) == 8
    assert choose_extractor("auto", reals) == "inception"


def test_pictures_keep_their_own_size(write_pictures: Write) -> None:
    images = open_images(str(write_pictures("odd", 12, side=21)))
    assert images.shape == (21, 21, 3) and images.part == "all" and images.notes == ()
    grey = open_images(str(write_pictures("grey", 12, side=20, grey=True)))
    assert grey.shape == (20, 20, 1)


def test_pictures_of_other_sizes_are_brought_to_that_of_most_and_it_is_said(
    write_pictures: Write,
) -> None:
    folder = write_pictures("mixed", 12, side=16)
    for number in range(3):
        Image.new("RGB", (40, 30)).save(folder / f"large-{number}.png")
    images = open_images(str(folder))
    assert images.shape == (16, 16, 3) and len(images) == 15
    assert images.notes[0].startswith("3 of 15 images of mixed are not 16×16")


def test_pictures_that_are_not_square_stay_so_where_all_are_of_one_size(
    write_pictures: Write,
) -> None:
    folder = write_pictures("wide", 12, side=24, height=16)
    images = open_images(str(folder))
    assert images.shape == (16, 24, 3) and not images.notes
    Image.new("RGB", (24, 18)).save(folder / "higher.png")
    images = open_images(str(folder))
    assert images.shape == (16, 16, 3)
    assert "13 of 13" in images.notes[0] and "in the middle, resized" in images.notes[0]
    fitted = open_images(str(folder), Fitting("24x16", 3, "crop"))
    assert fitted.shape == (16, 24, 3) and "1 of 13 images of wide are not 24×16" in fitted.notes[0]


def test_a_part_of_the_size_that_is_not_said_is_as_the_images_have_it(
    write_pictures: Write,
) -> None:
    grey = str(write_pictures("grey", 12, side=24, height=16, grey=True))
    assert open_images(grey, Fitting(0, 0, "pad")).shape == (16, 24, 1)
    assert open_images(grey, Fitting(32, 0, "pad")).shape == (32, 32, 1)
    assert open_images(grey, Fitting(0, 3, "pad")).shape == (16, 24, 3)
    squashed = open_images(grey, Fitting(16, 0, "squash"))
    assert "(squashed)" in squashed.notes[0]


def test_images_know_how_they_got_their_size(write_pictures: Write) -> None:
    folder = str(write_pictures("photos", 12, side=24))
    assert open_images(folder).fit == "crop"
    assert open_images(folder, Fitting(16, 3, "pad")).fit == "pad"
    assert open_images(folder, Fitting(16, 3, "box", 20)).fit == "box 20"
    assert open_images(folder, Fitting(16, 3, "pad")).first(3).fit == "pad"


def test_unreadable_files_are_left_out_and_counted(write_pictures: Write) -> None:
    folder = write_pictures("photos", 12)
    (folder / "broken.png").write_bytes(b"no picture")
    images = open_images(str(folder))
    assert len(images) == 12
    assert images.notes == ("1 unreadable file of photos left out",)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ZerosumError, match="has no images"):
        open_images(str(tmp_path / "empty"))


@pytest.mark.parametrize("fitting", [None, Fitting(16, 3, "crop")])
def test_a_folder_of_files_that_are_all_damaged_is_refused(
    write_pictures: Write, fitting: Fitting | None
) -> None:
    folder = write_pictures("damaged", 12)
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes()[:100] if fitting else b"no picture")
    with pytest.raises(ZerosumError, match="no file of damaged can be read") as error:
        open_images(str(folder), fitting)
    assert f"zerosum data check {folder}" in error.value.remedy


def test_images_held_out_that_are_not_there_are_refused() -> None:
    recipe = load_recipe("digits", {"data.split": "all", "data.validation": 0.0})
    with pytest.raises(UsageError, match="no images held out") as error:
        real_images(open_data(recipe.data, 0), "held out")
    assert "--split all" in error.value.remedy


def test_test_images_that_are_not_there_are_refused(write_pictures: Write) -> None:
    folder = write_pictures("photos", 12)
    with pytest.raises(UsageError, match="no test images"):
        open_images(str(folder), Fitting(16, 3, "crop"), part="held out")


def test_a_run_whose_images_changed_is_told_so(
    make_run: Callable[..., RunFolder], write_pictures: Write
) -> None:
    folder = write_pictures("photos", 12)
    run = make_run({"data.source": str(folder), "data.channels": 3})
    recipe = read_recipe(run.recipe_file)
    data = open_data(recipe.data, recipe.seed)
    settings = recipe.data.model_copy(update={"fingerprint": data.fingerprint})
    run.recipe_file.write_text(recipe_to_toml(recipe.model_copy(update={"data": settings})))
    assert open_run_data(run).fingerprint == data.fingerprint
    shutil.copy(folder / "000.png", folder / "more.png")
    with pytest.raises(ZerosumError, match="was trained on") as error:
        open_run_data(run)
    assert "--against" in error.value.remedy
