"""RUN/charts/projection.png: pictures, and those of a generator that come nearest to them."""

import textwrap
from collections.abc import Sequence

from matplotlib.figure import Figure, SubFigure

from zerosum.analysis.projected import Group, Projected, ProjectedPictures
from zerosum.analysis.projection import SAMPLES
from zerosum.data.grid import as_image

ACROSS, SHOWN = 8, 24
"""Pictures side by side, and of a kind."""
TILE, TITLE, HEADING, LINE = 1.0, 0.3, 0.45, 0.17
"""Inches: a picture with what stands above it, the title of a kind, the heading, a line below it.
"""
LETTERS = 13
"""Of a line, an inch."""


def projection_figure(found: ProjectedPictures, heading: str) -> Figure:
    """For each kind of picture three rows: the pictures, what the search came to, and the sample
    that was the nearest before it, with their distances in grey levels."""
    kinds = [(group, _lines(group.projected[:SHOWN])) for group in found.groups]
    width = TILE * ACROSS
    verdict = textwrap.wrap(found.verdict(), int(LETTERS * width))
    heights = [TITLE + 3 * TILE * len(lines) for _, lines in kinds]
    above = HEADING + LINE * len(verdict)
    figure = Figure(figsize=(width, above + sum(heights)), dpi=110, layout="constrained")
    parts = figure.subfigures(1 + len(kinds), 1, height_ratios=[above, *heights], squeeze=False)
    head, *others = parts.flat
    head.suptitle(heading, x=0.01, ha="left", fontsize=13, fontweight="bold", parse_math=False)
    head.text(0.01, 0.02, "\n".join(verdict), fontsize=10, parse_math=False)
    for part, (group, lines) in zip(others, kinds, strict=True):
        _draw(part, group, lines)
    return figure


def _lines(projected: Sequence[Projected]) -> list[Sequence[Projected]]:
    return [projected[first : first + ACROSS] for first in range(0, len(projected), ACROSS)]


def _draw(part: SubFigure, group: Group, lines: Sequence[Sequence[Projected]]) -> None:
    part.suptitle(group.in_words(), x=0.01, ha="left", fontsize=9, parse_math=False)
    grid = part.subplots(3 * len(lines), ACROSS, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for number, line in enumerate(lines):
        for column, each in enumerate(line):
            found, name = each.found, each.target.name
            beside = f", {each.label}" if each.label else ""
            tiles = (
                (each.target.picture, textwrap.shorten(name, 18, placeholder="…")),
                (found.picture, f"nearest: {found.distance.pixels:.3g}{beside}"),
                (found.sample, f"of {SAMPLES}: {found.sample_distance.pixels:.3g}"),
            )
            for row, (picture, title) in enumerate(tiles):
                axes = grid[3 * number + row, column]
                axes.imshow(as_image(picture), cmap="gray", vmin=0, vmax=255)
                axes.set_title(title, fontsize=7, pad=2, parse_math=False)
