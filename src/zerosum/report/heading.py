"""The title of a picture."""

import textwrap

from matplotlib.figure import Figure

LETTERS = 7
"""Of a title, in an inch: so many capitals fit. (matplotlib's own wrapping takes "$" for the sign
of a formula whatever it is told.)"""


def give_title(figure: Figure, title: str) -> None:
    """Put a bold title at the left above a figure, on more lines where it is wider than that."""
    lines = textwrap.fill(title, int(LETTERS * figure.get_figwidth()), break_on_hyphens=False)
    # A name such as "$x$" is no formula.
    figure.suptitle(lines, x=0.01, ha="left", fontsize=13, fontweight="bold", parse_math=False)
