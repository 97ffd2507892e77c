"""RUN/charts/neighbours.png: distances, and images beside those nearest to them."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from zerosum.analysis.nearest_images import CopySearch, space_in_words
from zerosum.analysis.neighbours import Match, NeighbourSearch
from zerosum.report.looks import DARK, LIGHT, MIDDLE

CHART, TITLE, TILE, HEADING = 2.4, 0.4, 1.1, 0.4
"""Inches: the chart's height, a title's, an image with its text, the heading."""


def neighbours_figure(search: NeighbourSearch, heading: str) -> Figure:
    """The distributions of all distances; the generated images that look most like copies;
    generated images with their nearest training images, held-out ones with their nearest generated
    images."""
    found = search.found.neighbours
    k = found.fake_to_train.shape[1]
    across = max(1, (k + 1) // 3)
    lines = -(-len(search.suspects) // across)
    counts = [lines] if lines else []
    counts.append(len(search.generated))
    if search.held_out:
        counts.append(len(search.held_out))
    heights = [CHART, *(TITLE + TILE * count for count in counts)]
    width = max(TILE * (k + 1), 7.5)
    figure = Figure(figsize=(width, HEADING + sum(heights)), dpi=110, layout="constrained")
    figure.suptitle(heading, x=0.01, ha="left", fontsize=13, fontweight="bold", parse_math=False)
    parts: Any = figure.subfigures(len(heights), 1, height_ratios=heights)
    rest = iter(parts)
    _distributions(next(rest), search.found, int(13 * width))
    if lines:
        part = next(rest)
        _heading(part, "most like copies: image with its ratio, its picture, the second nearest")
        _suspects(part.subplots(lines, k + 1, squeeze=False), search)
    part = next(rest)
    _heading(part, "generated images, each with its nearest training images: distance (#number)")
    _tiles(
        part.subplots(len(search.generated), k + 1, squeeze=False),
        search.generated, found.fake_to_train, found.train_rows, "generated",
    )  # fmt: skip
    if search.held_out:
        part = next(rest)
        _heading(part, "held-out images, each with its nearest generated images")
        _tiles(
            part.subplots(len(search.held_out), k + 1, squeeze=False),
            search.held_out, found.held_out_to_fake, found.fake_rows, "held out",
        )  # fmt: skip
    return figure


def _heading(part: Any, words: str) -> None:
    part.suptitle(words, x=0.01, ha="left", fontsize=11)


def _suspects(grid: NDArray[Any], search: NeighbourSearch) -> None:
    """Three tiles for each: the generated image, the nearest picture, the second nearest."""
    for axes in grid.flat:
        axes.set_axis_off()
    across = max(1, grid.shape[1] // 3)
    copies = search.found.copies
    found = copies.generated
    numbers = copies.suspects.tolist()
    for place, (number, match) in enumerate(zip(numbers, search.suspects, strict=False)):
        line, column = divmod(place, across)
        first, second = int(found.rows[number]), int(found.second_rows[number])
        how = ", mirrored" if found.mirrored[number] else ""
        titles = (
            f"generated {number}: {found.ratio[number]:.2g}", f"(#{first}{how})", f"(#{second})"
        )  # fmt: skip
        images = (match.image, *match.nearest)
        tiles = grid[line, 3 * column : 3 * column + 3]
        for axes, image, title in zip(tiles, images, titles, strict=False):  # may be two tiles
            _tile(axes, image, title)


def _distributions(part: Any, search: CopySearch, letters: int) -> None:
    """The distances as histograms, below the verdict in lines of so many letters."""
    found = search.neighbours
    part.suptitle(
        textwrap.fill(search.verdict(), letters), x=0.01, ha="left", fontsize=10, parse_math=False
    )
    axes: Axes = part.subplots()
    groups = (
        (found.fake_to_train[:, 0], "generated to training", DARK),
        (found.held_out_to_train, "held out to training", MIDDLE),
        (found.train_to_train, "training to training", LIGHT),
    )
    largest = max(float(np.quantile(values, 0.99)) for values, _, _ in groups if len(values))
    bins = np.linspace(0, largest or 1.0, 60)
    for values, label, look in groups:
        if len(values):
            axes.hist(
                values, bins.tolist(), density=True, histtype="step", color=look.colour,
                linestyle=look.line, linewidth=2, label=f"{label}: median {np.median(values):.3g}",
            )  # fmt: skip
    words = f"the nearest 5 % of {found.base_line_in_words}: {found.threshold:.3g}"
    axes.axvline(found.threshold, color="0.4", linewidth=1, label=words)
    axes.set_xlabel(f"distance to the nearest, in {space_in_words(found.space)}")
    axes.set_ylabel("how many")
    axes.set_yticks([])
    # Beside the bars, not on them.
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.05), frameon=False, fontsize=9)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _tiles(
    grid: NDArray[Any],
    matches: Sequence[Match],
    distances: NDArray[np.float32],
    rows: NDArray[np.int64],
    label: str,
) -> None:
    for number, (line, match) in enumerate(zip(grid, matches, strict=True)):
        _tile(line[0], match.image, f"{label} {number}")
        for place, (axes, image) in enumerate(zip(line[1:], match.nearest, strict=True)):
            _tile(axes, image, f"{distances[number, place]:.3g}  (#{int(rows[number, place])})")


def _tile(axes: Axes, image: NDArray[np.uint8], title: str) -> None:
    shown = image[..., 0] if image.shape[2] == 1 else image
    axes.imshow(shown, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_title(title, fontsize=7, pad=2)
    axes.set_axis_off()
