"""The charts of a study as matplotlib figures, for PNG files."""

import textwrap
from dataclasses import replace

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import EngFormatter

from zerosum.report.chart import Chart
from zerosum.report.charts import printable
from zerosum.report.heading import give_title
from zerosum.report.looks import COLOURS, LINES, Look, look, name_sides, plain_axes
from zerosum.report.study.heat_map import Heat, Square
from zerosum.report.study.progress_chart import OTHERS, progress_charts
from zerosum.report.study.scales import log_scale
from zerosum.report.study.texts import UNLIKE, none_is_like, short, what_bars_are
from zerosum.studies.settings import Study
from zerosum.studies.table import Layout, row_words

MOST_NAMED = 12
LETTERS = 80
"""Of a name in a legend, at most."""
LETTERS_AT_THE_SIDE = 34
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


def heat_figure(heat: Heat, layout: Layout, title: str) -> Figure:
    """A square for each setting with its number in it, the better the lighter; settings without a
    score are hatched and say how they stand, and those that are not like the data have no colour.
    Each group of scores has colours of its own."""
    rows, columns = len(layout.grid), len(layout.columns)
    names = [short(row_words(layout, line), 60) for line in layout.grid]
    wrapped = ["\n".join(textwrap.wrap(name, LETTERS_AT_THE_SIDE)) for name in names]
    side = 0.085 * max((len(line) for name in wrapped for line in name.split("\n")), default=0)
    width = max(6.0, 1.0 + side + 1.55 * columns)
    figure = Figure(figsize=(width, 1.7 + 0.72 * max(rows, 1)), dpi=120, layout="constrained")
    give_title(figure, title)
    axes = figure.add_subplot()
    for top, (_, squares) in enumerate(heat.rows):
        for left, square in enumerate(squares):
            if square is not None:
                _draw_square(axes, square, left, top)
    heads = ["\n".join(textwrap.wrap(short(words, 50), 18)) for words in heat.columns]
    axes.set_xticks(range(columns), heads, parse_math=False)
    axes.set_yticks(range(rows), wrapped, parse_math=False)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(max(rows, 1) - 0.5, -0.5)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(textwrap.fill(_below(layout), max(40, int(18 * columns))), fontsize=9)
    return figure


def _below(layout: Layout) -> str:
    text = "lighter: better; hatched: without a score"
    if layout.unlike:
        text += f"; grey: {UNLIKE}"
    if none := none_is_like(layout):
        text = f"no colours, as {none}"
    elif layout.groups > 1:
        text += "; colours compare only scores of the same letter"
    return f"{text}; {what_bars_are(layout)}"


def _draw_square(axes: Axes, square: Square, left: int, top: int) -> None:
    corner = (left - 0.5, top - 0.5)
    if not square.shade:
        axes.add_patch(Rectangle(corner, 1, 1, facecolor="0.95", edgecolor="0.6", hatch="///"))
        text = "\n".join(textwrap.wrap("; ".join(square.lines), 17))
        axes.text(left, top, text, ha="center", va="center", fontsize=8.5, parse_math=False,
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip
        return
    axes.add_patch(Rectangle(corner, 1, 1, facecolor=square.shade, edgecolor="white", linewidth=2))
    ink = "black" if square.share > 0.5 else "white"
    below = "\n".join((*square.below, *(short(each, 20) for each in square.standing)))
    weight = "bold" if square.best else "normal"
    shift = 0.09 * (1 + below.count("\n")) if below else 0.0
    axes.text(left, top - shift, square.value, ha="center",
              va="center", color=ink, fontsize=12, fontweight=weight)  # fmt: skip
    axes.text(left, top - shift + 0.17, below, ha="center", va="top", color=ink, fontsize=8.5,
              parse_math=False, linespacing=1.1)  # fmt: skip
