"""How curves are told apart, without colour as well, and the legend of them."""

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ("#08306b", "#d95f02", "#e6ab02", "#7b4fa3", "#1b9e77", "#666666", "#c2185b", "#56b4e9")
LINES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", "*")

LEGEND = 90
"""Letters on a line of a legend."""
ROW = 66
"""Letters of three names side by side."""


@dataclass(frozen=True)
class Look:
    """How a curve is drawn; of the first four, the lightness of `colour` is its second name."""

    colour: str
    line: str
    marker: str


GREY = Look("0.72", "-", "o")
"""Of curves that are not told apart."""


def look(number: int) -> Look:
    """The look of curve `number`; 72 are different."""
    turn = number // len(COLOURS)  # another line where the colours begin again
    return Look(
        COLOURS[number % len(COLOURS)],
        LINES[(number + turn) % len(LINES)],
        MARKERS[number % len(MARKERS)],
    )


DARK, MIDDLE, LIGHT = map(look, range(3))


def legend_columns(names: Iterable[str]) -> int:
    """In how many columns a legend of them stands."""
    lengths = sorted(max(map(len, _wrapped(name).split("\n"))) for name in names)
    longest, three = max(lengths, default=0), sum(lengths[-3:])
    return 1 if longest > LEGEND / 2 else 2 if three > ROW else 3


def give_legend(owner: Axes | Figure, entries: Mapping[str, Artist], **place: Any) -> None:
    """A legend of what is drawn, by its words."""
    legend = owner.legend(
        list(entries.values()),
        [str(number) for number in range(len(entries))],
        ncols=legend_columns(entries),
        frameon=False,
        handlelength=3.4,
        **place,
    )
    # Only now: a name such as "$x$" is no formula, and one such as "_a" is no secret.
    for text, name in zip(legend.get_texts(), entries, strict=True):
        text.set_parse_math(False)
        text.set_text(_wrapped(name))


def _wrapped(name: str) -> str:
    return textwrap.fill(name, LEGEND)


def plain_axes(axes: Axes) -> None:
    """The grid and the frame that all charts have."""
    axes.grid(color="0.9", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
