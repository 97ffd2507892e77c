"""Charts as matplotlib figures, for PNG files.

Curves differ in lightness, line and marker, so that they can be told apart without colour. Of a
training in phases, a curve is broken where one phase ends: what follows is another game.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, PercentFormatter
from matplotlib.transforms import ScaledTranslation

from zerosum.report.chart import Chart, Series
from zerosum.report.curves import marked_points, tell_all_values
from zerosum.report.heading import new_figure
from zerosum.report.looks import look, plain_axes

LETTER = 0.0095  # width of a letter of a phase's name, as a share of the axes' width
NAME_HEIGHT = 13  # points
ROW_LETTERS = 66  # of three labels of a legend, at most, in one row
SCORE_HEIGHT = 1.8
PAD = 0.02  # beyond the bounds of a share, so that 0 and 1 are seen
MARGIN = 0.05  # beyond a level


def log_figure(title: str, charts: Sequence[Chart]) -> Figure:
    """Charts of a log above each other, over the same images; the first names the phases."""
    legends = 0.3 if len(charts[0].series) > 3 else 0  # its second row
    figure = new_figure(title, 2.0 + 2.6 * len(charts) + legends)
    panels = list(figure.subplots(len(charts), 1, sharex=True, squeeze=False)[:, 0])
    for axes, chart in zip(panels, charts, strict=True):
        _draw_log(axes, chart, names=axes is panels[0])
    panels[-1].set_xlabel(charts[-1].x_label)
    return figure


def _draw_log(axes: Axes, chart: Chart, names: bool) -> None:
    for order, one in enumerate(chart.series):
        _draw_curve(axes, one, order)
    count, every = chart.lost_lines
    if count:
        axes.plot(
            chart.lost,
            np.full(len(chart.lost), 0.97),
            transform=axes.get_xaxis_transform(),
            color="black",
            linestyle="none",
            marker="x",
            markersize=7,
            clip_on=False,
            label=f"not finite ({count} of {every} log lines)",
        )
    _plain(axes)
    told = chart.axis or chart.unit.replace("; ", "\n")
    axes.set_ylabel(f"{told} (logarithmic)" if chart.log else told)
    if chart.percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    if not chart.series:
        axes.text(0.5, 0.5, "nothing logged yet", transform=axes.transAxes, ha="center")
        axes.set(yticks=[])
    for level in chart.levels:
        if level.threshold:
            axes.axhline(level.value, color="0.2", linewidth=1.2, linestyle=(0, (6, 3)),
                         label=level.label)  # fmt: skip
        else:
            axes.axhline(level.value, color="0.5", linewidth=1)
    _frame(axes, chart)
    # The legend stands above the rows of phases' names.
    rows = _draw_phases(axes, chart, names)
    lifted = ScaledTranslation(0, rows * NAME_HEIGHT / 72, axes.figure.dpi_scale_trans)
    labels = axes.get_legend_handles_labels()[1]
    if not labels:
        return
    wide = len(labels) > 3 or sum(map(len, labels)) > ROW_LETTERS
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        bbox_transform=axes.transAxes + lifted,
        ncols=2 if wide else 3,
        frameon=False,
        handlelength=3.4,
        columnspacing=1.6,
        borderaxespad=0.2,
    )


def _draw_curve(axes: Axes, one: Series, order: int) -> None:
    shown, means = look(one.look), np.array(one.y, dtype=np.float64)
    raw = np.array(one.raw_y, dtype=np.float64)
    axes.plot(one.raw_x, raw, color=shown.colour, alpha=0.28, linewidth=0.8, zorder=1)
    axes.plot(
        one.x,
        means,
        color=shown.colour,
        linestyle=shown.line,
        linewidth=2.2,
        marker=shown.marker,
        markersize=7,
        markeredgecolor="white",
        markeredgewidth=0.8,
        markevery=marked_points(means),
        label=one.label,
        zorder=3 + order,
    )


def _plain(axes: Axes) -> None:
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    plain_axes(axes)


def _frame(axes: Axes, chart: Chart) -> None:
    """From where to where both axes go."""
    first, last = chart.x_first, chart.x_last
    axes.set_xlim(first, max(last + 0.01 * (last - first), first + 1))
    if chart.log:
        axes.set_yscale("log", nonpositive="clip")
        return
    if chart.all_values is not None:
        axes.set_ylim(chart.low, chart.high)
        tell_all_values(axes, *chart.all_values)
    elif chart.low is not None and chart.high is not None:
        pad = PAD * (chart.high - chart.low)
        axes.set_ylim(chart.low - pad, chart.high + pad)
        return
    low, high = axes.get_ylim()
    margin = MARGIN * (high - low)
    heights = [level.value for level in chart.levels]
    axes.set_ylim(
        min([low, *(height - margin for height in heights)]),
        max([high, *(height + margin for height in heights)]),
    )


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


def score_figure(title: str, charts: Sequence[Chart]) -> Figure:
    """A panel for each score: compared checkpoints as a curve, reported values as diamonds."""
    figure = new_figure(title, 1.0 + SCORE_HEIGHT * len(charts))
    panels = figure.subplots(len(charts), 1, sharex=True, squeeze=False)[:, 0]
    legend: dict[str, Any] = {}  # a score may lack what another one has
    for axes, chart in zip(panels, charts, strict=True):
        _draw_score(axes, chart)
        handles, labels = axes.get_legend_handles_labels()
        legend |= dict(zip(labels, handles, strict=True))
    # Of all panels together: each may have the scores of other checkpoints.
    panels[0].set_xlim(0, 1.05 * max(1.0, *(chart.x_last for chart in charts)))
    figure.legend(legend.values(), legend.keys(), loc="outside lower left", ncols=3, frameon=False)
    panels[-1].set_xlabel(charts[-1].x_label)
    return figure


def _draw_score(axes: Axes, chart: Chart) -> None:
    for one in chart.series:
        shown = look(one.look)
        axes.errorbar(
            one.x,
            np.array(one.y, dtype=np.float64),
            yerr=[error or 0.0 for error in one.error],
            color=shown.colour,
            linestyle="-" if one.line else "none",
            marker=shown.marker if one.line else "D",
            markersize=5 if one.line else 8,
            capsize=3,
            label=one.label,
            zorder=3,
            clip_on=False,
        )
    for level in chart.levels:
        axes.axhline(level.value, color="0.4", linestyle=":", label=level.label)
    axes.set_ylabel(chart.title)
    axes.margins(y=0.1)
    if chart.low is not None and chart.high is not None:
        axes.set_ylim(chart.low - PAD, chart.high + PAD)
    _plain(axes)
