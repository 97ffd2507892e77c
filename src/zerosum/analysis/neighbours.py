"""Neighbours of a run: the search, one picture of it, and the JSON beside it."""

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from zerosum.analysis.extraction import run_extractor
from zerosum.analysis.kept import keep
from zerosum.analysis.nearest_images import (
    PIXELS,
    CopySearch,
    find_neighbours,
    require_enough,
    vectors,
)
from zerosum.analysis.requests import NeighboursRequest
from zerosum.errors import UsageError
from zerosum.evaluation.copy_count import CopyCount, count_copies
from zerosum.evaluation.forecast import Work, tell_if_long
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.evaluation.opening import open_run_data, real_images
from zerosum.generation import run_images
from zerosum.records.run import RunFolder
from zerosum.report.charts import png, png_path, printable
from zerosum.report.curves import DARK, LIGHT, MIDDLE

CHART, TITLE, TILE, HEADING = 2.4, 0.4, 1.1, 0.4
"""Inches: the chart's height, a title's, an image with its text, the heading."""


@dataclass(frozen=True)
class Sides:
    """The images of a search."""

    fake: Images
    train: Images
    held_out: Images


def neighbours_of_run(
    run: RunFolder,
    asked: NeighboursRequest,
    stage: Stage = no_stage,
) -> tuple[CopySearch, tuple[Path, ...]]:
    """Search for generated images, draw some of them with their nearest, and write both down.
    Returns what was found, and the two files, the picture first."""
    count, pixels = max(asked.count, asked.shown), asked.pixels
    # Both kinds of distance see what the other does not: neither replaces the other's files.
    name = "neighbours-pixels" if pixels else "neighbours"
    png_path(asked.out or run.charts / f"{name}.png")
    if pixels and (asked.extractor or asked.layer or asked.weights):
        raise UsageError(
            "distances of pixels need no feature network",
            "leave out --pixels, or else --extractor, --layer and --weights",
        )
    data = open_run_data(
        run,
        data_root=asked.data_root,
        progress=lambda done, total: stage("packing the images", done, total),
    )
    train, _ = real_images(data, "train")
    held_out = real_images(data, "held out")[0] if len(data.held_out) else train.first(0)
    side = run_images(
        run,
        count,
        checkpoint=asked.checkpoint,
        averaged=asked.average,
        seed=asked.seed,
        device=asked.device,
    )
    require_enough(asked.k, len(train), count)
    sides = Sides(side.images, train, held_out)
    extractor, layer = (None, "") if pixels else run_extractor(train, asked, without="--pixels")
    if extractor is not None:
        parts = (("generated", sides.fake), ("training", train), ("held-out", held_out))
        works = [Work(what, images, (layer,)) for what, images in parts if len(images)]
        tell_if_long(works, extractor, "--pixels (distances of pixels: no network)", stage=stage)
    copies = count_copies(sides.fake, sides.train, sides.held_out, stage)
    neighbours = find_neighbours(
        vectors(sides.fake, extractor, layer, "generated", stage),
        vectors(sides.train, extractor, layer, "training", stage),
        vectors(sides.held_out, extractor, layer, "held-out", stage),
        asked.k,
        PIXELS if extractor is None else extractor.label(layer),
        stage,
    )
    found = CopySearch(copies, neighbours)
    heading = f"Neighbours of {printable(side.images.name)} at {int(side.checkpoint):,} images"
    picture = png(neighbours_figure(found, sides, asked.shown, heading))
    made = {"checkpoint": side.checkpoint, "weights": side.weights, "seed": asked.seed}
    return found, keep(run, name, found.as_dict() | made, picture, asked.out)


def neighbours_figure(search: CopySearch, sides: Sides, shown: int, heading: str) -> Figure:
    """The distributions of all distances; the generated images that look most like copies;
    generated images with their nearest training images, held-out ones with their nearest generated
    images."""
    found = search.neighbours
    k = found.fake_to_train.shape[1]
    suspects = search.copies.suspects[:shown]
    across = max(1, (k + 1) // 3)
    lines = -(-len(suspects) // across)
    counts = [lines] if lines else []
    counts.append(min(shown, len(sides.fake)))
    if len(sides.held_out):
        counts.append(min(shown, len(sides.held_out)))
    heights = [CHART, *[TITLE + TILE * count for count in counts]]
    width = max(TILE * (k + 1), 7.5)
    figure = Figure(figsize=(width, HEADING + sum(heights)), dpi=110, layout="constrained")
    figure.suptitle(heading, x=0.01, ha="left", fontsize=13, fontweight="bold", parse_math=False)
    parts: Any = figure.subfigures(len(heights), 1, height_ratios=heights)
    rest = iter(parts)
    _distributions(next(rest), search, int(13 * width))
    if lines:
        part = next(rest)
        _heading(part, "most like copies: image with its ratio, its picture, the second nearest")
        _suspects(part.subplots(lines, k + 1, squeeze=False), search.copies, suspects, sides)
    part = next(rest)
    _heading(part, "generated images, each with its nearest training images: distance (#number)")
    _tiles(
        part.subplots(min(shown, len(sides.fake)), k + 1, squeeze=False),
        sides.fake, sides.train, found.fake_to_train, found.train_rows, "generated",
    )  # fmt: skip
    if len(sides.held_out):
        part = next(rest)
        _heading(part, "held-out images, each with its nearest generated images")
        _tiles(
            part.subplots(counts[-1], k + 1, squeeze=False),
            sides.held_out, sides.fake, found.held_out_to_fake, found.fake_rows, "held out",
        )  # fmt: skip
    return figure


def _heading(part: Any, words: str) -> None:
    part.suptitle(words, x=0.01, ha="left", fontsize=11)


def _suspects(
    grid: NDArray[Any], copies: CopyCount, suspects: NDArray[np.int64], sides: Sides
) -> None:
    """Three tiles for each: the generated image, the nearest picture, as the search turned it, and
    the second nearest."""
    for axes in grid.flat:
        axes.set_axis_off()
    across = max(1, grid.shape[1] // 3)
    for place, number in enumerate(suspects.tolist()):
        line, column = divmod(place, across)
        tiles = grid[line, 3 * column : 3 * column + 3]
        found = copies.generated
        first, second = int(found.rows[number]), int(found.second_rows[number])
        picture = sides.train.read(first, 1)[0]
        turned = bool(found.mirrored[number])
        how = ", mirrored" if turned else ""
        ratio = f"generated {number}: {found.ratio[number]:.2g}"
        _tile(tiles[0], sides.fake.read(number, 1)[0], ratio)
        if len(tiles) > 1:
            _tile(
                tiles[1],
                picture[:, ::-1] if turned else picture,
                f"(#{first}{how})",
            )
        if len(tiles) > 2:
            _tile(tiles[2], sides.train.read(second, 1)[0], f"(#{second})")


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
                values,
                bins=bins.tolist(),
                density=True,
                histtype="step",
                color=look.colour,
                linestyle=look.line,
                linewidth=2,
                label=f"{label}: median {np.median(values):.3g}",
            )
    axes.axvline(
        found.threshold,
        color="0.4",
        linewidth=1,
        label=f"the nearest 5 % of {found.base_line_in_words}: {found.threshold:.3g}",
    )
    axes.set_xlabel(f"distance to the nearest, in {found.space_in_words}")
    axes.set_ylabel("how many")
    axes.set_yticks([])
    # Beside the bars, not on them.
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.05), frameon=False, fontsize=9)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _tiles(
    grid: NDArray[Any],
    queries: Images,
    references: Images,
    distances: NDArray[np.float32],
    rows: NDArray[np.int64],
    label: str,
) -> None:
    for number, line in enumerate(grid):
        _tile(line[0], queries.read(number, 1)[0], f"{label} {number}")
        for place, axes in enumerate(line[1:]):
            row = int(rows[number, place])
            text = f"{distances[number, place]:.3g}  (#{row})"
            _tile(axes, references.read(row, 1)[0], text)


def _tile(axes: Axes, image: NDArray[np.uint8], title: str) -> None:
    shown = image[..., 0] if image.shape[2] == 1 else image
    axes.imshow(shown, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_title(title, fontsize=7, pad=2)
    axes.set_axis_off()
