"""Whether one setting is better than every other by more than chance.

Two settings are held against each other by Welch's t-test over their seeds (Welch 1947, Biometrika
34, 28-35), which does not assume that both scatter alike, and the best one's tests against all
others are corrected by Holm's procedure (Holm 1979, Scandinavian Journal of Statistics 6, 65-70).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal

from scipy import stats

from zerosum.evaluation.scores import ALL_SCORES
from zerosum.studies.entries import Entry

LEVEL = 0.05
"""Of error, over all comparisons of one group together."""

Why = Literal["clear", "noise", "alone", "one seed", "seeds missing"]


@dataclass(frozen=True)
class Ranking:
    """One group of settings that may be compared, from the best mean to the worst."""

    entries: tuple[Entry, ...]
    longer: bool
    """Whether these are the settings that were trained for longer, which are ranked apart."""
    best: Entry | None
    """The one that is better than every other by more than chance; None where none is."""
    why: Why
    """"clear" where there is a best; else what speaks against one: "noise", only one setting
    ("alone"), one seed each, or fewer than two seeds somewhere ("seeds missing")."""


def better(score: str) -> Literal["lower", "higher"]:
    """The direction in which a score is better."""
    return ALL_SCORES[score].better


def rankings(found: Sequence[Entry], score: str) -> list[Ranking]:
    """The settings that have the score, ranked where they may be: measured alike, and with the
    study's budget or all with the longer one. Those that are not like the data are in none."""
    kinds: dict[tuple[bool, int], list[Entry]] = {}
    for entry in found:
        if entry.group is None or entry.like is False:
            continue
        if entry.measured(score).values:
            kinds.setdefault((entry.longer, entry.group), []).append(entry)
    return [_ranked(own, score, longer) for (longer, _), own in sorted_kinds(kinds)]


def sorted_kinds(
    kinds: dict[tuple[bool, int], list[Entry]],
) -> list[tuple[tuple[bool, int], list[Entry]]]:
    """Those of the study's budget first."""
    return sorted(kinds.items(), key=lambda kind: kind[0])


def _ranked(own: Sequence[Entry], score: str, longer: bool) -> Ranking:
    sign = 1 if better(score) == "lower" else -1
    ordered = sorted(own, key=lambda entry: sign * fmean(entry.measured(score).values))
    samples = [entry.measured(score).values for entry in ordered]
    why: Why = "clear"
    if len(ordered) == 1:
        why = "alone"
    elif all(len(values) == 1 for values in samples):
        why = "one seed"
    elif any(len(values) == 1 for values in samples):
        why = "seeds missing"
    elif not all(holm([welch(samples[0], values) for values in samples[1:]])):
        why = "noise"
    return Ranking(tuple(ordered), longer, ordered[0] if why == "clear" else None, why)


def welch(one: Sequence[float], other: Sequence[float]) -> float:
    """The two-sided p-value of Welch's t-test; both with at least two values.

    Values that do not scatter at all differ for certain, or not at all: 0 or 1.
    """
    if len(set(one)) == 1 and len(set(other)) == 1:
        return 1.0 if one[0] == other[0] else 0.0
    found = stats.ttest_ind_from_stats(
        fmean(one), stdev(one), len(one), fmean(other), stdev(other), len(other), equal_var=False
    )
    return float(found.pvalue)


def holm(p_values: Sequence[float], level: float = LEVEL) -> list[bool]:
    """Which of the hypotheses are rejected, so that none is wrongly with probability 1 - `level`:
    the k-th smallest of m p-values (from 0) is held against level / (m - k), until one fails."""
    rejected = [False] * len(p_values)
    for place, number in enumerate(sorted(range(len(p_values)), key=lambda n: p_values[n])):
        if p_values[number] >= level / (len(p_values) - place):
            break
        rejected[number] = True
    return rejected
