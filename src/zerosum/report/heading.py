"""Figures and their titles."""

import textwrap
import warnings

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

FONT = FontProperties(size=13, weight="bold")
ROOM = 0.94
"""Of a figure's width, for a line of its title."""


def new_figure(title: str, height: float, width: float = 8) -> Figure:
    """An empty figure of so many inches with its title in bold at the left, on more lines where it
    is wider than the figure.

    (matplotlib's own wrapping takes "$" for the sign of a formula whatever it is told.)
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # shown as boxes
        needed = text_to_path.get_text_width_height_descent(title, FONT, ismath=False)[0]
    room = ROOM * 72 * width
    if needed > room:
        title = textwrap.fill(title, int(len(title) * room / needed), break_on_hyphens=False)
    figure = Figure(figsize=(width, height), dpi=120, layout="constrained")
    # A name such as "$x$" is no formula.
    figure.suptitle(title, x=0.01, ha="left", fontproperties=FONT, parse_math=False)
    return figure
