"""Figures and their titles."""

import textwrap
import warnings

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

FONT = FontProperties(size=13, weight="bold")
ROOM = 0.94
"""Of a figure's width, for a line of its title."""


def give_title(figure: Figure, title: str) -> None:
    """Put a bold title at the left above a figure, on more lines where it is wider than that.

    (matplotlib's own wrapping takes "$" for the sign of a formula whatever it is told.)
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # shown as boxes
        width = text_to_path.get_text_width_height_descent(title, FONT, ismath=False)[0]
    room = ROOM * 72 * figure.get_figwidth()
    if width > room:
        title = textwrap.fill(title, int(len(title) * room / width), break_on_hyphens=False)
    # A name such as "$x$" is no formula.
    figure.suptitle(title, x=0.01, ha="left", fontproperties=FONT, parse_math=False)


def new_figure(title: str, height: float, width: float = 8) -> Figure:
    """An empty figure of so many inches with its title at the left."""
    figure = Figure(figsize=(width, height), dpi=120, layout="constrained")
    give_title(figure, title)
    return figure
