"""The drawings of a study as matplotlib figures, for PNG files."""

import textwrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from zerosum.report.chart import Chart
from zerosum.report.chart_figure import figure_of, log_ticks
from zerosum.report.charts import printable
from zerosum.report.heading import new_figure
from zerosum.report.looks import DARK, MIDDLE, plain_axes
from zerosum.report.study.axis_charts import settings_drawings
from zerosum.report.study.dots import DotPlot
from zerosum.report.study.heat_map import Heat, Square
from zerosum.report.study.progress_chart import progress_charts
from zerosum.report.study.texts import score_title, short
from zerosum.studies.settings import Study
from zerosum.studies.table import Layout

LETTERS_AT_THE_SIDE = 34


def progress_figure(study: Study, layout: Layout) -> Figure | None:
    """charts/progress.png: two panels side by side for each kind of measurement: against images,
    and against minutes.

    None where there are no two scores.
    """
    charts = progress_charts(layout)
    if not charts:
        return None
    rows = [charts[place : place + 2] for place in range(0, len(charts), 2)]
    title = f"Scores on the way: {printable(study.name)}"
    return figure_of(title, rows, 1.0 + 3.6 * len(rows), below=True)


def settings_figure(study: Study, layout: Layout) -> Figure | None:
    """charts/settings.png: every setting's score; None where there are no two scores."""
    if sum(len(entry.measured(layout.score).values) for entry in layout.entries) < 2:
        return None
    title = f"{score_title(layout, layout.score)} of {printable(study.name)}"
    if layout.nothing_like:
        title += ": no setting is like the data"
    drawings = settings_drawings(study, layout)
    charts = [each for each in drawings if isinstance(each, Chart)]
    for each in drawings:
        if isinstance(each, Heat):
            return _heat_figure(each, title)
        if isinstance(each, DotPlot):
            return _dots_figure(each, title)
    height = 0.8 + 2.6 * len(charts) if study.drawn else 4.4
    return figure_of(title, [[chart] for chart in charts], height, below=study.drawn)


def _dots_figure(plot: DotPlot, title: str) -> Figure:
    """A row for each setting, the first at the top: names need room that only a side has."""
    figure = new_figure(title, 1.6 + 0.42 * max(len(plot.rows), 2))
    axes = figure.add_subplot()
    for place, row in enumerate(plot.rows):
        own, measured = MIDDLE if row.beside else DARK, row.measured
        if measured.mean is None:
            axes.text(0.01, place, short(row.text, 60), transform=axes.get_yaxis_transform(),
                      va="center", fontsize=9, color="0.35", parse_math=False)  # fmt: skip
            continue
        if len(measured.values) > 1:
            axes.plot(measured.values, [place] * len(measured.values), "o", color="white",
                      markeredgecolor=own.colour, markersize=5, zorder=4)  # fmt: skip
        axes.errorbar(measured.mean, place, xerr=measured.bar or 0.0, fmt=own.marker,
                      color=own.colour, capsize=4, markersize=8, zorder=3)  # fmt: skip
    words = [short(row.words, 50) for row in plot.rows]
    axes.set_yticks(range(len(words)), words, parse_math=False)
    axes.set_ylim(len(words) - 0.5, -0.5)
    if plot.log:
        axes.set_xscale("log")
        log_ticks(axes.xaxis)
    axes.set_xlabel(f"{plot.title}\n{textwrap.fill(plot.legend, 80)}")
    plain_axes(axes)
    return figure


def _heat_figure(heat: Heat, title: str) -> Figure:
    """A square for each setting with its number in it, the better the lighter; settings without a
    score are hatched and say how they stand, and those that are not like the data have no colour.
    Each group of scores has colours of its own."""
    rows, columns = len(heat.rows), len(heat.columns)
    wrapped = [textwrap.fill(short(name, 60), LETTERS_AT_THE_SIDE) for name in heat.names]
    side = 0.085 * max((len(line) for name in wrapped for line in name.split("\n")), default=0)
    width = max(6.0, 1.0 + side + 1.55 * columns)
    figure = new_figure(title, 1.7 + 0.72 * max(rows, 1), width)
    axes = figure.add_subplot()
    for top, (_, squares) in enumerate(heat.rows):
        for left, square in enumerate(squares):
            if square is not None:
                _draw_square(axes, square, left, top)
    heads = [textwrap.fill(short(words, 50), 18) for words in heat.columns]
    axes.set_xticks(range(columns), heads, parse_math=False)
    axes.set_yticks(range(rows), wrapped, parse_math=False)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(max(rows, 1) - 0.5, -0.5)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(textwrap.fill(heat.legend, max(40, int(18 * columns))), fontsize=9)
    return figure


def _draw_square(axes: Axes, square: Square, left: int, top: int) -> None:
    corner = (left - 0.5, top - 0.5)
    if not square.ground:
        axes.add_patch(Rectangle(corner, 1, 1, facecolor="0.95", edgecolor="0.6", hatch="///"))
        text = textwrap.fill("; ".join(square.lines), 17)
        axes.text(left, top, text, ha="center", va="center", fontsize=8.5, parse_math=False,
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip
        return
    axes.add_patch(Rectangle(corner, 1, 1, facecolor=square.ground, edgecolor="white", linewidth=2))
    lines = (*square.below, *(short(each, 20) for each in square.standing))
    middle = top - 0.09 * len(lines)
    axes.text(left, middle, square.value, ha="center", va="center", color=square.ink, fontsize=12,
              fontweight="bold" if square.best else "normal")  # fmt: skip
    axes.text(left, middle + 0.17, "\n".join(lines), ha="center", va="top", color=square.ink,
              fontsize=8.5, parse_math=False, linespacing=1.1)  # fmt: skip
