"""Draws are a pure function of what they are for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zerosum.randomness import random_for, seed_for

SEEDS = st.integers(0, 2**63)
PURPOSES = st.text(st.characters(categories=["L", "Zs"]), min_size=1, max_size=12)
COUNTERS = st.lists(st.integers(0, 2**40), max_size=3)


@given(SEEDS, PURPOSES, COUNTERS)
def test_equal_arguments_give_equal_draws(seed: int, purpose: str, counters: list[int]) -> None:
    first, second = (random_for(seed, purpose, *counters) for _ in range(2))
    assert np.array_equal(first.standard_normal(8), second.standard_normal(8))
    assert seed_for(seed, purpose, *counters) == seed_for(seed, purpose, *counters)


ARGUMENTS = st.tuples(SEEDS, PURPOSES, COUNTERS)


@given(ARGUMENTS, ARGUMENTS)
def test_different_arguments_give_different_draws(
    one: tuple[int, str, list[int]], other: tuple[int, str, list[int]]
) -> None:
    draws = [random_for(seed, what, *counts).bytes(16) for seed, what, counts in (one, other)]
    assert (draws[0] == draws[1]) == (one == other)


def related(first: np.random.Generator, second: np.random.Generator) -> float:
    draws = [random.standard_normal(20_000) for random in (first, second)]
    return abs(float(np.corrcoef(draws[0], draws[1])[0, 1]))


def test_neighbouring_counters_seeds_and_purposes_are_unrelated() -> None:
    base = random_for(0, "latents", 7)
    for other in (
        random_for(0, "latents", 8),
        random_for(1, "latents", 7),
        random_for(0, "flips", 7),
        random_for(0, "latents", 7, 0),
    ):
        # Five standard deviations of the correlation of unrelated draws.
        assert related(base, other) < 5 / 20_000**0.5


def test_drawing_moves_no_other_stream() -> None:
    np.random.seed(5)
    before = np.random.get_state()[1].tolist()  # type: ignore[index]
    random_for(0, "latents", 1).standard_normal(100)
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]


@given(SEEDS, PURPOSES)
def test_seeds_for_others_fit_into_63_bits(seed: int, purpose: str) -> None:
    assert 0 <= seed_for(seed, purpose) < 2**63


def test_draws_are_the_same_on_every_machine() -> None:
    """Runs of an older version must go on as they began: this number is a promise."""
    assert seed_for(0, "latents", 1) == SEED_OF_THE_FIRST_LATENTS


SEED_OF_THE_FIRST_LATENTS = 2621450018364190741
