"""How curves are told apart, without colour as well, and the legend of them."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter

COLOURS = ("#08306b", "#d95f02", "#e6ab02", "#7b4fa3", "#1b9e77", "#666666", "#c2185b", "#56b4e9")
LINES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", "*")

LEGEND = 90
"""Letters on a line of a legend."""


@dataclass(frozen=True)
class Look:
    """How a curve is drawn; of the first four, the lightness of `colour` is its second name."""

    colour: str
    line: str
    marker: str


def look(number: int) -> Look:
    """The look of curve `number`; 72 are different."""
    return Look(
        COLOURS[number % len(COLOURS)],
        LINES[number % len(LINES)],
        MARKERS[number % len(MARKERS)],
    )


DARK, MIDDLE, LIGHT = map(look, range(3))


def name_sides(
    figure: Figure, looks: Mapping[str, Look], more: Sequence[tuple[Artist, str]] = ()
) -> None:
    """A legend of the sides below the panels, and of what else there is."""
    handles: list[Artist] = [_sample(each) for each in looks.values()]
    handles += [artist for artist, _ in more]
    names = [textwrap.fill(name, LEGEND) for name in (*looks, *(name for _, name in more))]
    longest = max(len(line) for name in names for line in name.split("\n"))
    columns = 1 if longest > 45 else 2 if longest > 24 else 3
    legend = figure.legend(
        handles,
        [str(place) for place in range(len(names))],
        loc="outside lower left",
        ncols=columns,
        frameon=False,
        handlelength=3.4,
    )
    # Only now: a name such as "$x$" is no formula, and one such as "_a" is no secret.
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_parse_math(False)
        text.set_text(name)


def _sample(shown: Look) -> Line2D:
    """A piece of a curve."""
    style: dict[str, Any] = {
        "color": shown.colour,
        "linestyle": shown.line,
        "linewidth": 2.2,
        "marker": shown.marker,
        "markersize": 7,
        "markeredgecolor": "white",
        "markeredgewidth": 0.8,
    }
    return Line2D([], [], **style)


def plain_axes(axes: Axes) -> None:
    """The grid and the frame that all charts have."""
    axes.grid(color="0.9", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)


def images_axis(axes: Axes) -> None:
    """What the x axis of most charts says."""
    axes.set_xlabel("images seen in training")
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
