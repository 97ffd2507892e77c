"""The axis of a score: linear, or logarithmic where its values span much."""

import math
from collections.abc import Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator

from zerosum.evaluation.scores import ALL_SCORES

DECADES_FOR_LOG = 1.2
"""Values of a score that span more than this are drawn on a logarithmic axis."""


def wants_log(score: str, values: Sequence[float]) -> bool:
    """Whether values of a score span so much that its axis is logarithmic; shares from 0 to 1 stay
    linear."""
    if ALL_SCORES[score].bounds or not values or min(values) <= 0:
        return False
    return math.log10(max(values) / min(values)) > DECADES_FOR_LOG


def scale_of_score(
    axes: Axes, direction: Literal["x", "y"], score: str, values: Sequence[float]
) -> None:
    """Make an axis logarithmic, with plain numbers at ticks, where a score's values want that."""
    if not wants_log(score, values):
        return
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
