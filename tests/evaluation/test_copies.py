"""Copies are found, mirrored and shifted ones too, and real images are not called copies."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from zerosum.analysis.nearest_images import CopySearch, find_neighbours
from zerosum.evaluation.copies import Matches, find_matches, index_pictures, picture_key
from zerosum.evaluation.copy_count import CHANCE, CopyCount, by_chance, count_copies
from zerosum.evaluation.images import Images
from zerosum.randomness import random_for

Pixels = NDArray[np.uint8]


def quiet(_what: str, _done: int, _total: int) -> None:
    """Where progress goes here."""


def pictures(name: str, count: int, side: int = 16, channels: int = 1) -> Pixels:
    """Smooth random pictures, (count, side, side, channels): neighbouring pixels are alike."""
    small = random_for(0, name).integers(0, 256, (count, 6, 6, channels), dtype=np.uint8)

    def larger(layer: Pixels) -> Pixels:
        return np.asarray(Image.fromarray(layer).resize((side, side), Image.Resampling.BICUBIC))

    return np.stack(
        [np.stack([larger(image[..., c]) for c in range(channels)], -1) for image in small]
    )


def as_images(pixels: Pixels, name: str = "pictures") -> Images:
    return Images(
        name, len(pixels), pixels.shape[1:], name, lambda first, n: pixels[first : first + n]
    )


def moved(pixels: Pixels, down: int, right: int) -> Pixels:
    """The images shifted; what comes in repeats the border."""
    wide = np.pad(pixels, ((0, 0), (4, 4), (4, 4), (0, 0)), mode="edge")
    height, width = pixels.shape[1:3]
    return wide[:, 4 - down : 4 - down + height, 4 - right : 4 - right + width]


TRAIN, HELD_OUT = pictures("train", 300), pictures("held out", 100)
INDEX = index_pictures(as_images(TRAIN), lambda *_: None)


def matches(pixels: Pixels) -> Matches:
    return find_matches(as_images(pixels), INDEX, lambda *_: None)


def count(fake: Pixels, train: Pixels = TRAIN, held_out: Pixels = HELD_OUT) -> CopyCount:
    return count_copies(as_images(fake), as_images(train), as_images(held_out), quiet)


@given(
    st.integers(0, 299), st.booleans(), st.integers(-2, 2), st.integers(-2, 2), st.integers(0, 6)
)
def test_a_copy_is_found_however_it_is_mirrored_shifted_or_noisy(
    row: int, mirrored: bool, down: int, right: int, noise: int
) -> None:
    copy = moved(TRAIN[row : row + 1], down, right)
    grain = random_for(row, "noise").normal(0, noise, copy.shape)
    copy = np.clip(copy + grain, 0, 255).astype(np.uint8)
    found = matches(copy[:, :, ::-1] if mirrored else copy)
    assert found.rows[0] == row and found.copies[0]
    assert found.mirrored[0] == mirrored
    if not noise:
        assert found.nearest[0] == 0 and found.ratio[0] == 0
        assert found.identical[0] == (down == right == 0)


def test_distances_are_those_of_every_shift_tried_by_hand() -> None:
    found = matches(HELD_OUT[:5])
    for image, row, told in zip(HELD_OUT[:5], found.rows, found.nearest, strict=True):
        picture = TRAIN[row] / 255
        tried = [
            np.sqrt(np.mean((side[2:14, 2:14] / 255 - picture[y : y + 12, x : x + 12]) ** 2))
            for side in (image, image[:, ::-1])
            for y in range(5)
            for x in range(5)
        ]
        assert told == pytest.approx(min(tried), rel=1e-4)


def test_new_pictures_are_about_as_far_from_the_second_nearest() -> None:
    found = matches(HELD_OUT)
    assert not found.copies.any() and not found.identical.any()
    assert np.median(found.ratio) > 0.85


@pytest.mark.parametrize("shift", [(1, -1), (2, 1), (0, 1)])
def test_copies_of_larger_pictures_are_found_after_shifts_of_one_pixel(
    shift: tuple[int, int],
) -> None:
    large = pictures("large", 60, 64, 3)
    index = index_pictures(as_images(large), lambda *_: None)
    found = find_matches(as_images(moved(large[:20], *shift)), index, lambda *_: None)
    assert found.copies.all() and found.rows.tolist() == list(range(20))


def test_a_picture_and_its_mirror_image_are_one_picture() -> None:
    image = TRAIN[0]
    assert picture_key(image) == picture_key(image[:, ::-1]) != picture_key(TRAIN[1])
    twice = np.concatenate([TRAIN[:10], TRAIN[:5], TRAIN[5:10, :, ::-1]])
    index = index_pictures(as_images(twice), lambda *_: None)
    assert len(index) == 10 and index.rows.tolist() == list(range(10))


def test_another_version_of_the_nearest_picture_is_not_the_second_nearest() -> None:
    grain = random_for(0, "grain").integers(-3, 4, TRAIN.shape)
    versions = np.clip(TRAIN + grain, 0, 255).astype(np.uint8)
    both = np.concatenate([TRAIN, versions])
    fake = np.clip(TRAIN[:50] + np.roll(grain[:50], 1, 0), 0, 255).astype(np.uint8)
    index = index_pictures(as_images(both), lambda *_: None)
    assert find_matches(as_images(fake), index, lambda *_: None).copies.all()


def test_pictures_of_a_usual_kind_are_no_versions_of_each_other() -> None:
    # As thin ones among digits are: all alike, and a thin eight is near to them when coarse.
    usual = pictures("usual", 1, 32)[0] // 2 + 64.0
    alike = usual + (pictures("alike", 80, 32) - 128.0) * 0.1
    far = usual + 50.0 * (np.indices((32, 32)).sum(0) % 2 * 2 - 1)[..., None]
    train = np.concatenate([alike[:60], far[None]]).astype(np.uint8)
    index = index_pictures(as_images(train), lambda *_: None)
    new = find_matches(as_images(alike[60:].astype(np.uint8)), index, lambda *_: None)
    assert not new.copies.any()


# ---- The verdict ----


def test_copies_are_counted_beside_real_images() -> None:
    told = count(np.concatenate([pictures("fake", 90), TRAIN[:10]]))
    assert told.identical == 10 and told.share == pytest.approx(0.1)
    assert told.verdict() == (
        "some are copies: 10 of 100 generated images (10.0%) are as near to one training picture "
        "as a copy, 10 to the last pixel, as against 0 of 100 held-out images and 0 of 300 "
        "training pictures among each other"
    )
    assert told.suspects[:10].tolist() == list(range(90, 100))


@pytest.mark.parametrize(
    ("poor", "mirrored", "shift"),
    [(False, False, 0), (False, True, 1), (True, True, 0), (True, False, 2)],
)
def test_fifty_copies_among_a_thousand_are_found(poor: bool, mirrored: bool, shift: int) -> None:
    others = pictures("fake", 950)
    if poor:
        others = (others // 4 + 96).astype(np.uint8)
    copies = moved(TRAIN[100:150], shift, -shift)
    told = count(np.concatenate([others, copies[:, :, ::-1] if mirrored else copies]))
    assert told.verdict().startswith("some are copies: 50 of 1,000 generated images (5.0%)")
    assert sorted(told.suspects[:50].tolist()) == list(range(950, 1000))


def test_a_generator_that_only_copies_is_called_so() -> None:
    assert count(moved(TRAIN[:200], 1, 1)).verdict().startswith("copies: 200 of 200")


@pytest.mark.parametrize("seed", range(5))
def test_new_pictures_are_not_called_copies(seed: int) -> None:
    assert count(pictures(f"new {seed}", 200)).verdict().startswith("does not look copied: 0 of")


def test_duplicates_hide_no_copies() -> None:
    """Half of the held-out images, and many training images, are there twice."""
    train = np.concatenate([TRAIN, TRAIN[:200]])
    held_out = np.concatenate([HELD_OUT[:50], TRAIN[:50]])
    told = count(np.concatenate([pictures("fake", 70), TRAIN[:30]]), train, held_out)
    assert told.verdict().startswith("some are copies: 30 of 100")
    assert told.verdict().endswith(
        "0 of 50 held-out images and 0 of 300 training pictures among each other"
    )
    assert told.notes() == (
        "200 of 500 training images repeat others",
        "50 of 100 held-out images are training pictures as well, and left out of the base line",
    )


def test_data_that_repeats_itself_may_be_repeated() -> None:
    """As often as held-out images are training pictures, generated ones may be as well."""
    held_out = np.concatenate([HELD_OUT[:50], TRAIN[:50]])
    told = count(np.concatenate([pictures("fake", 98), TRAIN[:2]]), held_out=held_out)
    assert told.repeats and not told.verdict().startswith(("some are", "copies"))


@pytest.mark.parametrize("different", [1, 2])
def test_without_different_pictures_there_is_no_verdict(different: int) -> None:
    train = np.concatenate([TRAIN[:different]] * 40)
    told = count(train[:50], train, train[:25])
    same = "the same picture" if different == 1 else "2 pictures"
    assert told.verdict() == (
        f"no verdict: the {len(train)} training images are {same}, over and over"
    )
    assert not told.clean


def test_chance_is_fishers_exact_test() -> None:
    assert by_chance(0, 100, 3, 100) == 1
    # All ten of ten in one of two groups of equal size: close to 2^-10.
    assert by_chance(10, 1000, 0, 1000) == pytest.approx(0.5**10, rel=0.05)
    assert by_chance(50, 1000, 0, 2000) < CHANCE < by_chance(3, 100, 3, 100)


def test_few_exact_copies_stand_out_among_real_images_that_are_fairly_near() -> None:
    """Ten of a thousand at 0, where ten of a thousand real images have a ratio of 0.45."""

    def made(ratios: list[float]) -> Matches:
        nearest = np.array(ratios + [0.95] * (1000 - len(ratios)), np.float32)
        places, no = np.zeros(1000, np.int64), np.zeros(1000, np.bool_)
        return Matches(nearest, np.ones(1000, np.float32), places, places, no, no)

    near = made([0.45] * 10)
    assert CopyCount(near, near, near, 1000, 1000, 0).clean
    told = CopyCount(made([0.0] * 10), near, near, 1000, 1000, 0)
    assert told.verdict().startswith("some are copies: 10 of 1,000")


@pytest.mark.parametrize("held_out", [HELD_OUT, HELD_OUT[:0]])
def test_what_was_found_is_json(held_out: Pixels) -> None:
    fake = TRAIN[:40]
    flat = [part.reshape(len(part), 256).astype(np.float32) for part in (fake, TRAIN, held_out)]
    neighbours = find_neighbours(flat[0], flat[1], flat[2], 3, "pixels")
    search = CopySearch(count(fake, held_out=held_out), neighbours)
    told = json.loads(json.dumps(search.as_dict(), allow_nan=False))
    assert told["verdict"].startswith("copies: 40 of 40") and told["identical"] == 40
    assert told["copies"]["generated"] | {"ratio": None} == {"count": 40, "of": 40, "ratio": None}
    assert told["copies"]["generated"]["ratio"]["median"] == 0
    assert (told["copies"]["held out"]["ratio"] is None) == (len(held_out) == 0)
    assert told["held_out"] == len(held_out) and told["copies"]["training"]["of"] == 300
    assert told["distances"]["generated to training"]["median"] == 0


def test_images_nearer_than_usual_that_are_no_copies_are_told_apart() -> None:
    """In features: images of the most usual kind alone are near, and copy nothing."""
    near = (random_for(0, "near").standard_normal((200, 4)) * 0.05).astype(np.float32)
    usual = random_for(0, "usual").standard_normal((400, 4)).astype(np.float32)
    neighbours = find_neighbours(near, usual, usual[:100] + np.float32(0.5), 3, "digits")
    clean = count(pictures("fake", 200))
    assert neighbours.nearer_than_usual and clean.clean
    verdict = CopySearch(clean, neighbours).verdict()
    assert verdict.startswith("nearer than usual: no copies, but ")
    copied = CopySearch(count(TRAIN[:200]), neighbours)
    assert copied.verdict().startswith("copies: 200 of 200")
