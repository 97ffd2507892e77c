"""The axis of a score: linear, or logarithmic where its values span much."""

import math
from collections.abc import Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator

from zerosum.evaluation.scores import ALL_SCORES
from zerosum.report.chart import Series
from zerosum.report.scores import number

DECADES_FOR_LOG = 1.2
"""Values of a score that span more than this are drawn on a logarithmic axis."""


def wants_log(score: str, values: Sequence[float]) -> bool:
    """Whether values of a score span so much that its axis is logarithmic; shares from 0 to 1 stay
    linear."""
    if ALL_SCORES[score].bounds or not values or min(values) <= 0:
        return False
    return math.log10(max(values) / min(values)) > DECADES_FOR_LOG


def log_over(score: str, series: Sequence[Series]) -> bool:
    """Whether the axis of these curves of a score is logarithmic."""
    return wants_log(score, [value for one in series for value in one.y if value is not None])


def scored_points(
    label: str, look: int, points: Sequence[tuple[float, float]], score: str, decimals: int | None,
    *, line: bool = False, rings: bool = False,
) -> Series:  # fmt: skip
    """Places and a score's values at them, as a series of a chart."""
    values = [value for _, value in points]
    return Series(label, look, [at for at, _ in points], list(map(finite, values)), [], [], [],
                  [number(score, value, decimals) for value in values],
                  line=line, rings=rings)  # fmt: skip


def finite(value: float | None) -> float | None:
    """None for what no chart can show."""
    return value if value is not None and math.isfinite(value) else None


def log_scale(axes: Axes, direction: Literal["x", "y"]) -> None:
    """Make the axis of a score logarithmic, with plain numbers at its ticks."""
    axis: Axis = axes.xaxis if direction == "x" else axes.yaxis
    if direction == "x":
        axes.set_xscale("log")
    else:
        axes.set_yscale("log")
    axis.set_major_formatter(FuncFormatter(_plain))
    axis.set_minor_locator(LogLocator(subs=(2, 5)))
    axis.set_minor_formatter(FuncFormatter(_plain))


def _plain(value: float, _place: int | None = None) -> str:
    return f"{value:g}"
