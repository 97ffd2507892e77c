"""The charts of a study as matplotlib figures, for PNG files."""

from dataclasses import replace

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter

from zerosum.report.chart import Chart
from zerosum.report.charts import printable
from zerosum.report.comparison.looks import COLOURS, LINES, look, name_sides, plain_axes
from zerosum.report.curves import Look
from zerosum.report.heading import give_title
from zerosum.report.study.progress_chart import OTHERS, progress_charts
from zerosum.report.study.scales import log_scale
from zerosum.studies.settings import Study
from zerosum.studies.table import Layout

MOST_NAMED = 12
LETTERS = 80
"""Of a name in a legend, at most."""
GREY = Look("0.72", "-", "o")


def progress_figure(study: Study, layout: Layout) -> Figure | None:
    """charts/progress.png: two panels side by side for each kind of measurement: against images,
    and against minutes.

    None where there are no two scores.
    """
    charts = progress_charts(layout, MOST_NAMED, LETTERS)
    if not charts:
        return None
    rows = len(charts) // 2
    height = 1.5 + 3.6 * rows + 0.13 * min(len(layout.entries), 12)
    figure = Figure(figsize=(10.5, height), dpi=120, layout="constrained")
    give_title(figure, f"Scores on the way: {printable(study.name)}")
    panels = figure.subplots(rows, 2, squeeze=False, sharey="row")
    for axes, chart in zip(panels.flat, charts, strict=True):
        _draw_progress(axes, chart)
    for axes in panels[:, 1]:
        axes.set_ylabel("")
    looks = {one.look: one.label for chart in charts for one in chart.series}
    others = looks.pop(OTHERS, None)
    more: list[tuple[Artist, str]] = []
    if others is not None:
        more.append((Line2D([], [], color=GREY.colour, linewidth=2), others))
    result = Line2D([], [], color="0.7", marker="o", markersize=9, markeredgecolor="black",
                    linewidth=0)  # fmt: skip
    more.append((result, "black edge: result, on images of its own"))
    name_sides(figure, {looks[number]: _look(number) for number in sorted(looks)}, more)
    return figure


def _look(number: int) -> Look:
    """As `look`, but another line where the colours begin again."""
    turn = number // len(COLOURS)
    return replace(look(number), line=LINES[(number + turn) % len(LINES)])


def _draw_progress(axes: Axes, chart: Chart) -> None:
    """A curve through the compared checkpoints of each cell, a marker with an edge for a result."""
    for one in chart.series:
        named = one.look != OTHERS
        shown = _look(one.look) if named else GREY
        axes.plot(
            one.x,
            np.array(one.y, dtype=np.float64),
            color=shown.colour,
            linestyle=shown.line if one.line else "none",
            marker=shown.marker,
            markersize=5 if one.line else 9,
            markeredgecolor="white" if one.line else "black",
            markeredgewidth=0.6 if one.line else 1,
            linewidth=1.6 if named else 1.0,
            zorder=2 + named + (not one.line),
        )
    if chart.log:
        log_scale(axes, "y")
    axes.set_ylabel(chart.axis, parse_math=False)
    axes.set_xlabel(chart.x_label)
    if chart.x_unit == "images":
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    furthest = max((at for one in chart.series for at in one.x), default=0.0)
    if furthest:  # the margin is not that of the values: all cells may have trained equally long
        axes.set_xlim(0, 1.04 * furthest)
    plain_axes(axes)
