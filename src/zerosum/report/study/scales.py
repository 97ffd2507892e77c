"""A score's values as a series of a chart, and the scale that they want."""

import math
from collections.abc import Sequence

from zerosum.recipe.scores import ALL_SCORES
from zerosum.report.chart import Series
from zerosum.report.scores import number

DECADES_FOR_LOG = 1.2
"""Values that span more than this are drawn by their logarithm."""


def spans_much(values: Sequence[float]) -> bool:
    """Whether values, such as learning rates, are drawn by their logarithm."""
    positive = bool(values) and min(values) > 0
    return positive and math.log10(max(values) / min(values)) > DECADES_FOR_LOG


def log_over(score: str, series: Sequence[Series]) -> bool:
    """Whether the axis of these curves of a score is logarithmic; shares from 0 to 1 stay
    linear."""
    values = [value for one in series for value in one.y if value is not None]
    return not ALL_SCORES[score].bounds and spans_much(values)


def scored_points(
    label: str, look: int | None, points: Sequence[tuple[float, float]], score: str,
    decimals: int | None, *, line: bool = False, rings: bool = False,
) -> Series:  # fmt: skip
    """Places and a score's values at them, as a series of a chart."""
    values = [value for _, value in points]
    return Series(label, look, [at for at, _ in points], list(map(finite, values)),
                  [number(score, value, decimals) for value in values],
                  line=line, rings=rings)  # fmt: skip


def finite(value: float | None) -> float | None:
    """None for what no chart can show."""
    return value if value is not None and math.isfinite(value) else None
