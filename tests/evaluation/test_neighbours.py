"""Copies are found and said, and what is as near as real images are is not called one."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from zerosum.analysis import nearest_images as module
from zerosum.analysis.nearest_images import PIXELS, CopySearch, Neighbours, find_neighbours, vectors
from zerosum.data.cache_folder import features_folder
from zerosum.errors import UsageError
from zerosum.evaluation import features as features_module
from zerosum.evaluation.copy_count import count_copies
from zerosum.evaluation.extractors import open_extractor
from zerosum.evaluation.features import Features
from zerosum.evaluation.images import Images
from zerosum.randomness import random_for

NONE = np.empty((0, 8), np.float32)


def quiet(_what: str, _done: int, _total: int) -> None:
    """Where progress goes here."""


def draws(name: str, count: int) -> Features:
    """Points of one distribution, (count, 8)."""
    return random_for(0, name).standard_normal((count, 8)).astype(np.float32)


def part_of(pixels: NDArray[np.uint8], first: int, count: int) -> NDArray[np.uint8]:
    """Some of the pictures, as `Images` reads them."""
    return pixels[first : first + count]


TRAIN, HELD_OUT = draws("train", 400), draws("held out", 200)


def found(fake: Features, train: Features = TRAIN, held_out: Features = HELD_OUT) -> Neighbours:
    return find_neighbours(fake, train, held_out, 3, "digits")


def nearest_distances(queries: Features, references: Features) -> NDArray[np.float64]:
    """Of each query to all references but itself, ascending."""
    gaps = queries[:, None].astype(np.float64) - references[None]
    distances: NDArray[np.float64] = np.sort(np.sqrt(np.square(gaps).sum(2)), 1)
    return distances


def test_flat_grey_is_near_everything_in_pixels_and_not_called_nearer_than_usual() -> None:
    grey = draws("grey", 200) * np.float32(0.01)
    assert found(grey).nearer_than_usual
    in_pixels = find_neighbours(grey, TRAIN, HELD_OUT, 3, PIXELS)
    assert in_pixels.near_share == 1 and not in_pixels.nearer_than_usual


def test_the_nearest_training_images_are_found() -> None:
    chosen = np.array([7, 399, 0])
    result = found(np.concatenate([draws("fake", 47), TRAIN[chosen]]))
    assert result.train_rows[47:, 0].tolist() == chosen.tolist()
    assert (result.fake_to_train[47:, 0] == 0).all()


def test_what_is_all_but_a_training_image_is_nearer_than_usual() -> None:
    fake = TRAIN[:200] + 0.01 * draws("little", 200)
    result = found(fake)
    assert result.nearer_than_usual and result.near_share == 1
    assert result.in_words() == (
        "100.0% of 200 generated images are as near to a training image "
        "as the nearest 5% of held-out images"
    )


def test_images_that_are_there_twice_are_left_out_of_the_base_line() -> None:
    train, held_out = np.concatenate([TRAIN, TRAIN]), np.concatenate([HELD_OUT, TRAIN[:300]])
    result = found(draws("fake", 50), train=train, held_out=held_out)
    np.testing.assert_array_equal(result.base_line, found(draws("fake", 50)).base_line)
    assert result.threshold > 0
    # Held-out images that are all training images too are no base line at all.
    alike = found(draws("fake", 50), held_out=TRAIN[:300])
    assert alike.base_line_in_words == "training images" and alike.threshold > 0


def test_training_images_that_are_all_the_same_have_no_base_line() -> None:
    same = np.tile(TRAIN[:1], (40, 1))
    result = found(same[:30], train=same, held_out=same[:25])
    assert result.threshold == 0 and not result.nearer_than_usual


@pytest.mark.parametrize("seed", range(5))
def test_new_images_of_the_same_kind_are_not_called_copies(seed: int) -> None:
    result = found(draws(f"fake {seed}", 1000))
    assert not result.nearer_than_usual
    assert result.near_share == pytest.approx(0.05, abs=0.025)


def test_bad_images_are_far_from_everything_and_no_copies() -> None:
    result = found(draws("fake", 100) + 20)
    assert result.near_share == 0 and not result.nearer_than_usual
    assert result.unlike and not found(draws("fake", 100)).unlike
    times = np.median(result.fake_to_train[:, 0]) / np.median(result.base_line)
    assert f"{times:.3g} times as far" in result.unlike_in_words()


def test_noise_is_nothing_to_judge_and_a_copy_in_noise_is_still_found() -> None:
    def pictures(name: str, count: int) -> NDArray[np.uint8]:
        rows = random_for(0, name).normal(128, 8, (count, 8, 8, 1))
        return rows.clip(0, 255).astype(np.uint8)

    def verdict(fake: NDArray[np.uint8]) -> str:
        fake_side, train_side, held_out_side = sides = [
            Images(name, len(each), each.shape[1:], name, partial(part_of, each))
            for each, name in ((fake, "fake"), (train, "train"), (held_out, "held out"))
        ]
        points = [vectors(side, None, "", side.name, quiet) for side in sides]
        near = find_neighbours(points[0], points[1], points[2], 3, PIXELS)
        copies = count_copies(fake_side, train_side, held_out_side, quiet)
        return CopySearch(copies, near).verdict()

    train, held_out = pictures("train", 200), pictures("held out", 100)
    noise = random_for(0, "noise").integers(0, 256, (100, 8, 8, 1)).astype(np.uint8)
    assert verdict(noise).startswith("nothing to judge: these images are unlike the data")
    assert verdict(pictures("new", 100)).startswith("does not look copied")
    assert verdict(np.concatenate([noise, train[:5]])).startswith("some are copies")


def test_the_base_line_is_how_far_held_out_images_are() -> None:
    result = found(draws("fake", 50))
    wanted = nearest_distances(HELD_OUT, TRAIN)[:, 0]
    np.testing.assert_allclose(result.base_line, wanted, rtol=1e-6)
    assert result.threshold == pytest.approx(np.quantile(wanted, 0.05))


@pytest.mark.parametrize("held_out", [NONE, HELD_OUT[:19]])
def test_with_no_or_few_held_out_images_training_images_are_the_base_line(
    held_out: Features,
) -> None:
    result = found(draws("fake", 50), held_out=held_out)
    # The nearest of all is the image itself.
    wanted = nearest_distances(TRAIN, TRAIN)[:, 1]
    np.testing.assert_allclose(result.base_line, wanted, rtol=1e-6)
    assert result.in_words().endswith("as the nearest 5% of training images")


def test_a_training_image_that_is_there_twice_is_its_own_neighbour_at_zero() -> None:
    train = np.concatenate([TRAIN, TRAIN[:1]])
    distances = found(draws("fake", 50), train=train).train_to_train
    assert distances[0] == distances[-1] == 0 and (distances[1:-1] > 0).all()


def test_held_out_images_have_their_nearest_generated_ones() -> None:
    fake = draws("fake", 50)
    result = found(fake)
    np.testing.assert_allclose(
        result.held_out_to_fake, nearest_distances(HELD_OUT, fake)[:, :3], rtol=1e-6
    )
    gaps = np.linalg.norm(HELD_OUT - fake[result.fake_rows[:, 0]], axis=1)
    np.testing.assert_allclose(gaps, result.held_out_to_fake[:, 0], rtol=1e-5)


def test_of_very_many_images_some_spread_over_all_are_the_base_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = draws("fake", 50)
    whole = found(fake)
    monkeypatch.setattr(module, "BASE_LINE", 100)
    some = found(fake)
    rows = np.linspace(0, 399, 100).astype(int)
    assert np.array_equal(some.train_to_train, whole.train_to_train[rows])
    assert len(some.held_out_to_train) == 100
    # The neighbours themselves are still those among all.
    assert np.array_equal(some.fake_to_train, whole.fake_to_train)
    assert some.train == 400


def test_vectors_with_many_numbers_are_searched_in_smaller_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = draws("fake", 50)
    whole = found(fake)
    monkeypatch.setattr(module, "BLOCK_VALUES", 8 * 30)
    parts = found(fake)
    assert np.array_equal(parts.fake_to_train, whole.fake_to_train)
    assert np.array_equal(parts.train_rows, whole.train_rows)


def test_more_neighbours_than_images_are_refused() -> None:
    with pytest.raises(UsageError, match="3 neighbours of 3 training images") as error:
        found(draws("fake", 50), train=TRAIN[:3])
    assert "--neighbours" in error.value.remedy
    with pytest.raises(UsageError, match="3 neighbours of 2 generated images") as error:
        found(draws("fake", 2))
    assert "--images" in error.value.remedy


# ---- Images as vectors ----


def noise(count: int, name: str = "noise") -> Images:
    pixels = random_for(0, name).integers(0, 256, (count, 32, 32, 1), dtype=np.uint8)
    return Images(name, count, (32, 32, 1), name, lambda first, n: pixels[first : first + n])


def test_pixels_are_numbers_from_0_to_1() -> None:
    images = noise(30)
    flat = vectors(images, None, "", "generated", quiet)
    assert flat.dtype == np.float32 and flat.shape == (30, 1024)
    wanted = images.read(0, 30).reshape(30, -1) / 255
    np.testing.assert_allclose(flat, wanted, rtol=1e-6)


def test_pixels_of_many_images_lie_on_disk_and_leave_nothing_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = vectors(noise(30), None, "", "generated", quiet)
    monkeypatch.setenv("ZEROSUM_CACHE", str(tmp_path))
    monkeypatch.setattr(features_module, "IN_MEMORY", 0)
    monkeypatch.setattr(module, "BLOCK_VALUES", 7 * 1024)
    heard: list[tuple[str, int, int]] = []
    mapped = vectors(noise(30), None, "", "generated", lambda *state: heard.append(state))
    assert isinstance(mapped, np.memmap) and np.array_equal(mapped, in_memory)
    assert list(features_folder().iterdir()) == []
    assert heard[-1] == ("pixels of the generated images", 30, 30) and len(heard) == 5


def test_a_copied_image_is_at_distance_zero_in_features_too() -> None:
    train, extractor = noise(300), open_extractor("digits")
    chosen = [250, 3, 120]
    pixels = np.concatenate([train.read(row, 1) for row in chosen])
    copies = Images("fakes", 3, (32, 32, 1), "copies", lambda first, n: pixels[first : first + n])
    result = find_neighbours(
        vectors(copies, extractor, "features", "generated", quiet),
        vectors(train, extractor, "features", "training", quiet),
        vectors(noise(0), extractor, "features", "held-out", quiet),
        3,
        "digits",
    )
    assert (result.fake_to_train[:, 0] == 0).all() and result.train_rows[:, 0].tolist() == chosen
