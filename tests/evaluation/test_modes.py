"""Classes are counted as they are, and the verdict says what the counts say."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from zerosum.analysis.class_counts import (
    MISSED,
    WRONGLY,
    Modes,
    chance_of_so_many,
    count_modes,
    unlike_share,
    usual_variation,
)
from zerosum.analysis.stacked_modes import StackedModes, count_stacked
from zerosum.cli.modes import _print_table
from zerosum.cli.modes import modes as modes_command
from zerosum.data.sources.idx import DIGITS, DIGITS_FOR_TRAINING, read_idx
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.classes import (
    RealClasses,
    by_neighbours,
    classify_digits,
    others_vote,
    real_digits,
)
from zerosum.evaluation.extractors import Extractor, open_extractor
from zerosum.evaluation.images import Images
from zerosum.evaluation.scores.classified import Labels, most_likely, neighbours_vote
from zerosum.randomness import random_for
from zerosum.records.run import RunFolder

TEN = tuple("0123456789")
EQUAL = np.full(10, 0.1)


def quiet(_what: str, _done: int, _total: int) -> None:
    """Where progress goes here."""


def real_of(counts: NDArray[np.int64]) -> RealClasses:
    """Real images of which the classifier finds so many in each class."""
    names = tuple(str(number) for number in range(len(counts)))
    return RealClasses(names, counts, np.ones_like(names, bool), counts > 0, "by hand")


def labels_of(counts: list[int]) -> Labels:
    classes = np.repeat(np.arange(len(counts)), counts)
    return Labels(classes, np.ones(len(classes)))


def counted(counts: list[int], shares: NDArray[np.float64] = EQUAL, real: int = 10**6) -> Modes:
    """Generated images by class beside so many real ones that have these shares."""
    return count_modes(labels_of(counts), real_of(np.round(shares * real).astype(np.int64)))


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
    # 60 and 40 beside 50 and 50. In a table of two by two, with sums of 100, 100, 110 and 90:
    # χ² = 200 · (60·50 - 40·50)² / (100 · 100 · 110 · 90) = 2.0202, one degree of freedom.
    modes = counted([60, 40], np.array([0.5, 0.5]), real=100)
    assert modes.total_variation == pytest.approx(0.1)
    assert modes.chi_square == pytest.approx(2.0202, abs=1e-4)
    assert modes.p_value == pytest.approx(0.1552, abs=1e-4)


def test_rare_classes_are_tested_together() -> None:
    # Three images of each of 100 classes are expected, and half of these are not made at all.
    modes = counted([6] * 50 + [0] * 50, np.full(100, 0.01))
    assert modes.p_value < 1e-6
    assert counted([3] * 100, np.full(100, 0.01)).p_value == pytest.approx(1)


def test_few_real_images_make_the_data_less_sure() -> None:
    # None of 100 images where 6 would be expected: against many real ones that is no chance
    # (e^-6 = 0.25 % for each of ten classes), against 50 real ones it is.
    shares = np.array([0.06] + [0.94 / 9] * 9)
    counts = [0] + [12] * 4 + [11, 11, 10, 10, 10]
    assert counted(counts, shares).missed == ("0",)
    few = counted(counts, shares, real=50)
    assert few.missed == () and few.untold == ("0",)


def test_a_class_is_missed_only_where_enough_of_it_are_expected() -> None:
    # ln(20 · classes): 5.3 of 10 classes, 7.6 of 100, 8.3 of 200.
    for classes, enough in ((10, 5.3), (100, 7.6), (200, 8.3)):
        for expected, told in ((enough + 0.2, True), (enough - 0.2, False)):
            images = 100 * classes
            shares = np.full(classes, (1 - expected / images) / (classes - 1))
            shares[0] = expected / images
            counts = [0] + [images // (classes - 1)] * (classes - 1)
            modes = counted(counts, shares, real=10**9)
            assert (modes.missed, modes.untold) == ((("0",), ()) if told else ((), ("0",)))


def test_the_usual_variation_is_that_of_chance() -> None:
    random = random_for(0, "usual variation")
    for classes, images, real in ((10, 300, 2000), (100, 300, 10_000), (200, 1000, 1000)):
        shares = np.full(classes, 1 / classes)
        found = [
            np.abs(random.multinomial(images, shares) / images
                   - random.multinomial(real, shares) / real).sum() / 2
            for _ in range(100)
        ]  # fmt: skip
        assert usual_variation(shares, images, real) == pytest.approx(np.mean(found), rel=0.05)


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
    assert modes.verdict().startswith(
        "shows 40 of 60 classes; 120 images are too few to tell of 40, 41, 42"
    )
    assert modes.verdict().endswith(
        "(20 in all): a class of 1.7% is absent by luck in 13 of 100 cases"
    )


def test_classes_of_images_that_are_like_no_real_one_say_little() -> None:
    one_mode = counted([0, 0, 0, 0, 0, 0, 0, 0, 1000, 0])
    assert one_mode.verdict().startswith("collapsed to 1 mode of 10")
    assert replace(one_mode, unlike=0.02).verdict() == one_mode.verdict()
    doubted = replace(one_mode, unlike=0.97).verdict()
    assert doubted == "too unlike the real ones to count classes (97% are like none)"


def test_what_is_said_of_classes_fits_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    _print_table(replace(counted([1000] + [0] * 9), unlike=0.292))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    said = " ".join(" ".join(lines).split())
    far = "29.2% are farther from every real image than 99% of real images are from another one"
    assert f"unlike real ones {far}" in said and " %" not in said
    below = lines[next(i for i, line in enumerate(lines) if line.startswith("chi-square")) + 1]
    assert below.startswith(17 * " ") and below[17] != " "


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


@given(
    seed=st.integers(0, 10_000), images=st.integers(50, 3000), classes=st.sampled_from([2, 10, 200])
)
def test_numbers_of_any_counts_are_numbers(seed: int, images: int, classes: int) -> None:
    random = random_for(seed, "any counts")
    shares = random.dirichlet(np.full(classes, 0.3))
    modes = count_modes(
        labels_of(random.multinomial(images, random.dirichlet(np.full(classes, 0.3))).tolist()),
        real_of(random.multinomial(random.integers(1, 3000), shares)),
    )
    assert 0 <= modes.total_variation <= 1 and 0 <= modes.p_value <= 1 and modes.verdict()
    json.dumps(modes.as_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("classes", "images", "real"),
    [(2, 50, 60), (10, 50, 10_000), (10, 300, 1000), (100, 300, 10_000), (200, 1000, 5000)],
)
def test_images_like_the_real_ones_are_accused_in_at_most_1_of_20_draws(
    classes: int, images: int, real: int
) -> None:
    random = random_for(0, "null", classes, images)
    shares = random.dirichlet(np.full(classes, 3.0))
    draws = [
        count_modes(
            labels_of(random.multinomial(images, shares).tolist()),
            real_of(random.multinomial(real, shares)),
        )
        for _ in range(200)
    ]
    accused = [modes for modes in draws if modes.missed or modes.under_represented]
    assert len(accused) <= 10
    # And p is below 0.05 as often as it says: 10 of 200 expected, 19 or more in 1 of 200 draws.
    assert 2 <= sum(modes.p_value < 0.05 for modes in draws) <= 18


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
    modes = count_modes(found, real_of(np.bincount(labels, minlength=10)))
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
    modes = count_modes(found, real_of(np.full(10, 1000)))
    assert set(modes.missed) == set(TEN) - {str(kind) for kind in kept}
    assert modes.verdict().startswith("collapsed" if len(kept) < 5 else "misses")


def test_neighbours_vote_for_a_class(
    digits: tuple[NDArray[np.uint8], NDArray[np.int64]], extractor: Extractor
) -> None:
    pixels, labels = digits
    known = images_of(pixels[:1500], labels[:1500])
    found, _ = by_neighbours(images_of(pixels[1500:]), known, extractor, "features", stage=quiet)
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
        found, _ = by_neighbours(query, known, pixel_extractor(), "pixel", stage=quiet)
        assert found.classes.tolist() == [kind] and found.confidence == pytest.approx([share])


def test_images_without_classes_cannot_be_counted() -> None:
    plain = images_of(np.zeros((60, 4, 4, 3), np.uint8))
    with pytest.raises(ZerosumError, match="has no classes to count"):
        by_neighbours(plain, plain, pixel_extractor(), "pixel", stage=quiet)


def coarse(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Digits (n, 28, 28, 1) as means of 4 × 4 blocks: features by which five neighbours err."""
    blocks = pixels.reshape(-1, 4, 7, 4, 7).astype(np.float32)
    return np.ascontiguousarray(blocks.mean((2, 4)).reshape(-1, 16))


def test_real_images_are_not_accused_of_the_errors_of_their_classifier(
    digits: tuple[NDArray[np.uint8], NDArray[np.int64]],
) -> None:
    features, labels = coarse(digits[0]), digits[1]
    random = random_for(0, "real against real")
    accused, far, wrong = 0, 0, 0.0
    for _ in range(40):
        rows = random.permutation(len(labels))
        known, new = rows[:1500], rows[1500:]
        found = neighbours_vote(features[new], features[known], labels[known], 10)
        modes = count_modes(found, others_vote(features[known], labels[known], TEN, "by hand"))
        accused += modes.verdict() != "covers all 10 classes"
        far += modes.p_value < 0.05
        wrong += float((found.classes != labels[new]).mean()) / 40
    assert wrong > 0.15  # a classifier worth the test
    assert accused <= 2 and far <= 5


def test_nobody_votes_for_himself_and_twins_only_where_there_are_no_others() -> None:
    # Four copies of one image of b amid 20 images of a. The copies are called a, as another image
    # like them would be, if it were not for them; the four nearest images of a are called b.
    features = np.array([[place] for place in (*range(20), *[9.5] * 4)], dtype=np.float32)
    classes = np.repeat([0, 1], [20, 4])
    assert others_vote(features, classes, ("a", "b"), "").counts.tolist() == [20, 4]
    # Of 50 copies no image has five others within sight.
    many = np.array([*[[0]] * 50, *[[9]] * 50], dtype=np.float32)
    half = np.repeat([0, 1], 50)
    assert others_vote(many, half, ("a", "b"), "").counts.tolist() == [50, 50]


def test_a_class_of_two_labelled_images_is_named_as_one_that_cannot_be_counted(
    digits: tuple[NDArray[np.uint8], NDArray[np.int64]],
) -> None:
    features, labels = coarse(digits[0]), digits[1]
    zeros, ones = np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)
    known = np.concatenate([zeros[:100], ones[:2]])
    real = others_vote(features[known], (labels[known] == 1).astype(np.int64), ("a", "b"), "")
    # 60 exact copies of the two images of class b.
    copies = features[np.repeat(ones[:2], 30)]
    found = neighbours_vote(copies, features[known], np.repeat([0, 1], [100, 2]), 2)
    verdict = count_modes(found, real).verdict()
    assert "collapsed" not in verdict and "misses" not in verdict
    assert verdict == "covers the only other class; cannot count b (too few labelled images)"
    both = count_modes(labels_of([60, 0, 0]), RealClasses(
        ("a", "b", "c"), np.array([50, 40, 0]), np.ones(3, bool), np.array([True, True, False]), ""
    ))  # fmt: skip
    assert both.verdict() == "collapsed to 1 mode of 2: a; cannot count c (too few labelled images)"
    assert both.covered == 1 and both.classes == 3


def test_digits_that_the_data_does_not_have_are_not_missed(
    digits: tuple[NDArray[np.uint8], NDArray[np.int64]], extractor: Extractor
) -> None:
    pixels, labels = digits
    some = np.isin(labels, (0, 2, 7))
    places = np.searchsorted([0, 2, 7], labels[some])
    half = len(places) // 2
    folders = replace(images_of(pixels[some][:half], places[:half]), class_names=("0", "2", "7"))
    plain = images_of(pixels[some][:half])
    new = classify_digits(images_of(pixels[some][half:]), extractor, stage=quiet, keep=False)
    for reals in (folders, plain):
        seen = classify_digits(reals, extractor, stage=quiet, keep=False)
        modes = count_modes(new, real_digits(seen, reals))
        assert modes.verdict() == "covers all 3 classes"
        assert modes.foreign == ("1", "3", "4", "5", "6", "8", "9") and modes.p_value > 0.01
        assert modes.shares[7] == pytest.approx((places[:half] == 2).mean(), abs=0.01)
    only_sevens = labels_of([0] * 7 + [200, 0, 0])
    verdict = count_modes(only_sevens, real_digits(seen, folders)).verdict()
    assert verdict == "collapsed to 1 mode of 3: 7"


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
    assert found.verdict().startswith(f"covers {found.covered} of 1,000 modes; 1,000 images are")
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


def real_shares(result: Result) -> dict[str, float]:
    """The last column of the table, of ten classes."""
    rows = [row.split() for row in result.output.splitlines()[2:12]]
    return {row[0]: float(row[-1].rstrip("%")) / 100 for row in rows}


def test_a_folder_of_digits_is_counted(
    tmp_path: Path, digits: tuple[NDArray[np.uint8], NDArray[np.int64]]
) -> None:
    pixels, labels = digits
    folder = save(tmp_path / "fakes", pixels[np.isin(labels, (1, 7))][:300])
    result = call(folder, "--out", tmp_path / "modes.png")
    lines = result.output.splitlines()
    assert lines[0] == "collapsed to 2 modes of 10: 1 and 7"
    assert "real share" in lines[1] and "2,000 of digits" in result.output
    assert (tmp_path / "modes.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fakes", "modes.png"]


def test_real_digits_without_a_name_are_compared_with_real_digits(
    tmp_path: Path, digits: tuple[NDArray[np.uint8], NDArray[np.int64]]
) -> None:
    others = read_idx(DIGITS / "images-idx3-ubyte.xz")[:1000]
    result = call(save(tmp_path / "real", others))
    assert result.output.splitlines()[0] == "covers all 10 classes"
    # Not a tenth of each: the bundled digits have 8.9 to 11.4 %.
    own = np.bincount(digits[1], minlength=10) / len(digits[1])
    assert own.max() > 0.11
    assert real_shares(result) == pytest.approx(dict(zip(TEN, own, strict=True)), abs=0.002)
    p_value = float(result.output.split("(p = ")[1].split(":")[0])
    assert p_value > 0.01


def test_class_folders_0_2_and_7_give_the_data_s_own_shares(
    tmp_path: Path, digits: tuple[NDArray[np.uint8], NDArray[np.int64]]
) -> None:
    pixels, labels = digits
    fakes: list[NDArray[np.uint8]] = []
    for kind, count in ((0, 90), (2, 30), (7, 60)):
        own = pixels[labels == kind]
        save(tmp_path / "real" / str(kind), own[:count])
        fakes.append(own[count : count + count // 2 + 1])
    folder = save(tmp_path / "fakes", np.concatenate(fakes))
    result = call(folder, "--against", tmp_path / "real", "--extractor", "digits")
    assert result.output.splitlines()[0] == "covers all 3 classes"
    shares = {"0": 1 / 2, "2": 1 / 6, "7": 1 / 3}
    assert real_shares(result) == pytest.approx({**dict.fromkeys(TEN, 0), **shares}, abs=0.01)


def test_a_folder_of_stacked_digits_is_counted_against_stacked_digits(
    tmp_path: Path, digits: tuple[NDArray[np.uint8], NDArray[np.int64]]
) -> None:
    rows = np.zeros((50, 3), np.int64)
    stacked = stacked_of(digits[0], rows)
    folder = save(tmp_path / "fakes", stacked.read(0, 50))
    result = call(folder, "--against", "stacked-digits")
    lines = result.stdout.splitlines()  # without the progress of a slow machine
    assert lines[0].startswith("covers 1 of 1,000 modes; 50 images are too few to show all")
    assert "6.908 nats" in result.stdout


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


def test_fifty_images_cannot_say_that_all_classes_are_covered() -> None:
    """One image of five expected may be luck, and so may be none."""
    modes = counted([1, 8, 5, 5, 6, 5, 5, 5, 5, 5])
    assert modes.untold == ("0",) and modes.covered == 9
    assert modes.verdict() == (
        "shows 9 of 10 classes; 50 images are too few to tell of 0: "
        "a class of 10% is absent by luck in 1 of 190 cases"
    )
    assert modes.as_dict()["can_show"].startswith("of 50 images a class of 10% is absent by luck")


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01])
def test_a_class_with_a_tenth_of_its_share_is_rarely_called_covered(share: float) -> None:
    draws = random_for(0, "covered", int(1000 * share))
    real = np.array([round(60_000 * share), round(60_000 * (1 - share))])
    for images in (50, 300, 1000):
        rare = MISSED * share / (1 - share + MISSED * share)
        counts = draws.binomial(images, rare, 400)
        called = [
            chance_of_so_many(np.array([count, images - count]), real)[0] <= WRONGLY
            for count in counts
        ]
        assert np.mean(called) <= 0.08  # 0.05, and three deviations of 400 draws


def test_few_stacked_digits_say_how_many_modes_so_many_could_show() -> None:
    few = StackedModes(50, (1,) * 50 + (0,) * 950, 50, 0.0, 1.0, 0.0)
    assert few.verdict() == (
        "covers 50 of 1,000 modes; 50 images are too few to show all: real ones would show about 49"
    )
    many = StackedModes(25_600, (0,), 1000, 0.0, 1.0, 0.0)
    assert many.verdict() == "covers 1,000 of 1,000 modes"


def test_a_small_count_does_not_replace_a_large_one(make_run: Callable[..., RunFolder]) -> None:
    run = make_run({"data.source": "digits"})

    def count(images: int, *words: object) -> tuple[list[str], dict[str, Any]]:
        written = call(run.path, "--images", images, "--device", "cpu", *words)
        return written.output.splitlines()[-2:], json.loads((run.path / "modes.json").read_text())

    files, told = count(80)
    assert files == [str(run.charts / "modes.png"), str(run.path / "modes.json")]
    files, told = count(60, "--seed", 1)
    own = run.path / "modes-000200000-last-60-seed-1-digits.json"
    assert files == [str(run.charts / f"{own.stem}.png"), str(own)]
    assert told["images"] == 80 and json.loads(own.read_text())["images"] == 60
    # A larger one takes its place, and what stood there is kept.
    _, told = count(90)
    kept = "modes-000200000-last-80-seed-0-digits"
    assert told["images"] == 90 and (run.charts / f"{kept}.png").is_file()
    assert json.loads((run.path / f"{kept}.json").read_text())["images"] == 80
    assert len(list(run.charts.glob("modes*.png"))) == 3
