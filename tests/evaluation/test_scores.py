"""Scores: known answers, torch-fidelity's answers, and what each score must tell apart."""

import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch_fidelity.defaults import DEFAULTS
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric
from torchvision.transforms.functional import gaussian_blur

from zerosum.data.sources.idx import DIGITS, DIGITS_FOR_TRAINING, read_idx
from zerosum.errors import UsageError
from zerosum.evaluation.scores import Features, Result, compute_scores, kid
from zerosum.evaluation.scores.coverage import coverage
from zerosum.evaluation.scores.density import density
from zerosum.evaluation.scores.errors import partitions
from zerosum.evaluation.scores.gaussian import (
    distances_without,
    frechet_distance,
    gaussian,
    overlap_of,
)
from zerosum.evaluation.scores.pairs import compare_pairs
from zerosum.evaluation.scores.precision import precision
from zerosum.evaluation.scores.recall import recall
from zerosum.randomness import random_for
from zerosum.recipe.scores import SCORES

OF_FEATURES = tuple(name for name in SCORES if "classes" not in SCORES[name].needs)
OF_PAIRS = ("kid", "precision", "recall", "coverage", "density")
Pixels = NDArray[np.float32]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Of products as small as these a second thread is only waited for."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def normal(
    count: int, dimension: int, *, at: float = 0.0, scale: float = 1.0, draw: int = 0
) -> Features:
    values = random_for(0, "normal", count, dimension, draw).standard_normal((count, dimension))
    return (values * scale + at).astype(np.float32)


def values(names: tuple[str, ...], fake: Features, real: Features) -> dict[str, float]:
    return {name: result.value for name, result in compute_scores(names, fake, real).items()}


def on_a_line(*places: float) -> Features:
    return np.array([(place, 0) for place in places], dtype=np.float32)


# ---- The numbers of torch-fidelity ----


def lumpy(count: int, dimension: int, draw: int) -> Features:
    """Ten clusters, some of which only one of two draws has: no score is 0 or 1."""
    centres = normal(12, dimension, scale=3, draw=99)
    chosen = random_for(0, "clusters", draw).integers(draw, 10 + draw, count)
    return centres[chosen] + normal(count, dimension, scale=1 + 0.1 * draw, draw=draw)


@pytest.mark.parametrize(
    ("fakes", "reals", "dimension"), [(700, 800, 96), (800, 150, 200), (90, 1200, 64)]
)
def test_fid_is_that_of_torch_fidelity(fakes: int, reals: int, dimension: int) -> None:
    fake, real = lumpy(fakes, dimension, 1), lumpy(reals, dimension, 0)
    statistics = [fid_features_to_statistics(torch.from_numpy(side)) for side in (fake, real)]
    wanted = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    assert values(("fid",), fake, real)["fid"] == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(("fakes", "reals", "size"), [(300, 420, 1000), (420, 300, 150)])
def test_kid_is_that_of_torch_fidelity(
    fakes: int, reals: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kid, "SIZE", size)  # subsets of 1,000 are too slow on its side
    fake, real = lumpy(fakes, 48, 1), lumpy(reals, 48, 0)
    wanted = kid_features_to_metric(
        torch.from_numpy(fake),
        torch.from_numpy(real),
        kid_subset_size=min(size, fakes, reals),
        verbose=False,
    )
    found = compute_scores(["kid"], fake, real)["kid"]
    assert found.value == pytest.approx(wanted["kernel_inception_distance_mean"], rel=1e-4)
    assert found.deviation == pytest.approx(wanted["kernel_inception_distance_std"], rel=1e-4)


def test_the_subsets_of_kid_are_as_many_and_as_large_as_torch_fidelitys() -> None:
    assert DEFAULTS["kid_subsets"] == kid.SUBSETS
    assert DEFAULTS["kid_subset_size"] == kid.SIZE
    assert DEFAULTS["rng_seed"] == kid.SEED


@pytest.mark.parametrize("draw", [0, 1, 2])
def test_precision_and_recall_are_those_of_torch_fidelity_and_not_swapped(draw: int) -> None:
    fake, real = lumpy(500, 16, draw), lumpy(400, 16, 0)
    wanted = prc_features_to_metric(torch.from_numpy(fake), torch.from_numpy(real), verbose=False)
    found = values(("precision", "recall"), fake, real)
    assert found["precision"] == pytest.approx(wanted["precision"], abs=1e-6)
    assert found["recall"] == pytest.approx(wanted["recall"], abs=1e-6)
    if draw:
        assert abs(found["precision"] - found["recall"]) > 0.01


def test_the_inception_score_is_that_of_torch_fidelity() -> None:
    logits = normal(1000, 30, scale=2)
    wanted = isc_features_to_metric(torch.from_numpy(logits))
    found = compute_scores(["is"], logits, logits, fake_logits=logits)["is"]
    assert found.value == pytest.approx(wanted["inception_score_mean"], rel=1e-6)
    assert found.deviation == pytest.approx(wanted["inception_score_std"], rel=1e-6)


def test_the_inception_score_counts_classes_that_are_certain() -> None:
    def score(logits: Features) -> float:
        return compute_scores(["is"], logits, logits, fake_logits=logits)["is"].value

    certain = np.tile(np.eye(10, dtype=np.float32) * 50, (300, 1))
    assert 9.5 < score(certain) <= 10
    assert 4.5 < score(certain[certain.argmax(1) < 5]) <= 5
    assert score(np.zeros((100, 10), np.float32)) == pytest.approx(1)
    assert score(np.repeat(certain[:1], 100, axis=0)) == pytest.approx(1)


# ---- Known answers ----


def moments(mean: tuple[float, ...], deviations: tuple[float, ...], turn: float = 0) -> Features:
    """Points with exactly this mean and these deviations (unbiased) along axes that are turned."""
    size = len(mean)
    arms = np.diag(deviations) * math.sqrt((2 * size - 1) / 2)
    rotation = np.eye(size)
    rotation[:2, :2] = [[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]
    return (np.concatenate([arms, -arms]) @ rotation.T + mean).astype(np.float32)


@pytest.mark.parametrize("more_dimensions", [0, 1, 20])
def test_fid_of_known_moments(more_dimensions: int) -> None:
    fake, real = moments((1, 2), (1, 2)), moments((4, 6), (3, 0.5))
    zeros = np.zeros((4, more_dimensions), np.float32)
    found = values(("fid",), np.hstack([fake, zeros]), np.hstack([real, zeros]))["fid"]
    assert found == pytest.approx(9 + 16 + (1 - 3) ** 2 + (2 - 0.5) ** 2, rel=1e-6)


@pytest.mark.parametrize("more_dimensions", [0, 20])
def test_fid_of_covariances_that_do_not_commute(more_dimensions: int) -> None:
    fake, real = moments((0, 0), (1, 2)), moments((0, 0), (3, 1), turn=math.pi / 3)
    # Of two 2×2 matrices A and B, tr (A·B)^½ = (tr A·B + 2·(det A·det B)^½)^½.
    one = np.diag([1.0, 4.0])
    turn = np.array([[0.5, -math.sqrt(0.75)], [math.sqrt(0.75), 0.5]])
    other = turn @ np.diag([9.0, 1.0]) @ turn.T
    root = math.sqrt(np.trace(one @ other) + 2 * math.sqrt(4 * 9))
    zeros = np.zeros((4, more_dimensions), np.float32)
    found = values(("fid",), np.hstack([fake, zeros]), np.hstack([real, zeros]))["fid"]
    assert found == pytest.approx(5 + 10 - 2 * root, rel=1e-6)


def test_fid_of_two_gaussians() -> None:
    count, dimension = 40_000, 8
    fake, real = normal(count, dimension, at=0.5, scale=1.5), normal(count, dimension, draw=1)
    wanted = dimension * (0.5**2 + (1.5 - 1) ** 2)
    # Each mean and each deviation is off by about a part in √count.
    off = 4 * math.sqrt(dimension) * 2 * 1.5 / math.sqrt(count)
    assert values(("fid",), fake, real)["fid"] == pytest.approx(wanted, abs=off)


def test_kid_of_points_by_hand() -> None:
    """k(x, y) = (x·y / d + 1)³ with d = 2 of two points a side: one subset, of all."""
    fake, real = on_a_line(0, 2), on_a_line(1, 4)
    # Within: k(0, 2) = 1, k(1, 4) = 27. Across: k(0, 1) = k(0, 4) = 1, k(2, 1) = 8, k(2, 4) = 125.
    wanted = 1 + 27 - 2 * (1 + 1 + 8 + 125) / 4
    assert values(("kid",), fake, real)["kid"] == pytest.approx(wanted, rel=1e-6)


TWO_CLUSTERS = on_a_line(0, 1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105)
"""To the 3rd neighbour it is 3, 2, 2, 2, 2, 3 in each cluster; to the 5th 5, 4, 3, 3, 4, 5."""


def test_precision_recall_density_and_coverage_by_hand() -> None:
    fake = np.array([(0.5, 0), (2.5, 0), (2.5, 3.4), (50, 0)], dtype=np.float32)
    found = values(("precision", "recall", "density", "coverage"), fake, TWO_CLUSTERS)
    # (2.5, 3.4) is 3.44 away from 2 and 3, and 4.22 from 0 and 5.
    assert found["precision"] == pytest.approx(2 / 4)
    # Of four fakes the third neighbour is the farthest; (50, 0) reaches 49.5 far.
    assert found["recall"] == pytest.approx(6 / 12)
    # The four lie in 6, 6, 4 and 0 of the balls to the 5th neighbour.
    assert found["density"] == pytest.approx(16 / (4 * 5))
    assert found["coverage"] == pytest.approx(6 / 12)


def test_half_of_the_variety_is_half_the_recall() -> None:
    fake = on_a_line(0.5, 1.5, 2.5, 3.5, 4.5)
    found = values(("precision", "recall", "coverage"), fake, TWO_CLUSTERS)
    assert found == pytest.approx({"precision": 1, "recall": 1 / 2, "coverage": 1 / 2})


def test_a_point_on_the_edge_is_in_the_ball_of_precision_and_not_of_coverage() -> None:
    real = on_a_line(0, 1, 2, 3, 4, 5)
    # 3 from 5, whose third neighbour is as far; 4 from 4, whose fifth is as far.
    found = values(("precision", "density"), on_a_line(8, 8, 8, 8), real)
    assert found == pytest.approx({"precision": 1, "density": 1 / 5})
    # 5 from 5, whose fifth neighbour is as far.
    found = values(("precision", "coverage", "density"), on_a_line(10, 10, 10, 10), real)
    assert found == {"precision": 0, "coverage": 0, "density": 0}


def test_copying_by_hand() -> None:
    train = on_a_line(0, 1, 3, 7)  # to the nearest other: 1, 1, 2, 4
    fake = on_a_line(0.25, 2.5, -1.5, 12, -1)
    # 0.25 from 0; 0.5 from 3; 1.5 and 5 are too far; and 1 is as far as 0 and 1 are.
    found = compute_scores(["copying"], fake, fake, train=train)["copying"]
    assert found == Result(2 / 5)


def test_copies_are_found_and_new_images_are_not() -> None:
    train, new = normal(600, 12), normal(300, 12, draw=1)
    copies = train[:200] + normal(200, 12, scale=1e-3, draw=2)

    def copied(fake: Features) -> float:
        return compute_scores(["copying"], fake, new, train=train)["copying"].value

    assert copied(copies) == 1
    assert copied(train[:200]) == 1
    assert 0.2 < copied(new) < 0.6
    assert copied(np.concatenate([copies, new[:200] * 10])) == pytest.approx(0.5, abs=0.02)


# ---- What each score tells apart, on digits ----


@pytest.fixture(scope="module")
def digits() -> tuple[Pixels, Pixels, NDArray[np.uint8]]:
    """Held-out and as many training digits, (n, 28, 28) from 0 to 1, and the latter's labels."""
    images: Pixels = (read_idx(DIGITS / "images-idx3-ubyte.xz") / 255).astype(np.float32)
    labels = read_idx(DIGITS / "labels-idx1-ubyte.xz")
    return images[DIGITS_FOR_TRAINING:], images[:2000], labels[:2000]


def features(pixels: Pixels) -> Features:
    """64 random directions of pixel space: no network, and far fewer dimensions than images."""
    matrix = random_for(0, "directions").standard_normal((28 * 28, 64)) / 28
    return (pixels.reshape(len(pixels), -1) @ matrix).astype(np.float32)


Digits = tuple[Pixels, Pixels, NDArray[np.uint8]]
FIVE = ("fid", "kid", "precision", "recall", "coverage")


def test_real_images_against_themselves(digits: Digits) -> None:
    real = features(digits[0])
    found = values(FIVE, real, real)
    assert 0 <= found["fid"] < 1e-6 * np.var(real, axis=0).sum()
    assert found["precision"] == found["recall"] == found["coverage"] == 1
    assert abs(found["kid"]) < 1e-3


def test_other_real_images_are_almost_as_good(digits: Digits) -> None:
    real, other = features(digits[0]), features(digits[1])
    found = values(FIVE, other, real)
    assert found["fid"] < 0.05 * np.var(real, axis=0).sum()
    assert min(found["precision"], found["recall"], found["coverage"]) > 0.6
    assert values(("density",), other, real)["density"] == pytest.approx(1, abs=0.15)


def test_one_image_repeated_is_precise_and_has_no_recall(digits: Digits) -> None:
    real = features(digits[0])
    found = values(FIVE, np.repeat(real[5:6], 500, axis=0), real)
    assert found["precision"] == 1
    assert found["recall"] < 0.001
    assert found["coverage"] < 0.02
    # All of the reals' variance is missing.
    assert found["fid"] > np.var(real, axis=0).sum()


def test_far_noise_beside_real_images_costs_precision_and_not_recall(digits: Digits) -> None:
    real, other = features(digits[0]), features(digits[1])
    far = normal(2000, 64, at=300)
    clean, spoilt = (values(FIVE, fake, real) for fake in (other, np.concatenate([other, far])))
    assert spoilt["precision"] == pytest.approx(clean["precision"] / 2)
    assert spoilt["recall"] == pytest.approx(clean["recall"], abs=0.01)
    assert spoilt["coverage"] == clean["coverage"]


def test_noise_has_neither_precision_nor_recall(digits: Digits) -> None:
    pixels = random_for(0, "noise").random((2000, 28, 28), dtype=np.float32)
    found = values((*FIVE, "density"), features(pixels), features(digits[0]))
    assert max(found[name] for name in ("precision", "recall", "coverage", "density")) < 0.01


def blurred(pixels: Pixels, amount: float) -> Pixels:
    if not amount:
        return pixels
    result: Pixels = gaussian_blur(torch.from_numpy(pixels)[:, None], [9, 9], [amount])[
        :, 0
    ].numpy()
    return result


def noisy(pixels: Pixels, amount: float) -> Pixels:
    noise = random_for(0, "noise").standard_normal(pixels.shape, dtype=np.float32)
    return (pixels + amount * noise).clip(0, 1)


@pytest.mark.parametrize("spoil", [blurred, noisy])
def test_scores_worsen_with_blur_and_noise(
    spoil: Callable[[Pixels, float], Pixels], digits: Digits
) -> None:
    real = features(digits[0])
    amounts = (0.0, 0.4, 0.6, 0.8) if spoil is blurred else (0.0, 0.2, 0.4, 0.8)
    found = [values(FIVE, features(spoil(digits[1], amount)), real) for amount in amounts]
    assert_monotone([each["fid"] for each in found])
    assert_monotone([each["kid"] for each in found])
    # A slightly blurred digit lies amid real ones: precision and coverage rise at first.
    hurt = ("recall",) if spoil is blurred else ("precision", "coverage")
    for name in hurt:
        assert_monotone([-each[name] for each in found])


def test_every_score_of_variety_worsens_with_each_class_left_out(digits: Digits) -> None:
    real = features(digits[0])
    fake, labels = features(digits[1]), digits[2]
    # As many images each time: what differs is which classes there are.
    found = [values(FIVE, fake[labels < classes][:400], real) for classes in (10, 8, 6, 4, 2)]
    assert len(fake[labels < 2]) >= 400
    assert_monotone([each["fid"] for each in found])
    assert_monotone([each["kid"] for each in found])
    assert_monotone([-each["recall"] for each in found])
    assert_monotone([-each["coverage"] for each in found])
    assert min(each["precision"] for each in found) > 0.6


def assert_monotone(numbers: list[float]) -> None:
    assert all(one < other for one, other in itertools.pairwise(numbers)), numbers


# ---- What changes nothing ----


@given(st.integers(2, 40), st.integers(2, 40), st.integers(1, 6), st.integers(0, 10**6))
def test_precision_is_the_recall_of_the_swapped_sides(
    ones: int, others: int, dimension: int, draw: int
) -> None:
    one, other = normal(ones, dimension, draw=draw), normal(others, dimension, at=1, draw=draw)
    here = values(("precision", "recall"), one, other)
    there = values(("precision", "recall"), other, one)
    assert (here["precision"], here["recall"]) == (there["recall"], there["precision"])


@given(st.integers(2, 40), st.integers(2, 40), st.integers(1, 50), st.integers(0, 10**6))
def test_the_size_of_a_block_changes_no_score(
    fakes: int, reals: int, block: int, draw: int
) -> None:
    fake, real = normal(fakes, 4, draw=draw), normal(reals, 4, at=0.5, draw=draw)
    sums, found = compare_pairs(fake, real, kernel=True, neighbours=True, block=block)
    assert sums is not None and found is not None
    whole = compute_scores(OF_PAIRS, fake, real)
    assert sums.result().value == pytest.approx(whole["kid"].value, rel=1e-4, abs=1e-6)
    assert precision(found) == whole["precision"]
    assert recall(found) == whole["recall"]
    assert coverage(found) == whole["coverage"]
    assert density(found) == whole["density"]


def test_blocks_that_cut_through_the_parts_change_no_error() -> None:
    fake, real = normal(230, 6), normal(170, 6, at=0.3, draw=1)
    whole = compute_scores(OF_PAIRS, fake, real)
    for block in (17, 46, 100):
        _, found = compare_pairs(fake, real, kernel=False, neighbours=True, block=block)
        assert found is not None
        assert precision(found) == whole["precision"]
        assert recall(found) == whole["recall"]
        assert coverage(found) == whole["coverage"]
        assert density(found) == whole["density"]


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_images_changes_no_value(random: object) -> None:
    fake, real = normal(60, 5), normal(50, 5, at=0.4, draw=1)
    names = ("fid", "precision", "recall", "coverage", "density", "copying")
    before = compute_scores(names, fake, real, train=real)
    orders = [list(range(len(side))) for side in (fake, real)]
    for order in orders:
        random.shuffle(order)  # type: ignore[attr-defined]
    after = compute_scores(names, fake[orders[0]], real[orders[1]], train=real[orders[1]])
    for name in names:
        assert after[name].value == pytest.approx(before[name].value, rel=1e-6), name


def test_scores_come_in_the_order_that_was_asked_for_and_progress_ends() -> None:
    heard: list[tuple[int, int]] = []
    names = ["recall", "fid", "kid"]
    found = compute_scores(
        names, normal(30, 4), normal(30, 4), progress=lambda *state: heard.append(state)
    )
    assert list(found) == names
    assert heard[-1][0] == heard[-1][1] and heard == sorted(heard)
    assert compute_scores([], normal(30, 4), normal(30, 4)) == {}


# ---- How sure they are ----


def repeated(names: tuple[str, ...], runs: int, count: int) -> dict[str, list[Result]]:
    """Scores of `runs` independent samples of one generator against the same real images."""
    real = normal(800, 6, draw=10**6)
    found: dict[str, list[Result]] = {name: [] for name in names}
    for run in range(runs):
        fake = normal(count, 6, at=0.4, scale=1.1, draw=run)
        scores = compute_scores(names, fake, real, train=real, fake_logits=2 * fake)
        for name, result in scores.items():
            found[name].append(result)
    return found


def test_standard_errors_are_what_scores_deviate_by_over_draws_of_one_generator() -> None:
    draws = 40
    for name, results in repeated(OF_FEATURES, draws, 300).items():
        deviation = np.std([result.value for result in results], ddof=1)
        claimed = np.mean([result.error for result in results if result.error is not None])
        # 0.8 to 1.25, and what a deviation of forty values may be off by itself.
        luck = 2 / math.sqrt(2 * (draws - 1))
        assert 0.8 * (1 - luck) < claimed / deviation < 1.25 * (1 + luck), name


def test_the_error_of_kid_is_not_the_deviation_of_its_subsets() -> None:
    real = normal(1200, 8, draw=10**6)
    found = [
        compute_scores(["kid"], normal(4000, 8, at=0.1, draw=run), real)["kid"] for run in range(8)
    ]
    truth = float(np.std([result.value for result in found], ddof=1))
    for result in found:
        assert result.error is not None and result.deviation is not None
        assert truth / 2 < result.error < 2 * truth
        assert result.deviation > 1.5 * result.error


@pytest.mark.parametrize(
    ("fakes", "reals", "digits"),
    # Of as many images as dimensions, or fewer, an eigenvalue is 0; its root has half the digits.
    [(300, 300, 1e-9), (300, 20, 1e-7), (30, 300, 1e-9)],
)
def test_distances_without_a_fold_are_those_of_the_images_that_are_left(
    fakes: int, reals: int, digits: float
) -> None:
    fake, real = normal(fakes, 40), normal(reals, 40, at=0.3, draw=1)
    whole, other = gaussian(fake), gaussian(real)
    folds = np.array_split(random_for(0, "folds").permutation(fakes), 5)
    found = distances_without(fake, whole, overlap_of(whole, other), other, folds)
    left = [gaussian(np.delete(fake, fold, axis=0)) for fold in folds]
    assert found == pytest.approx([frechet_distance(each, other) for each in left], rel=digits)


def test_errors_of_fid_and_recall_are_those_of_scores_without_each_fold() -> None:
    fake, real = normal(300, 6, at=0.4), normal(200, 6, draw=1)
    names = ("fid", "recall")
    found = compute_scores(names, fake, real)
    variances = dict.fromkeys(names, 0.0)
    for folds in partitions(len(fake), 4):
        assert np.array_equal(np.sort(np.concatenate(folds)), np.arange(300)) and len(folds) == 5
        without = [values(names, np.delete(fake, fold, axis=0), real) for fold in folds]
        for name in names:
            variances[name] += 4 * float(np.var([each[name] for each in without])) / 4
    for name in names:
        assert found[name].error == pytest.approx(math.sqrt(variances[name]), rel=1e-4), name
        assert found[name].freedom == 16


@pytest.mark.parametrize("count", [100, 800])
def test_the_error_of_coverage_holds_where_little_and_where_much_is_covered(count: int) -> None:
    real = normal(400, 5, draw=10**6)
    found = [
        compute_scores(["coverage"], normal(count, 5, at=0.4, draw=run), real)["coverage"]
        for run in range(60)
    ]
    deviation = float(np.std([result.value for result in found], ddof=1))
    claimed = np.mean([result.error for result in found if result.error is not None])
    assert 0.8 < claimed / deviation < 1.3


def test_the_error_of_kid_is_that_of_its_formula_over_all_pairs_and_triples() -> None:
    fake, real = normal(50, 4, at=0.4), normal(50, 4, draw=1)
    found = compute_scores(["kid"], fake, real)["kid"]

    def kernel(one: Features, other: Features) -> NDArray[np.float64]:
        cubes: NDArray[np.float64] = (one.astype(np.float64) @ other.T / 4 + 1) ** 3
        return cubes

    near = kernel(fake, real).mean(1)
    pairs = kernel(fake, fake) - near[:, None] - near[None, :]
    others = ~np.eye(50, dtype=bool)
    pairs = np.where(others, pairs - pairs[others].mean(), 0)
    triples = (pairs.sum(1) ** 2).sum() - (pairs**2).sum()
    variance = (4 * triples + 2 * (pairs**2).sum()) / (50 * 49) ** 2
    assert found.error == pytest.approx(math.sqrt(variance), rel=1e-3)
    assert found.deviation is None, "each subset is all there is"


def test_images_that_are_sorted_by_class_have_the_errors_of_shuffled_ones() -> None:
    fake, real = lumpy(500, 6, 1), lumpy(400, 6, 0)
    names = ("fid", "precision", "recall", "coverage", "density", "copying")
    ordered = fake[np.argsort(fake[:, 0])]
    errors = [
        [result.error or 0 for result in compute_scores(names, each, real, train=real).values()]
        for each in (fake, ordered)
    ]
    for name, shuffled, sorted_ in zip(names, *errors, strict=True):
        assert 0 < sorted_ < 3 * shuffled, name


def test_kid_of_one_distribution_is_zero_within_its_error() -> None:
    found = [
        compute_scores(["kid"], normal(400, 16, draw=draw), normal(400, 16, draw=draw + 100))
        for draw in range(20)
    ]
    kids = np.array([each["kid"].value for each in found])
    assert abs(kids.mean()) < 3 * kids.std(ddof=1) / math.sqrt(len(kids))
    assert (kids < 0).any() and (kids > 0).any()  # unbiased, so on both sides of 0
    one = compute_scores(["kid"], normal(3000, 16, draw=1), normal(3000, 16, draw=2))["kid"]
    assert one.error is not None and abs(one.value) < 3 * one.error


def test_fid_infinity_is_below_fid_and_nearer_to_the_truth() -> None:
    dimension, shift = 32, 0.3
    real = normal(40_000, dimension, draw=1)
    truth = dimension * shift**2
    found = [
        compute_scores(("fid", "fid-infinity"), normal(600, dimension, at=shift, draw=run), real)
        for run in range(2, 7)
    ]
    plain, extrapolated = (
        np.array([each[name].value for each in found]) for name in ("fid", "fid-infinity")
    )
    assert (extrapolated < plain).all()
    assert np.abs(extrapolated - truth).mean() < 0.5 * np.abs(plain - truth).mean()
    assert all(each["fid-infinity"].error for each in found)


def test_fid_infinity_is_the_same_for_the_same_seed() -> None:
    fake, real = normal(100, 8), normal(100, 8, draw=1)

    def score(seed: int) -> Result:
        return compute_scores(["fid-infinity"], fake, real, seed=seed)["fid-infinity"]

    assert score(0) == score(0) != score(1)


# ---- Few images, and images that are all the same ----

kinds = st.sampled_from(["noise", "constant", "zero", "pairs"])


def matrix_of(kind: str, count: int, dimension: int, draw: int) -> Features:
    noise = normal(count, dimension, draw=draw)
    if kind == "constant":
        return np.repeat(noise[:1] * 1000, count, axis=0)
    if kind == "zero":
        return np.zeros_like(noise)
    return noise[np.arange(count) // 2] if kind == "pairs" else noise


@given(kinds, kinds, st.integers(2, 12), st.integers(2, 12), st.integers(1, 20), st.integers(0, 99))
def test_few_or_equal_images_give_finite_numbers(
    fakes: str, reals: str, count: int, others: int, dimension: int, draw: int
) -> None:
    fake = matrix_of(fakes, count, dimension, draw)
    real = matrix_of(reals, others, dimension, draw + 100)
    logits = fake * np.float32(1e-3)  # as large as those of networks are
    found = compute_scores(OF_FEATURES, fake, real, train=real, fake_logits=logits)
    assert tuple(found) == OF_FEATURES
    for name, result in found.items():
        assert math.isfinite(result.value), name
        assert result.error is None or math.isfinite(result.error), name
    assert found["fid"].value >= 0
    for name in ("precision", "recall", "coverage", "copying"):
        assert 0 <= found[name].value <= 1


def test_fewer_images_than_dimensions_give_finite_numbers_and_no_zero() -> None:
    fake, real = normal(60, 500), normal(80, 500, draw=1)
    found = compute_scores(OF_FEATURES, fake, real, train=real, fake_logits=fake)
    assert all(math.isfinite(result.value) for result in found.values())
    assert found["fid"].value > 100  # the bias of so few images, which a note must tell of
    assert values(("fid",), fake, fake)["fid"] == pytest.approx(0, abs=1e-3)


def test_a_network_that_is_utterly_certain_gives_a_finite_inception_score() -> None:
    logits = np.tile(np.eye(3, 4, dtype=np.float32) * 1000, (100, 1))  # no image is of the fourth
    found = compute_scores(["is"], logits, logits, fake_logits=logits)["is"]
    assert 2.5 < found.value < 3.001


def test_a_generator_of_one_image_has_the_reals_variance_as_its_fid() -> None:
    real = normal(300, 20, scale=2)
    fake = np.repeat(real.mean(axis=0, keepdims=True), 50, axis=0)
    variance = float(np.var(real, axis=0, ddof=1, dtype=np.float64).sum())
    assert values(("fid",), fake, real)["fid"] == pytest.approx(variance, rel=1e-5)


def test_too_few_images_have_no_error_rather_than_a_wrong_one() -> None:
    real = normal(40, 4, draw=1)
    for count, there in ((49, False), (50, True)):
        fake = normal(count, 4)
        found = compute_scores(OF_FEATURES, fake, real, train=real, fake_logits=fake)
        for name, result in found.items():
            assert (result.error is not None) is there, name
            assert (result.freedom > 0) is there, name


def test_scores_without_errors_are_the_same_numbers() -> None:
    fake, real = normal(80, 4), normal(60, 4, draw=1)
    names = ("fid", "kid", "precision", "recall", "coverage")
    without = compute_scores(names, fake, real, errors=False)
    assert {name: each.value for name, each in without.items()} == values(names, fake, real)
    assert all(each.error is None for each in without.values())


def test_one_image_is_refused_and_so_is_what_is_missing() -> None:
    one, many = normal(1, 4), normal(20, 4)
    for fake, real in ((one, many), (many, one)):
        with pytest.raises(UsageError, match="one image"):
            compute_scores(["fid"], fake, real)
    with pytest.raises(UsageError, match="training images"):
        compute_scores(["copying"], many, many)
    with pytest.raises(UsageError, match="training images"):
        compute_scores(["copying"], many, many, train=one)
    with pytest.raises(UsageError, match="class logits"):
        compute_scores(["is"], many, many)


def test_every_score_says_what_its_error_is_and_which_way_is_better() -> None:
    for score in SCORES.values():
        assert score.title and score.error and score.better in ("lower", "higher")
    better = {name for name, score in SCORES.items() if score.better == "higher"}
    of_classes = {"class-accuracy", "train-on-generated"}
    assert better == {"precision", "recall", "coverage", "density", "is"} | of_classes
