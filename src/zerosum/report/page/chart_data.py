"""A chart as the page's script draws it: with the ends of its axes, and their ticks."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from matplotlib.ticker import EngFormatter, Locator, LogLocator, MaxNLocator

from zerosum.report.chart import Chart

STEPS = 8
"""Between the ticks of an axis, at most."""


def chart_data(chart: Chart) -> dict[str, Any]:
    """The fields of a chart, and of each axis its `limits` and the place and name of each tick."""
    ticks = round_ticks(*chart.limits, chart.log)
    x_ticks = list(zip(chart.x_ticks, chart.x_names, strict=True))
    if not x_ticks:
        places = round_ticks(*chart.x_limits, chart.x_log)
        x_ticks = [
            (at, EngFormatter(sep="")(at) if at >= 1000 else _tidy(f"{at:g}")) for at in places
        ]
    return asdict(chart) | {
        "limits": chart.limits,
        "ticks": list(zip(ticks, tick_names(ticks, chart.log), strict=True)),
        "x_limits": chart.x_limits,
        "x_ticks": x_ticks,
    }


def round_ticks(low: float, high: float, log: bool) -> list[float]:
    """Round numbers between the ends of an axis; of a logarithmic one the powers of ten, with twice
    and five times them where these are fewer than three."""
    locators: list[Locator] = [MaxNLocator(STEPS, steps=[1, 2, 5, 10])]
    if log:
        locators = [LogLocator(subs=subs, numticks=STEPS) for subs in ((1,), (1, 2, 5))]
    for locator in locators:
        found = [float(f"{at:.12g}") for at in locator.tick_values(low, high) if low <= at <= high]
        if len(found) > 2:
            break
    return found


def tick_names(ticks: Sequence[float], log: bool) -> list[str]:
    """Each tick with as many digits as tell it from the next."""
    largest = max(map(abs, ticks), default=0.0)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else largest or 1.0
    place = math.floor(math.log10(step) + 1e-9)  # of the last digit
    names = []
    for at in ticks:
        if log or not at:
            name = f"{at:g}"
        elif 1e-3 <= largest < 1e6:
            name = f"{at:,.{max(0, -place)}f}"
        else:
            digits = max(0, math.floor(math.log10(abs(at)) + 1e-9) - place)
            name = f"{at:.{digits}e}"
        names.append(_tidy(name))
    return names


def _tidy(name: str) -> str:
    return name.replace("e-0", "e-").replace("e+0", "e").replace("-", "−")
