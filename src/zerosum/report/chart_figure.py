"""Charts as matplotlib figures, for PNG files.

Curves differ in lightness, line and marker, so that they can be told apart without colour. Of a
training in phases, a curve is broken where one phase ends: what follows is another game.
"""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter, LogLocator
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from zerosum.report.chart import Chart, Level, Series
from zerosum.report.heading import new_figure
from zerosum.report.looks import GREY, give_legend, legend_columns, look, plain_axes

LETTER = 0.0095  # width of a letter of a phase's name, as a share of the axes' width
NAME_HEIGHT = 13  # points
LEGEND_ROW = 0.2  # inches


def figure_of(
    title: str, rows: Sequence[Sequence[Chart]], height: float, *, below: bool = False
) -> Figure:
    """Charts in rows of equal length. A column shares its x axis where all count the same there, a
    row its y axis.

    The legend of each stands above it or, where their curves are the same, `below` them all.
    `height` is in inches, without legends.
    """
    entries = [_entries([chart]) for row in rows for chart in row]
    if below:
        entries = [_entries([chart for row in rows for chart in row])]
    lines = [-(-len(each) // legend_columns(each)) for each in entries]
    wide = len(rows[0]) > 1
    figure = new_figure(title, height + LEGEND_ROW * max(lines), 10.5 if wide else 8)
    columns = list(zip(*rows, strict=True))
    shared = all(len({chart.x_label for chart in column}) == 1 for column in columns)
    panels = figure.subplots(
        len(rows), len(rows[0]), squeeze=False, sharex="col" if shared else False,
        sharey="row" if wide else False,
    )  # fmt: skip
    for across, column in enumerate(columns):
        last = max(chart.x_last for chart in column)
        for axes, chart in zip(panels[:, across], column, strict=True):
            first = axes is panels[0, across]
            lifted = _draw(axes, replace(chart, x_last=last), names=first)
            if across == 0:
                axes.set_ylim(chart.limits)
                _tell_y(axes, chart)
            if axes is panels[-1, across] or not shared:
                told = (chart.x_label, textwrap.fill(chart.missing, 100))
                axes.set_xlabel("\n".join(filter(None, told)), parse_math=False)
            if not below:
                _legend_above(axes, _entries([chart]), lifted)
    if below:
        give_legend(figure, entries[0], loc="outside lower left")
    return figure


def _draw(axes: Axes, chart: Chart, names: bool) -> int:
    """Draw a chart; how many rows the names of its phases take."""
    # Without limits of its own a value may lie far off a logarithmic axis.
    bounded = chart.low is not None and chart.high is not None and chart.spikes is None
    for order, one in enumerate(chart.series):
        _draw_series(axes, one, 3 + order, clip=not bounded)
    for level in chart.levels:
        axes.axhline(level.value, label=level.label, zorder=2.5, **_level_style(level))
    if chart.lost:
        axes.plot(chart.lost, np.full(len(chart.lost), 0.97), color="black", linestyle="none",
                  transform=axes.get_xaxis_transform(), marker="x", markersize=7,
                  clip_on=False)  # fmt: skip
    if not chart.series:
        axes.text(0.5, 0.5, "nothing logged yet", transform=axes.transAxes, ha="center")
        axes.set(yticks=[])
    plain_axes(axes)
    _scale(axes, chart)
    return _draw_phases(axes, chart, names)


def _draw_series(axes: Axes, one: Series, order: int, clip: bool) -> None:
    style, values = _style(one), np.array(one.y, dtype=np.float64)
    raw = np.array(one.raw_y, dtype=np.float64)
    if len(raw):
        axes.plot(one.raw_x, raw, color=style["color"], alpha=0.28, linewidth=0.8, zorder=1)
    # What stands for itself lies above all curves, single seeds below their mean.
    order = 2 if one.rings else order if one.line else 100 + order
    style |= {"label": one.label, "zorder": order, "clip_on": clip}
    if one.error:
        errors = [error or 0.0 for error in one.error]
        axes.errorbar(one.x, values, yerr=errors, capsize=4 if one.line else 6, **style)
    else:
        axes.plot(one.x, values, markevery=marked_points(values) if one.line else None, **style)


def _style(one: Series) -> dict[str, Any]:
    shown = GREY if one.look is None else look(one.look)
    return {
        "color": shown.colour,
        "linestyle": shown.line if one.line else "none",
        "linewidth": 1 if one.look is None else 2,
        "marker": "o" if one.rings else shown.marker,
        "markersize": 5 if one.rings else 6 if one.line else 8,
        "markerfacecolor": "white" if one.rings else shown.colour,
        "markeredgecolor": shown.colour if one.rings else "white" if one.line else "black",
        "markeredgewidth": 0.8,
    }


def _level_style(level: Level) -> dict[str, Any]:
    if level.look is None:
        return {"color": "0.35", "linewidth": 1.2, "linestyle": (0, (6, 3))}
    shown = look(level.look)
    return {"color": shown.colour, "linewidth": 2, "linestyle": shown.line}


def marked_points(values: NDArray[np.float64]) -> list[int]:
    """Which points carry a marker: about a dozen, and every one that no line reaches."""
    finite = np.isfinite(values)
    neighbours = np.zeros(len(values), dtype=bool)
    neighbours[1:] |= finite[:-1]
    neighbours[:-1] |= finite[1:]
    regular = np.arange(len(values)) % max(1, len(values) // 12) == 0
    return [int(point) for point in np.flatnonzero(finite & (regular | ~neighbours))]


def _scale(axes: Axes, chart: Chart) -> None:
    """The scales of both axes, where the x axis begins and ends, and its ticks."""
    if chart.log:
        axes.set_yscale("log", nonpositive="clip")
        log_ticks(axes.yaxis)
    if chart.spikes is not None:
        axes.text(1.0, 0.98, "all values: {:.3g} to {:.3g}".format(*chart.spikes), ha="right",
                  va="top", fontsize=8.5, color="0.3", transform=axes.transAxes)  # fmt: skip
    if chart.x_log:
        axes.set_xscale("log")
    if chart.x_ticks:
        axes.set_xticks(chart.x_ticks, chart.x_names, parse_math=False)
        axes.set_xticks([], minor=True)
    axes.set_xlim(chart.x_limits)
    if chart.x_unit == "images":
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))


def log_ticks(axis: Axis) -> None:
    """Plain numbers at the ticks of a logarithmic axis."""
    axis.set_major_formatter("{x:g}")
    axis.set_minor_locator(LogLocator(subs=(2, 5)))
    axis.set_minor_formatter("{x:g}")


def _tell_y(axes: Axes, chart: Chart) -> None:
    told = chart.axis or chart.unit.replace("; ", "\n")
    axes.set_ylabel(f"{told} (logarithmic)" if chart.log else told, parse_math=False)


def _draw_phases(axes: Axes, chart: Chart, names: bool) -> int:
    """A thin line where a phase ends and, where `names`, what each is called, above the axes; the
    rows that the names take. Nothing for a training of one phase."""
    for phase in chart.phases[1:]:
        axes.axvline(phase.begin, color="0.35", linewidth=1, zorder=2)
    if not names or not chart.phases:
        return 0
    left, right = axes.get_xlim()
    ends = [-1.0, -1.0]  # of the names in each row
    for phase in chart.phases:
        width = LETTER * len(phase.name)
        middle = ((phase.begin + phase.end) / 2 - left) / (right - left)
        # A phase that has only begun is narrower than its name.
        middle = min(max(middle, width / 2), 1 - width / 2)
        row = 0 if middle - width / 2 > ends[0] else 1
        ends[row] = middle + width / 2 + LETTER
        axes.annotate(
            phase.name,
            (middle, 1.0),
            xycoords="axes fraction",
            xytext=(0, 2 + row * NAME_HEIGHT),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=9.5,
            color="0.25",
        )
    return 1 if ends[1] < 0 else 2


def _entries(charts: Iterable[Chart]) -> dict[str, Artist]:
    """What a legend of charts shows, by its words."""
    found: dict[str, Artist] = {}
    series = [one for chart in charts for one in chart.series]
    for one in sorted(series, key=lambda each: (each.look is None, each.look or 0)):
        found.setdefault(one.label, Line2D([], [], **_style(one)))
    for chart in charts:
        for level in chart.levels:
            found.setdefault(level.label, Line2D([], [], **_level_style(level)))
        if chart.points:
            style = _style(Series("", None, (), (), (), line=False))
            found[f"black edge: {chart.points}"] = Line2D([], [], **style)
        if chart.lost:
            words = "not finite ({} of {} log lines)".format(*chart.lost_lines)
            found[words] = Line2D([], [], color="black", linestyle="none", marker="x", markersize=7)
    return found


def _legend_above(axes: Axes, entries: dict[str, Artist], lifted: int) -> None:
    """`lifted`: rows of phases' names that stand between the axes and the legend."""
    if entries:
        lift = ScaledTranslation(0, lifted * NAME_HEIGHT / 72, axes.figure.dpi_scale_trans)
        give_legend(axes, entries, loc="lower left", bbox_to_anchor=(-0.01, 1.0),
                    bbox_transform=axes.transAxes + lift, columnspacing=1.6,
                    borderaxespad=0.2)  # fmt: skip
