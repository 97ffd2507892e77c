"""What mattered: shares of the variance that are right where the answer is known."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.studies.builders import (
    grid_study,
    latent_study,
    result_of,
    settings_of,
    settings_with_precision,
)
from zerosum.comparing.effects import THIRDS, Effects, split
from zerosum.randomness import random_for
from zerosum.studies.cells import cells_of
from zerosum.studies.ranking import effects
from zerosum.studies.results import by_setting

Score = Callable[[int, int, int], float]


def effects_of_grid(
    score: Score, sizes: tuple[int, int, int] = (3, 2, 2), order: list[int] | None = None
) -> Effects:
    """Of the axes a and b, and seeds, in all combinations."""
    points = list(product(*map(range, sizes)))
    points = points if order is None else [points[place] for place in order]
    scores = np.array([score(*point) for point in points], dtype=np.float64)
    values = [[a for a, _, _ in points], [b for _, b, _ in points]]
    return split(scores, ("a", "b"), values, [f"{a} {b}" for a, b, _ in points])


def shares(found: Effects) -> dict[str, float]:
    told = {effect.axis: effect.share.share for effect in found.axes}
    told["interplay"] = found.interplay.share if found.interplay else 0.0
    told["rest"] = found.rest.share if found.rest else 0.0
    return told


def table(seed: int, scale: float = 1.0) -> Score:
    """A table with effects of everything."""
    draws = random_for(seed, "a table").normal(size=(9, 9, 9))
    return lambda a, b, s: float(
        scale * (2 * draws[a, 0, 0] + draws[0, b, 1] + draws[a, b, 2] + 0.5 * draws[a, b, 3 + s])
    )


def noise(seed: int) -> Score:
    """A table of luck alone."""
    draws = random_for(seed, "noise").normal(size=(9, 9, 9))
    return lambda a, b, s: float(draws[a, b, s])


def _plus(luck: Score) -> Score:
    return lambda a, b, s: 3.0 * a + luck(a, b, s)


@given(st.integers(0, 1000), st.integers(2, 4), st.integers(2, 4), st.integers(1, 3))
@settings(max_examples=25)
def test_shares_of_a_balanced_grid_lie_between_0_and_1_and_so_does_their_sum(
    seed: int, a: int, b: int, seeds: int
) -> None:
    told = shares(effects_of_grid(table(seed), (a, b, seeds)))
    assert all(0 <= share <= 1 for share in told.values())
    assert sum(told.values()) <= 1 + 1e-9


@given(st.integers(0, 1000), st.floats(-100, 100), st.floats(0.01, 100), st.booleans())
@settings(max_examples=25)
def test_a_constant_a_scale_and_the_order_of_the_cells_change_nothing(
    seed: int, constant: float, scale: float, negative: bool
) -> None:
    plain = table(seed)
    factor = -scale if negative else scale
    order = random_for(seed, "order").permutation(12).tolist()
    other = effects_of_grid(lambda a, b, s: constant + factor * plain(a, b, s), order=order)
    assert shares(other) == pytest.approx(shares(effects_of_grid(plain)), abs=1e-6)


@given(st.lists(st.floats(-10, 10), min_size=5, max_size=5), st.integers(1, 3))
@settings(max_examples=25)
def test_an_additive_table_gives_its_exact_shares(effect: list[float], seeds: int) -> None:
    a, b = np.array(effect[:3]), np.array(effect[3:])
    whole = a.var() + b.var()
    if whole < 1e-3:
        return
    found = effects_of_grid(lambda i, j, _: float(a[i] + b[j]), (3, 2, seeds))
    told = shares(found)
    assert told["a"] == pytest.approx(a.var() / whole, abs=1e-6)
    assert told["b"] == pytest.approx(b.var() / whole, abs=1e-6)
    assert told["rest"] == pytest.approx(0, abs=1e-6)
    assert all(each.share.error < 1e-6 for each in found.axes)


def test_an_axis_without_influence_explains_about_nothing() -> None:
    tables = [_plus(noise(seed)) for seed in range(30)]
    told = [shares(effects_of_grid(each, (4, 3, 3)))["b"] for each in tables]
    assert np.mean(told) < 0.01


def test_luck_alone_explains_about_nothing_but_the_seed() -> None:
    told = [shares(effects_of_grid(noise(seed), (3, 3, 3))) for seed in range(30)]
    assert np.mean([each["rest"] for each in told]) > 0.8


def test_interplay_is_told_from_the_seed_where_there_are_seeds() -> None:
    found = effects_of_grid(lambda a, b, s: float((a == b) + 0.01 * s), (2, 2, 3))
    assert found.interplay is not None and found.interplay.share > 0.99


def test_with_one_seed_interplay_and_luck_are_one() -> None:
    found = effects_of_grid(table(1), (3, 2, 1))
    assert found.one_seed and found.interplay is None and found.rest is not None


def test_the_errors_are_the_same_each_time_and_shrink_with_seeds() -> None:
    few, many = (effects_of_grid(table(5), (3, 2, seeds)) for seeds in (2, 6))
    assert few == effects_of_grid(table(5), (3, 2, 2))
    assert few.rest is not None and many.rest is not None
    assert 0 < many.rest.error < few.rest.error


def test_the_best_value_of_an_axis_is_known_though_cells_are_missing() -> None:
    # Without correction the value 1 of a would look worse: only its bad partner is left.
    order = [0, 1, 2, 3, 6, 7, 8, 9, 10, 11]
    found = effects_of_grid(lambda a, b, _: -1.0 * a + 10 * b, (3, 2, 2), order)
    means = next(dict(effect.means) for effect in found.axes if effect.axis == "a")
    assert means["1"] == pytest.approx(means["0"] - 1)
    assert means["2"] == pytest.approx(means["0"] - 2)


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ((3, 1, 1), "fewest"),
        ((5, 1, 1), "two seeds"),
        ((1, 1, 5), "no axis"),
    ],
)
def test_too_few_cells_say_so(sizes: tuple[int, int, int], reason: str) -> None:
    found = effects_of_grid(table(3), sizes)
    assert reason in found.reason and not found.axes


def test_equal_scores_say_so() -> None:
    assert "the same" in effects_of_grid(lambda *_: 0.1).reason


def test_many_drawn_numbers_are_taken_in_thirds() -> None:
    rate = [10.0**-n for n in range(12)]
    kind = ["x", "y"] * 6
    found = split(np.arange(12.0), ("rate", "kind"), [rate, kind], [str(n) for n in range(12)])
    means = next(dict(effect.means) for effect in found.axes if effect.axis == "rate")
    assert set(means) == set(THIRDS)
    low, middle, high = (means[third] for third in THIRDS)
    assert low > middle > high


def test_failed_cells_are_left_out_by_name() -> None:
    values: list[float | None] = [float(n) for n in range(12)]
    values[4] = None
    (found,) = effects(settings_of(grid_study(), values), grid_study().axes, "fid")
    assert found.cells == 11
    assert found.left_out == ("learning-rate-0.002_optimizer-rmsprop_seed-1",)


def test_each_kind_of_measurement_is_told_by_itself() -> None:
    study = latent_study(data=("digits", "mnist"), grid={"latent": (1, 4)}, seeds=(0, 1))
    results = [
        result_of(cell, float(number), real_data=cell.data, real_fingerprint=cell.data)
        for number, cell in enumerate(cells_of(study))
    ]
    found = effects(by_setting(results), study.axes, "fid")
    assert [(each.cells, each.fixed) for each in found] == [(4, ("data",)), (4, ("data",))]


def test_how_far_noise_is_from_the_data_is_not_explained() -> None:
    study = grid_study()
    values = [120.0 + 10 * (place < 6) for place in range(12)]
    noise = settings_with_precision(study, values, [0.0] * 12)
    (found,) = effects(noise, study.axes, "fid")
    assert found.axes == () and found.reason and len(found.unlike) == 12
    half = settings_with_precision(study, values, [0.0] * 6 + [0.3] * 6)
    (found,) = effects(half, study.axes, "fid")
    assert found.cells == 6 and len(found.unlike) == 6 and not found.left_out
