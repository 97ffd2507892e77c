"""Whether a difference of scores is more than chance.

Two settings of several seeds are held against each other by Welch's t-test over their seeds (Welch
1947, Biometrika 34, 28-35), which does not assume that both scatter alike; two single runs by the
same test on their scores and these scores' own errors, which know of other pictures of the same
generators and nothing of other seeds. Several tests together are corrected by Holm's procedure
(Holm 1979, Scandinavian Journal of Statistics 6, 65-70).
"""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from zerosum.records.logs import ScoreLine, Value

LEVEL = 0.05
"""Of error, over all comparisons of one group together."""


def welch(one: Sequence[float], other: Sequence[float]) -> float:
    """The two-sided p-value of Welch's t-test of the means of two samples; both with at least two
    values."""
    return _welch(*_mean(one), *_mean(other))


def _mean(values: Sequence[float]) -> tuple[float, float, float]:
    """The mean, its standard error, and the degrees of freedom of that."""
    return fmean(values), stdev(values) / math.sqrt(len(values)), len(values) - 1


def difference(one: Value, other: Value) -> float | None:
    """The two-sided p-value of the difference of two scores by Welch's t-test, from their errors
    and the errors' degrees of freedom; None where these are not known, as in lines of versions
    whose ± was no standard error, and for infinity."""
    a, b = _known(one), _known(other)
    return None if a is None or b is None else _welch(*a, *b)


def _known(score: Value) -> tuple[float, float, float] | None:
    value, error, freedom = score["value"], score["error"], score.get("freedom")
    return None if value is None or error is None or not freedom else (value, error, freedom)


def _welch(
    one: float, a: float, freedom: float, other: float, b: float, other_freedom: float
) -> float:
    """Of two values with standard errors a and b. Values that do not scatter at all differ for
    certain, or not at all: 0 or 1."""
    from scipy import stats  # takes most of a second

    gap, error = abs(one - other), math.hypot(a, b)
    if error == 0:
        return 1.0 if gap == 0 else 0.0
    # Of shares of the whole: fourth powers of small errors would be 0.
    parts = (a / error) ** 4 / freedom + (b / error) ** 4 / other_freedom
    return float(2 * stats.t.sf(gap / error, 1 / parts))


def has_standard_errors(line: ScoreLine) -> bool:
    """Whether the errors of a line are standard errors, which a test may use."""
    versions = line.versions
    every = [line.scores, *versions.values()]
    return all(value.get("freedom") for scores in every for value in scores.values()
               if value["error"] is not None)  # fmt: skip


def holm(p_values: Sequence[float], level: float = LEVEL) -> list[bool]:
    """Which of the hypotheses are rejected, so that none is wrongly with probability 1 - `level`:
    the k-th smallest of m p-values (from 0) is held against level / (m - k), until one fails."""
    rejected = [False] * len(p_values)
    for place, number in enumerate(sorted(range(len(p_values)), key=lambda n: p_values[n])):
        if p_values[number] >= level / (len(p_values) - place):
            break
        rejected[number] = True
    return rejected
