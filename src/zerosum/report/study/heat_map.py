"""A heat map of two axes, or of more with several of them down the side."""

import math
import textwrap

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from zerosum.comparing.best import better
from zerosum.comparing.setting_words import setting_words
from zerosum.report.heading import give_title
from zerosum.report.study.texts import (
    UNLIKE,
    letter,
    none_is_like,
    score_decimals,
    score_text,
    short,
)
from zerosum.studies.entries import Entry
from zerosum.studies.table import Layout, row_words

COLOURS = matplotlib.colormaps["cividis"]
"""Lightness rises all along it, so that it reads in grey as well."""
PLAIN = matplotlib.colors.to_rgba("0.93")
"""Of settings that are not like the data."""
LETTERS_AT_THE_SIDE = 34


def heat_map(layout: Layout, title: str) -> Figure:
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
    scale = scales_of(layout)
    for top, line in enumerate(layout.grid):
        for left, entry in enumerate(line.entries):
            if entry is not None:
                _square(axes, layout, entry, (left, top), scale)
    heads = [
        "\n".join(textwrap.wrap(short(setting_words(dict(zip(layout.column_axes, point,
                                                             strict=True))), 50), 18))
        for point in layout.columns
    ]  # fmt: skip
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
    spread = any(len(entry.measured(layout.score).values) > 1 for entry in layout.entries)
    return f"{text}; ± {'standard deviation over seeds' if spread else 'its own error (one seed)'}"


def scales_of(layout: Layout) -> dict[int, tuple[float, float]]:
    """Of each group the worst and the best mean of the grid, of the settings that are like the
    data."""
    found: dict[int, list[float]] = {}
    for line in layout.grid:
        for entry in line.entries:
            mean = None if entry is None else entry.measured(layout.score).mean
            if entry is None or entry.group is None or entry.like is False:
                continue
            if mean is not None:
                found.setdefault(entry.group, []).append(mean)
    lower = better(layout.score) == "lower"
    return {
        group: (max(means), min(means)) if lower else (min(means), max(means))
        for group, means in found.items()
    }


def lightness(value: float, worst: float, best: float) -> float:
    """0 for the worst to 1 for the best; by the logarithm where they are far apart."""
    if worst == best:
        return 0.6
    if min(worst, best) > 0 and max(worst, best) / min(worst, best) > 5:
        value, worst, best = math.log(value), math.log(worst), math.log(best)
    return (value - worst) / (best - worst)


def _square(
    axes: Axes,
    layout: Layout,
    entry: Entry,
    place: tuple[int, int],
    scale: dict[int, tuple[float, float]],
) -> None:
    left, top = place
    mean = entry.measured(layout.score).mean
    corner = (left - 0.5, top - 0.5)
    if mean is None or entry.group is None:
        axes.add_patch(Rectangle(corner, 1, 1, facecolor="0.95", edgecolor="0.6", hatch="///"))
        text = "\n".join(textwrap.wrap("; ".join(short(each, 40) for each in entry.standing), 17))
        axes.text(left, top, text or "not measured", ha="center", va="center", fontsize=8.5,
                  parse_math=False, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5}
                  )  # fmt: skip
        return
    share, colour = 1.0, PLAIN
    if entry.like is not False:
        share = lightness(mean, *scale[entry.group])
        colour = COLOURS(0.08 + 0.9 * share)
    axes.add_patch(Rectangle(corner, 1, 1, facecolor=colour, edgecolor="white", linewidth=2))
    ink = "black" if share > 0.5 else "white"
    decimals = score_decimals(layout.entries, layout.score)
    value, _, spread = score_text(entry, layout.score, decimals).partition(" ± ")
    lines = [f"± {spread}" if spread else ""]
    lines.append(f"[{letter(entry.group)}]" if layout.groups > 1 else "")
    lines += [UNLIKE] * (entry.like is False and not layout.nothing_like)
    lines += [*entry.marks, *(short(each, 20) for each in entry.standing)]
    below = "\n".join(line for line in lines if line)
    weight = "bold" if layout.is_best(entry) else "normal"
    shift = 0.09 * (1 + below.count("\n")) if below else 0.0
    axes.text(left, top - shift, value, ha="center",
              va="center", color=ink, fontsize=12, fontweight=weight)  # fmt: skip
    axes.text(left, top - shift + 0.17, below, ha="center", va="top", color=ink, fontsize=8.5,
              parse_math=False, linespacing=1.1)  # fmt: skip
