"""Classes are counted as they are, and the verdict says what the counts say."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from zerosum.cli.modes import modes as modes_command
from zerosum.data.sources.idx import DIGITS, DIGITS_FOR_TRAINING, read_idx
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.extractors import Extractor, open_extractor
from zerosum.evaluation.images import Images
from zerosum.evaluation.modes import (
    Labels,
    Modes,
    classify_by_neighbours,
    classify_digits,
    count_modes,
    count_stacked,
    most_likely,
    shares_of,
    unlike_share,
)
from zerosum.randomness import random_for
from zerosum.run import RunFolder

TEN = tuple("0123456789")
EQUAL = np.full(10, 0.1)


def quiet(_what: str, _done: int, _total: int) -> None:
    """Where progress goes here."""


def counted(counts: list[int], shares: NDArray[np.float64] = EQUAL) -> Modes:
    classes = np.repeat(np.arange(len(counts)), counts)
    labels = Labels(classes, np.ones(len(classes)))
    names = [str(number) for number in range(len(counts))]
    return count_modes(labels, names, shares, "by hand")


def images_of(pixels: NDArray[np.uint8], labels: NDArray[np.int64] | None = None) -> Images:
    """Images in memory, (n, H, W, C)."""
    return Images(
        "memory",
        len(pixels),
        (pixels.shape[1], pixels.shape[2], pixels.shape[3]),
        str(hash(pixels.tobytes())),
        lambda first, count: pixels[first : first + count],
        labels,
        () if labels is None else tuple(str(kind) for kind in range(int(labels.max()) + 1)),
    )


@pytest.fixture(scope="module")
def digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The 2,000 held-out digits (2000, 28, 28, 1) and their labels."""
    images, labels = (
        read_idx(DIGITS / f"{kind}-ubyte.xz")[DIGITS_FOR_TRAINING:].copy()
        for kind in ("images-idx3", "labels-idx1")
    )
    return images[..., None], labels.astype(np.int64)


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return open_extractor("digits")


# ---- Counts and verdicts ----


def test_counts_as_the_data_are_covered_and_nothing_is_unlikely() -> None:
    modes = counted([100] * 10)
    assert modes.verdict() == "covers all 10 classes"
    assert (modes.total_variation, modes.chi_square, modes.p_value) == (0, 0, 1)
    assert modes.covered == 10 and modes.images == 1000


def test_total_variation_and_chi_square_by_hand() -> None:
    # Expected 50 and 50: differences of 10 each way. χ² = 2·10²/50 = 4 with one degree of freedom.
    modes = counted([60, 40], np.array([0.5, 0.5]))
    assert modes.total_variation == pytest.approx(0.1)
    assert modes.chi_square == pytest.approx(4)
    assert modes.p_value == pytest.approx(0.0455, abs=1e-4)


def test_a_few_rare_classes_are_named() -> None:
    modes = counted([120] * 8 + [20, 20])
    assert modes.verdict() == "covers all 10 classes; under-represents 8 and 9"


def test_a_missing_class_is_named() -> None:
    assert counted([110] * 9 + [0]).verdict() == "misses 9"
    assert counted([110] * 8 + [5, 20]).verdict() == "misses 8; under-represents 9"


def test_two_modes_are_a_collapse_and_so_is_one() -> None:
    two, one = [0] * 10, [0] * 10
    two[1] = two[7] = 500
    one[3] = 1000
    assert counted(two).verdict() == "collapsed to 2 modes of 10: 1 and 7"
    assert counted(one).verdict() == "collapsed to 1 mode of 10: 3"
    assert counted([100, 0], np.array([0.5, 0.5])).verdict() == "collapsed to 1 mode of 2: 0"


def test_what_the_data_has_rarely_is_not_called_under_represented() -> None:
    shares = np.array([0.9, 0.1])
    assert counted([900, 100], shares).verdict() == "covers all 2 classes"
    assert "under-represents 0" in counted([300, 700], shares).verdict()


def test_few_images_of_many_classes_are_too_few_to_tell() -> None:
    # Two of each are expected: a perfect generator leaves out one class in seven.
    modes = counted([3] * 40 + [0] * 20, np.full(60, 1 / 60))
    assert modes.missed == () and len(modes.untold) == 20 and modes.covered == 40
    assert modes.verdict().startswith("120 images are too few to tell of 40, 41, 42")
    assert modes.verdict().endswith("(20 in all)")


def test_classes_of_images_that_are_like_no_real_one_say_little() -> None:
    one_mode = counted([0, 0, 0, 0, 0, 0, 0, 0, 1000, 0])
    assert one_mode.verdict().startswith("collapsed to 1 mode of 10")
    assert replace(one_mode, unlike=0.02).verdict() == one_mode.verdict()
    doubted = replace(one_mode, unlike=0.97).verdict()
    assert doubted == "97% of the images are like no real one: their classes (1 of 10) say little"


def test_other_digits_are_like_real_ones_and_noise_is_not(
    digits: tuple[NDArray[np.uint8], NDArray[np.int64]], extractor: Extractor
) -> None:
    pixels = digits[0]
    noise = random_for(0, "noise").integers(0, 60, pixels.shape, dtype=np.uint8)
    half = len(pixels) // 2

    def features(of: NDArray[np.uint8]) -> NDArray[np.float32]:
        return extractor.compute(torch.from_numpy(of), ("features",))["features"].numpy()

    real = features(pixels[:half])
    assert unlike_share(features(pixels[half:]), real) < 0.05
    assert unlike_share(features(np.maximum(pixels, noise)[half:]), real) > 0.5
    assert unlike_share(features(noise), real) > 0.95


def test_fewer_than_fifty_are_refused() -> None:
    with pytest.raises(UsageError, match="49 images are too few") as error:
        counted([5] * 9 + [4])
    assert "50 at least" in error.value.remedy
    assert counted([5] * 10).images == 50


@given(seed=st.integers(0, 10_000), images=st.integers(50, 3000))
def test_a_perfect_generator_is_hardly_ever_accused(seed: int, images: int) -> None:
    counts = random_for(seed, "perfect").multinomial(images, EQUAL)
    modes = counted([int(count) for count in counts])
    assert "collapsed" not in modes.verdict()
    # 5 expected of each of 10: at 50 images a class is empty in 1 of 20 draws.
    assert len(modes.missed) <= 1 and (images < 100 or not modes.missed)
    assert 0 <= modes.total_variation < 0.5 and 0 <= modes.p_value <= 1
    json.dumps(modes.as_dict(), allow_nan=False)


def test_the_p_value_is_uniform_where_chance_alone_is_at_work() -> None:
    random = random_for(0, "uniform p")
    p_values = np.array(
        [counted(random.multinomial(5000, EQUAL).tolist()).p_value for _ in range(400)]
    )
    assert np.mean(p_values < 0.5) == pytest.approx(0.5, abs=0.08)
    assert np.mean(p_values < 0.05) == pytest.approx(0.05, abs=0.04)


# ---- Who classifies ----


def test_the_likeliest_class_and_its_probability() -> None:
    logits = np.log(np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]], dtype=np.float32))
    labels = most_likely(logits)
    assert labels.classes.tolist() == [0, 2]
    assert labels.confidence == pytest.approx([0.7, 0.4], abs=1e-6)


def test_held_out_digits_are_counted_as_their_labels_say(
    digits: tuple[NDArray[np.uint8], NDArray[np.int64]], extractor: Extractor
) -> None:
    pixels, labels = digits
    found = classify_digits(images_of(pixels), extractor, stage=quiet, keep=False)
    assert (found.classes == labels).mean() >= 0.99
    modes = count_modes(found, TEN, shares_of(images_of(pixels, labels)), "digits")
    assert modes.verdict() == "covers all 10 classes"
    assert modes.total_variation < 0.01 and modes.p_value > 0.9
    assert modes.confidence > 0.9 and modes.unsure < 0.02


@pytest.mark.parametrize("kept", [(1,), (1, 7), (0, 2, 4, 6, 8, 9)])
def test_classes_left_out_of_digits_are_named(
    kept: tuple[int, ...],
    digits: tuple[NDArray[np.uint8], NDArray[np.int64]],
    extractor: Extractor,
) -> None:
    pixels, labels = digits
    some = images_of(pixels[np.isin(labels, kept)])
    found = classify_digits(some, extractor, stage=quiet, keep=False)
    modes = count_modes(found, TEN, EQUAL, "digits")
    assert set(modes.missed) == set(TEN) - {str(kind) for kind in kept}
    assert modes.verdict().startswith("collapsed" if len(kept) < 5 else "misses")


def test_neighbours_vote_for_a_class(
    digits: tuple[NDArray[np.uint8], NDArray[np.int64]], extractor: Extractor
) -> None:
    pixels, labels = digits
    known = images_of(pixels[:1500], labels[:1500])
    found = classify_by_neighbours(
        images_of(pixels[1500:]), known, extractor, "features", stage=quiet
    )
    assert (found.classes == labels[1500:]).mean() > 0.98
    assert set(np.round(found.confidence * 5).tolist()) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert found.confidence.mean() > 0.95


def pixel_extractor() -> Extractor:
    """Features that are the first pixel's value: neighbours can be counted on fingers."""

    def compute(images: torch.Tensor, layers: object) -> dict[str, torch.Tensor]:  # noqa: ARG001
        return {"pixel": images[:, 0, 0, :1].float()}

    return Extractor(
        name="pixel",
        layers={"pixel": 1},
        default_layer="pixel",
        logits="",
        weights="none",
        approximate=(),
        resize="none",
        precision="float32",
        device=torch.device("cpu"),
        batch=8,
        compute=compute,
    )


def test_ties_go_to_the_nearer_and_majorities_beat_nearness() -> None:
    def column(values: list[int]) -> NDArray[np.uint8]:
        return np.array(values, np.uint8)[:, None, None, None]

    # Nearest to 100: 101 (class 1), 103 (0), 105 (0), 107 (1), 109 (2): a tie that 1 wins.
    tied = images_of(column([101, 103, 105, 107, 109, 200]), np.array([1, 0, 0, 1, 2, 2]))
    # The nearest is of class 0, three others of class 1.
    majority = images_of(column([101, 103, 105, 107, 109, 201]), np.array([0, 1, 1, 1, 2, 2]))
    query = images_of(column([100]))
    for known, kind, share in ((tied, 1, 0.4), (majority, 1, 0.6)):
        found = classify_by_neighbours(query, known, pixel_extractor(), "pixel", stage=quiet)
        assert found.classes.tolist() == [kind] and found.confidence == pytest.approx([share])


def test_images_without_classes_cannot_be_counted() -> None:
    plain = images_of(np.zeros((60, 4, 4, 3), np.uint8))
    with pytest.raises(ZerosumError, match="has no classes to count"):
        classify_by_neighbours(plain, plain, pixel_extractor(), "pixel", stage=quiet)


# ---- Stacked digits ----


def stacked_of(pixels: NDArray[np.uint8], rows: NDArray[np.int64]) -> Images:
    """Digits (n, 28, 28, 1) in threes by their rows (m, 3) → colour images (m, 28, 28, 3)."""
    return images_of(np.ascontiguousarray(pixels[rows, ..., 0].transpose(0, 2, 3, 1)))


def test_stacked_digits_are_counted_as_their_labels_say(
    digits: tuple[NDArray[np.uint8], NDArray[np.int64]], extractor: Extractor
) -> None:
    pixels, labels = digits
    rows = random_for(0, "stacked").integers(0, len(pixels), (1000, 3))
    modes = labels[rows] @ np.array([100, 10, 1])
    truth = np.bincount(modes, minlength=1000) / 1000
    present = truth[truth > 0]
    found = count_stacked(stacked_of(pixels, rows), extractor, stage=quiet)
    assert found.images == 1000
    assert abs(found.covered - len(present)) <= 15  # 1,000 draws show about 632 of 1,000 modes
    assert found.divergence == pytest.approx((present * np.log(present * 1000)).sum(), abs=0.03)
    assert found.verdict() == f"covers {found.covered} of 1,000 modes"
    assert found.confidence > 0.9


def test_red_is_the_first_digit_of_a_mode(
    digits: tuple[NDArray[np.uint8], NDArray[np.int64]], extractor: Extractor
) -> None:
    pixels, labels = digits
    one, two = (np.flatnonzero(labels == kind)[0] for kind in (1, 2))
    # More than a batch of the network: 480 channels, in batches that no three divide.
    rows = np.array([[one, two, two]] * 100 + [[two, two, one]] * 60)
    found = count_stacked(stacked_of(pixels, rows), extractor, stage=quiet)
    assert (found.counts[122], found.counts[221]) == (100, 60)
    assert found.covered == 2  # 122 and 221: not one mode, as a sum or a set would make it
    shares = np.array([100, 60]) / 160
    assert found.divergence == pytest.approx((shares * np.log(shares * 1000)).sum())


def test_one_mode_is_as_far_from_uniform_as_can_be(
    digits: tuple[NDArray[np.uint8], NDArray[np.int64]], extractor: Extractor
) -> None:
    rows = np.zeros((100, 3), np.int64)
    found = count_stacked(stacked_of(digits[0], rows), extractor, stage=quiet)
    assert found.covered == 1 and found.divergence == pytest.approx(np.log(1000))


def test_fewer_than_fifty_stacked_digits_are_refused(
    digits: tuple[NDArray[np.uint8], NDArray[np.int64]], extractor: Extractor
) -> None:
    few = stacked_of(digits[0], np.zeros((49, 3), np.int64))
    with pytest.raises(UsageError, match="49 images are too few"):
        count_stacked(few, extractor, stage=quiet)


# ---- The command ----


def call(*words: object) -> Result:
    result = CliRunner().invoke(modes_command, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def save(folder: Path, pixels: NDArray[np.uint8]) -> Path:
    folder.mkdir(parents=True)
    for number, image in enumerate(pixels):
        Image.fromarray(image.squeeze()).save(folder / f"{number:04d}.png")
    return folder


def test_a_folder_of_digits_is_counted(
    tmp_path: Path, digits: tuple[NDArray[np.uint8], NDArray[np.int64]]
) -> None:
    pixels, labels = digits
    folder = save(tmp_path / "fakes", pixels[np.isin(labels, (1, 7))][:300])
    result = call(folder, "--out", tmp_path / "modes.png")
    lines = result.output.splitlines()
    assert lines[0] == "collapsed to 2 modes of 10: 1 and 7"
    assert "data's share" in lines[1]
    assert (tmp_path / "modes.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fakes", "modes.png"]


def test_a_folder_of_stacked_digits_is_counted_against_stacked_digits(
    tmp_path: Path, digits: tuple[NDArray[np.uint8], NDArray[np.int64]]
) -> None:
    rows = np.zeros((50, 3), np.int64)
    stacked = stacked_of(digits[0], rows)
    folder = save(tmp_path / "fakes", stacked.read(0, 50))
    result = call(folder, "--against", "stacked-digits")
    lines = result.output.splitlines()
    assert lines[0] == "covers 1 of 1,000 modes"
    assert "6.908 nats" in result.output


def test_a_run_gets_a_picture_and_numbers(make_run: Callable[..., RunFolder]) -> None:
    run = make_run({"data.source": "digits"})
    result = call(run.path, "--images", 64, "--device", "cpu")
    told = json.loads((run.path / "modes.json").read_text())
    assert result.output.splitlines()[0] == told["verdict"]
    assert sum(told["counts"]) == told["images"] == 64
    assert told["shares"] != [0.1] * 10 and sum(told["shares"]) == pytest.approx(1)
    assert told["checkpoint"] == "000200000"
    assert (run.charts / "modes.png").is_file()


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--images", 49], "49 images are too few"),
        (["--images", 60, "--out", "modes.jpg"], "does not end in .png"),
        (["--images", 60, "--against", "mnist"], "trained on"),
    ],
)
def test_wrong_words_are_refused_and_nothing_is_written(
    words: list[object], what: str, make_run: Callable[..., RunFolder]
) -> None:
    run = make_run({"data.source": "digits"})
    with pytest.raises(UsageError, match=what):
        call(run.path, *words, "--device", "cpu")
    assert not (run.path / "modes.json").exists() and not run.charts.exists()


def test_colour_without_classes_says_what_is_needed(
    write_pictures: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(ZerosumError, match="no classes to count") as error:
        call(write_pictures("fakes", 60), "--out", tmp_path / "modes.png")
    assert "--against DATA" in error.value.remedy
    assert not (tmp_path / "modes.png").exists()
