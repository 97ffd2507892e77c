"""Pictures of feature space: both sides on a plane, and what a classifier says of one image."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from zerosum.errors import UsageError
from zerosum.evaluation.evaluate import Stage
from zerosum.evaluation.extractors import open_extractor
from zerosum.evaluation.features import extract_features
from zerosum.evaluation.images import Images
from zerosum.evaluation.map import Plane, principal_plane, umap_plane
from zerosum.evaluation.opening import open_run_data, real_images, run_images
from zerosum.generation.generator import choose_device
from zerosum.report.charts import png, printable
from zerosum.report.curves import DARK, MIDDLE
from zerosum.report.extraction import run_extractor
from zerosum.run import RunFolder, write_atomically

DIGITS = tuple("0123456789")


def map_run(
    run: RunFolder,
    count: int,
    method: str,
    *,
    out: Path | None,
    options: dict[str, Any],
    stage: Stage,
) -> Path:
    """Draw as many real as generated images of a run on a plane; the picture's path."""
    path = _png_path(out or run.charts / "map.png")
    data = open_run_data(
        run,
        data_root=options["data_root"],
        progress=lambda done, total: stage("packing the images", done, total),
    )
    reals = real_images(data)[0].first(count)
    fakes = _fakes(run, count, options)
    extractor, layer = run_extractor(reals, options)
    real, fake = (
        extract_features(
            images,
            extractor,
            (layer,),
            progress=lambda done, total, what=what: stage(what, done, total),  # type: ignore[misc]
        )[layer]
        for images, what in ((reals, "features of the real images"), (fakes, "of the generated"))
    )
    if method == "pca":
        plane = principal_plane(real, fake)
    else:
        plane = umap_plane(real, fake, options["seed"])
    heading = f"{printable(fakes.name)} in features of {extractor.label(layer)}"
    write_atomically(path, png(map_figure(plane, heading)))
    return path


def map_figure(plane: Plane, heading: str) -> Figure:
    """Real images as rings, generated ones as crosses: to be told apart without colour."""
    figure = Figure(figsize=(7.5, 6.6), dpi=120, layout="constrained")
    figure.suptitle(heading, x=0.01, ha="left", fontsize=13, fontweight="bold", parse_math=False)
    axes = figure.add_subplot()
    size = float(np.clip(40_000 / (len(plane.real) + len(plane.fake)), 4, 30))
    axes.scatter(
        plane.real[:, 0],
        plane.real[:, 1],
        s=size,
        facecolors="none",
        edgecolors=MIDDLE.colour,
        linewidths=0.8,
        label=f"real ({len(plane.real):,})",
    )
    axes.scatter(
        plane.fake[:, 0],
        plane.fake[:, 1],
        s=size,
        color=DARK.colour,
        marker="x",
        linewidths=0.8,
        alpha=0.7,
        label=f"generated ({len(plane.fake):,})",
    )
    axes.set_xlabel(plane.axes[0])
    axes.set_ylabel(plane.axes[1])
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=2)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def probabilities(run: RunFolder, image: str, options: dict[str, Any]) -> NDArray[np.float64]:
    """What the digit classifier says of one image, (10,): a picture number of the run, or a file.

    Raises UsageError for what is neither.
    """
    extractor = open_extractor("digits", device=choose_device(options["device"]))
    pixels = _one_image(run, image, options)
    import torch

    logits = extractor.compute(torch.from_numpy(pixels), (extractor.logits,))[extractor.logits]
    chances: NDArray[np.float64] = logits.double().softmax(1)[0].numpy()
    return chances


def draw_probabilities(
    run: RunFolder, image: str, chances: NDArray[np.float64], out: Path | None,
    options: dict[str, Any],
) -> Path:  # fmt: skip
    """The image beside its class probabilities; the picture's path."""
    path = _png_path(out or run.charts / f"probabilities-{Path(image).stem}.png")
    figure = Figure(figsize=(7.5, 3.2), dpi=120, layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1, 2.2])
    pixels = _one_image(run, image, options)[0]
    left.imshow(pixels[..., 0], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    left.set_axis_off()
    left.set_title(printable(Path(image).name), fontsize=10, parse_math=False)
    right.barh(DIGITS, chances, color=DARK.colour)
    right.set_xlim(0, 1)
    right.set_xlabel("probability, by the bundled digit classifier")
    right.invert_yaxis()
    right.spines[["top", "right"]].set_visible(False)
    write_atomically(path, png(figure))
    return path


def _one_image(run: RunFolder, image: str, options: dict[str, Any]) -> NDArray[np.uint8]:
    if image.isdecimal():
        number = int(image)
        side, _ = run_images(
            run, 1, checkpoint=options["checkpoint"], averaged=options["average"],
            seed=options["seed"], first=number, device=options["device"],
        )  # fmt: skip
        return side.images.read(0, 1)
    from PIL import Image

    try:
        with Image.open(image) as picture:
            return np.asarray(picture.convert("L"))[None, ..., None].copy()
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{image} is neither a picture number nor an image file ({error})",
            "give --image 0 for the run's first picture, or the path of a file",
        ) from error


def _fakes(run: RunFolder, count: int, options: dict[str, Any]) -> Images:
    side, _ = run_images(
        run,
        count,
        checkpoint=options["checkpoint"],
        averaged=options["average"],
        seed=options["seed"],
        device=options["device"],
    )
    return side.images


def _png_path(path: Path) -> Path:
    if path.suffix.lower() != ".png":
        raise UsageError(f"{path} does not end in .png", "give --out such a name")
    return path
