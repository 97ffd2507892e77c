"""Sides whose images or files make numbers deceive are named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zerosum.api_evaluate import evaluate
from zerosum.evaluation.images import Images
from zerosum.evaluation.opening import is_lossy, open_images
from zerosum.evaluation.scores import compute_scores
from zerosum.evaluation.side_notes import notes_on_sides
from zerosum.randomness import random_for

Write = Callable[..., Path]


def notes(fakes: Path, reals: Path) -> tuple[str, ...]:
    """Of two folders, whose features are all different."""
    sides = [open_images(str(folder)) for folder in (fakes, reals)]
    features = random_for(0, "features").standard_normal((len(sides[0]) * 2, 4)).astype(np.float32)
    real = replace(sides[1], part="all")
    half = len(sides[0])
    return notes_on_sides(sides[0], real, features[:half], features[half:], paired=False)


def saved_as(folder: Path, ending: str, **options: int) -> Path:
    """The pictures of a folder in another one, stored otherwise."""
    other = folder.with_name(f"{folder.name}-{ending}")
    other.mkdir()
    for path in folder.iterdir():
        with Image.open(path) as image:
            image.save(other / f"{path.stem}.{ending}", format=None, **options)
    return other


def test_a_set_against_itself_is_said_to_be_that(write_pictures: Write) -> None:
    folder = write_pictures("photos", 20, grey=True)
    scores = evaluate(folder, folder, extractor="digits")
    assert scores.notes[0] == ("both sides are the same images: these are no scores of a generator")


def test_generated_images_that_are_real_ones_are_counted(write_pictures: Write) -> None:
    reals = write_pictures("reals", 30, grey=True)
    fakes = write_pictures("fakes", 30, grey=True)
    for number in range(15):
        (fakes / f"{number:03d}.png").write_bytes((reals / f"{number + 3:03d}.png").read_bytes())
    scores = evaluate(fakes, reals, extractor="digits")
    assert scores.notes[0].startswith("15 of 30 generated images are the same as real ones")
    apart = evaluate(write_pictures("others", 30, grey=True), reals, extractor="digits")
    assert not any("the same as real ones" in note for note in apart.notes)


def test_jpeg_files_beside_png_ones_are_named(write_pictures: Write) -> None:
    png, other = write_pictures("photos", 12), write_pictures("others", 12)
    jpeg, other_jpeg = (saved_as(folder, "jpg", quality=90) for folder in (png, other))
    (note,) = notes(jpeg, other)
    assert note.startswith("100% of the files of photos-jpg are JPEG or the like, and 0% of those")
    (note,) = notes(other, jpeg)
    assert note.startswith("0% of the files of others are JPEG or the like, and 100%")
    assert notes(jpeg, other_jpeg) == notes(png, other) == ()


def test_jpeg_files_beside_features_of_images_unknown_are_named(write_pictures: Write) -> None:
    fakes = open_images(str(saved_as(write_pictures("photos", 12), "jpg")))
    unknown = replace(fakes, name="saved", fingerprint="other", kind=None)
    features = np.eye(24, dtype=np.float32)
    (note,) = notes_on_sides(fakes, unknown, features[:12], features[12:], paired=False)
    assert "how saved was stored is not known" in note


@pytest.mark.parametrize(
    ("ending", "options", "lossy"),
    [
        ("jpg", {}, True),
        ("webp", {"quality": 50}, True),
        ("webp", {"lossless": True}, False),
        ("png", {}, False),
        ("bmp", {}, False),
    ],
)
def test_files_that_lost_something_are_told_by_their_bytes(
    ending: str, options: dict[str, int], lossy: bool, write_pictures: Write
) -> None:
    folder = saved_as(write_pictures("photos", 1), ending, **options)
    assert is_lossy(next(folder.iterdir()).read_bytes()) == lossy


def test_grey_pictures_among_coloured_ones_are_counted_however_they_are_stored(
    write_pictures: Write,
) -> None:
    def mixed(name: str, grey: int) -> Path:
        folder = write_pictures(name, 20)
        for number in range(grey):
            path = folder / f"{number:03d}.png"
            with Image.open(path) as image:
                shades = image.convert("L")
            (shades if number % 2 else shades.convert("RGB")).save(path)
        return folder

    coloured, some, other = mixed("coloured", 0), mixed("some", 10), mixed("other", 10)
    (note,) = notes(coloured, some)
    assert note.startswith("0% of the images of coloured are grey, and 50% of those of some")
    assert notes(some, other) == ("50% of the images of some are grey, the others coloured",)
    assert notes(coloured, mixed("more", 0)) == ()


def test_versions_of_the_very_reals_may_be_the_same() -> None:
    pixels = np.zeros((10, 8, 8, 1), np.uint8)
    images = Images("both", 10, (8, 8, 1), "both", lambda first, n: pixels[first : first + n])
    features = np.eye(10, dtype=np.float32)
    real = replace(images, part="all")
    assert notes_on_sides(images, real, features, features, paired=True) == ()
    assert notes_on_sides(images, real, features, features, paired=False) != ()


# ---- The score `copying` ----


def test_training_images_that_are_there_twice_hide_no_copies() -> None:
    train = random_for(0, "train").standard_normal((40, 4)).astype(np.float32)
    twice = np.concatenate([train, train])
    found = compute_scores(["copying"], train[:20], train, train=twice)["copying"]
    assert found.value == 1.0
    same = np.ones((40, 4), np.float32)
    half = np.concatenate([same[:20], train[:20]])
    assert compute_scores(["copying"], half, train, train=same)["copying"].value == 0.5
