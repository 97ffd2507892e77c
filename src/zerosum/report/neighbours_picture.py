"""RUN/charts/neighbours.png: distances, and images beside those nearest to them."""

import textwrap
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

Tile = tuple[NDArray[np.uint8], str]
"""An image and what stands above it."""


def neighbours_figure(search: NeighbourSearch, heading: str) -> Figure:
    """The distributions of all distances; the generated images that look most like copies;
    generated images with their nearest training images, held-out ones with their nearest generated
    images."""
    found = search.found.neighbours
    across = found.fake_to_train.shape[1] + 1
    parts = {
        "most like copies: image with its ratio, its picture, the second nearest": _suspects(
            search, max(1, across // 3)
        ),
        "generated images, each with its nearest training images: distance (#number)": [
            _matches(match, f"generated {number}", found.fake_to_train[number],
                     found.train_rows[number])
            for number, match in enumerate(search.generated)
        ],
        "held-out images, each with its nearest generated images": [
            _matches(match, f"held out {number}", found.held_out_to_fake[number],
                     found.fake_rows[number])
            for number, match in enumerate(search.held_out)
        ],
    }  # fmt: skip
    shown = {words: rows for words, rows in parts.items() if rows}
    heights = [CHART, *(TITLE + TILE * len(rows) for rows in shown.values())]
    width = max(TILE * across, 7.5)
    figure = Figure(figsize=(width, HEADING + sum(heights)), dpi=110, layout="constrained")
    figure.suptitle(heading, x=0.01, ha="left", fontsize=13, fontweight="bold", parse_math=False)
    first, *others = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False).flat
    _distributions(first, search.found, int(13 * width))
    for part, (words, rows) in zip(others, shown.items(), strict=True):
        part.suptitle(words, x=0.01, ha="left", fontsize=11)
        grid = part.subplots(len(rows), across, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for line, row in zip(grid, rows, strict=True):
            for axes, (image, title) in zip(line, row, strict=False):  # a row may be shorter
                shape = image.shape[:2] if image.shape[2] == 1 else image.shape
                axes.imshow(image.reshape(shape), cmap="gray", vmin=0, vmax=255,
                            interpolation="nearest")  # fmt: skip
                axes.set_title(title, fontsize=7, pad=2)
    return figure


def _suspects(search: NeighbourSearch, across: int) -> list[list[Tile]]:
    """Three tiles for each: the generated image, the nearest picture, the second nearest; so many
    in a row."""
    copies = search.found.copies
    found = copies.generated
    tiles: list[list[Tile]] = []
    for number, match in zip(copies.suspects.tolist(), search.suspects, strict=False):
        how = ", mirrored" if found.mirrored[number] else ""
        titles = (
            f"generated {number}: {found.ratio[number]:.2g}",
            f"(#{found.rows[number]}{how})",
            f"(#{found.second_rows[number]})",
        )
        images = (match.image, *match.nearest)
        tiles.append(list(zip(images, titles, strict=False)))  # there may be no second nearest
    rows = [tiles[first : first + across] for first in range(0, len(tiles), across)]
    return [[tile for own in row for tile in own] for row in rows]


def _matches(
    match: Match, label: str, distances: NDArray[np.float32], rows: NDArray[np.int64]
) -> list[Tile]:
    nearest = zip(match.nearest, distances, rows, strict=True)
    return [
        (match.image, label),
        *((image, f"{distance:.3g}  (#{row})") for image, distance, row in nearest),
    ]


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
