"""Which scores are the best, beyond chance."""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Literal

from zerosum.comparing.noise import difference, holm, welch
from zerosum.recipe.scores import ALL_SCORES
from zerosum.records.logs import Value

Why = Literal["clear", "noise", "alone", "one seed", "seeds missing"]
""""clear" where the first is better than every other by more than chance; else what speaks against
that: "noise", only one setting ("alone"), one seed each, or fewer than two seeds somewhere ("seeds
missing")."""


def better(score: str) -> Literal["lower", "higher"]:
    """The direction in which a score is better."""
    return ALL_SCORES[score].better


def order_by_seeds(samples: Sequence[Sequence[float]], direction: str) -> tuple[list[int], Why]:
    """The places of settings from the best mean to the worst, by the values of a score over their
    seeds, one at least of each; lower or higher is better. And whether the first is clearly the
    best: the tests against all others hold, by Holm's procedure."""
    sign = 1 if direction == "lower" else -1
    places = sorted(range(len(samples)), key=lambda place: sign * fmean(samples[place]))
    first, *others = (samples[place] for place in places)
    why: Why = "clear"
    if not others:
        why = "alone"
    elif all(len(values) == 1 for values in samples):
        why = "one seed"
    elif any(len(values) == 1 for values in samples):
        why = "seeds missing"
    elif not all(holm([welch(first, values) for values in others])):
        why = "noise"
    return places, why


def best_by_score(rows: Sequence[Mapping[str, Value]], better: Mapping[str, str]) -> dict[str, int]:
    """For each score that one row is the best by, which row: ahead of every other one in the
    direction that is `better` ("lower" or "higher") by more than the errors of both explain.

    The best value of a score is tested against every other, and its largest p-value is held
    against those of all scores together by Holm's procedure: of equal generators some row is
    called the best by some score in one of twenty comparisons at most. A value whose error is not
    known is the best of none, and none is better than it.
    """
    found: dict[str, tuple[int, float]] = {}
    for name, direction in better.items():
        there = [(place, row[name]) for place, row in enumerate(rows) if name in row]
        if len(there) < 2:
            continue
        sign = 1 if direction == "lower" else -1
        first, best = min(there, key=lambda each: sign * _number(each[1]))
        others = [difference(best, value) for place, value in there if place != first]
        if None not in others:
            found[name] = first, max(p for p in others if p is not None)
    clear = holm([p for _, p in found.values()])
    return {
        name: place for (name, (place, _)), sure in zip(found.items(), clear, strict=True) if sure
    }


def _number(value: Value) -> float:
    found = value["value"]
    return math.inf if found is None else found
