"""Neighbours of a run: the search, one picture of it, and the JSON beside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from zerosum.errors import UsageError
from zerosum.evaluation.evaluate import Stage
from zerosum.evaluation.images import Images
from zerosum.evaluation.neighbours import Neighbours, find_neighbours, vectors
from zerosum.evaluation.opening import open_run_data, real_images, run_images
from zerosum.report.charts import png, printable
from zerosum.report.curves import DARK, LIGHT, MIDDLE
from zerosum.report.extraction import run_extractor
from zerosum.run import RunFolder, write_atomically, write_json


@dataclass(frozen=True)
class Sides:
    """The images of a search."""

    fake: Images
    train: Images
    held_out: Images


def neighbours_of_run(
    run: RunFolder,
    count: int,
    shown: int,
    k: int,
    *,
    pixels: bool,
    out: Path | None,
    options: dict[str, Any],
    stage: Stage,
) -> tuple[Neighbours, tuple[Path, Path]]:
    """Search for `count` generated images, draw `shown` of them with their k nearest, and write
    both down. Returns what was found, and the two files."""
    path = out or run.charts / "neighbours.png"
    if path.suffix.lower() != ".png":
        raise UsageError(f"{path} does not end in .png", "give --out such a name")
    data = open_run_data(
        run,
        data_root=options["data_root"],
        progress=lambda done, total: stage("packing the images", done, total),
    )
    train, _ = real_images(data, "train")
    held_out = real_images(data, "held out")[0] if len(data.held_out) else train.first(0)
    side, _ = run_images(
        run,
        count,
        checkpoint=options["checkpoint"],
        averaged=options["average"],
        seed=options["seed"],
        device=options["device"],
    )
    sides = Sides(side.images, train, held_out)
    extractor, layer = (None, "") if pixels else run_extractor(train, options)
    found = find_neighbours(
        vectors(sides.fake, extractor, layer, "generated", stage),
        vectors(sides.train, extractor, layer, "training", stage),
        vectors(sides.held_out, extractor, layer, "held-out", stage),
        k,
        "pixels" if extractor is None else extractor.label(layer),
        stage,
    )
    heading = f"Neighbours of {printable(side.images.name)} at {int(side.checkpoint):,} images"
    write_atomically(path, png(neighbours_figure(found, sides, shown, heading)))
    numbers = run.path / "neighbours.json"
    write_json(numbers, found.as_dict() | {"checkpoint": side.checkpoint, "weights": side.weights})
    return found, (path, numbers)


def neighbours_figure(found: Neighbours, sides: Sides, shown: int, heading: str) -> Figure:
    """Generated images with their nearest training images, held-out ones with their nearest
    generated images, and the distributions of all distances."""
    shown = min(shown, len(sides.fake))
    k = found.fake_to_train.shape[1]
    rows = 1 + bool(len(sides.held_out))
    figure = Figure(
        figsize=(max(1.1 * (k + 1), 7.0), 2.8 + rows * (0.5 + 1.05 * shown)),
        dpi=110,
        layout="constrained",
    )
    figure.suptitle(heading, x=0.01, ha="left", fontsize=13, fontweight="bold", parse_math=False)
    parts: Any = figure.subfigures(rows + 1, 1, height_ratios=[2.4, *[0.5 + 1.05 * shown] * rows])
    _distributions(parts[0].subplots(), found)
    parts[1].suptitle("generated, and its nearest training images", x=0.01, ha="left", fontsize=11)
    _tiles(
        parts[1].subplots(shown, k + 1, squeeze=False),
        sides.fake, sides.train, found.fake_to_train, found.train_rows, "generated",
    )  # fmt: skip
    if rows == 2:
        title = "held out, and its nearest generated images"
        parts[2].suptitle(title, x=0.01, ha="left", fontsize=11)
        _tiles(
            parts[2].subplots(min(shown, len(sides.held_out)), k + 1, squeeze=False),
            sides.held_out, sides.fake, found.held_out_to_fake, found.fake_rows, "held out",
        )  # fmt: skip
    return figure


def _distributions(axes: Axes, found: Neighbours) -> None:
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
    axes.axvline(found.threshold, color="0.4", linewidth=1)
    axes.set_title(found.verdict(), loc="left", fontsize=9, wrap=True)
    axes.set_xlabel(f"distance to the nearest, in {found.space}; the line: 5 % of the base line")
    axes.set_yticks([])
    axes.legend(frameon=False, fontsize=9)
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
