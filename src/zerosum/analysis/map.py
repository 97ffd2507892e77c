"""Pictures of feature space: both sides on a plane, and what a classifier says of one image."""

import warnings
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from zerosum.analysis.extraction import run_extractor
from zerosum.analysis.kept import keep
from zerosum.analysis.plane import Plane, principal_plane, require_umap, umap_plane
from zerosum.analysis.requests import MapRequest
from zerosum.data.fit import flatten
from zerosum.errors import UsageError
from zerosum.evaluation.extractors import open_extractor
from zerosum.evaluation.features import Features, extract_features
from zerosum.evaluation.forecast import Work, fewer_images, tell_if_long
from zerosum.evaluation.images import GeneratedSide, Images
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.evaluation.opening import open_run_data, real_images
from zerosum.files import write_atomically
from zerosum.generation import run_images
from zerosum.networks import choose_device
from zerosum.records.run import RunFolder
from zerosum.report.charts import png, png_path, printable
from zerosum.report.curves import DARK, MIDDLE
from zerosum.report.heading import give_title

DIGITS = tuple("0123456789")


def map_run(run: RunFolder, asked: MapRequest, stage: Stage = no_stage) -> tuple[Plane, Path]:
    """Draw as many real as generated images of a run on a plane; the points, and the picture."""
    name = "map" if asked.method == "pca" else f"map-{asked.method}"
    png_path(asked.out or run.charts / f"{name}.png")
    if asked.method == "umap":
        require_umap()  # told before minutes of features
    data = open_run_data(
        run,
        data_root=asked.data_root,
        progress=lambda done, total: stage("packing the images", done, total),
    )
    reals = real_images(data)[0].first(asked.count)
    side = _side(run, asked.count, asked)
    extractor, layer = run_extractor(reals, asked)

    works = [Work("real", reals, (layer,)), Work("generated", side.images, (layer,))]
    tell_if_long(works, extractor, fewer_images(asked.count, reals, extractor), stage=stage)

    def features(images: Images, whose: str) -> Features:
        return extract_features(
            images,
            extractor,
            (layer,),
            progress=lambda done, total: stage(f"features of the {whose} images", done, total),
        )[layer]

    real, fake = features(reals, "real"), features(side.images, "generated")
    if asked.method == "pca":
        plane = principal_plane(real, fake)
    else:
        plane = umap_plane(real, fake, asked.seed)
    heading = f"Real and generated images of {_place(side)}"
    space = f"{plane.method} of features of {extractor.label(layer)}"
    picture = png(map_figure(plane, heading, space))
    content = {
        "checkpoint": side.checkpoint,
        "weights": side.weights,
        "method": asked.method,
        "images": len(fake),
        "real_images": len(real),
        "features": extractor.label(layer),
        "seed": asked.seed,
    }
    return plane, keep(run, name, content, picture, asked.out)[0]


def map_figure(plane: Plane, heading: str, space: str) -> Figure:
    """Real images as rings, generated ones as crosses: to be told apart without colour."""
    figure = Figure(figsize=(7.5, 6.6), dpi=120, layout="constrained")
    give_title(figure, heading)
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
    # One step is as long in both directions: how far apart points are is what there is to see.
    axes.set_aspect("equal", adjustable="datalim")
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=2)
    axes.set_title(space, loc="left", fontsize=10, pad=26)  # above the legend
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def classify_image(
    run: RunFolder, image: str, asked: MapRequest
) -> tuple[NDArray[np.float64], Path]:
    """What the digit classifier says of one image, a picture number of the run or a file: the
    probabilities (10,), and the path of a picture of them.

    Raises UsageError for what is neither.
    """
    run.require()
    path = png_path(asked.out or run.charts / f"probabilities-{Path(image).stem}.png")
    pixels, title = _one_image(run, image, asked)
    extractor = open_extractor("digits", device=choose_device(asked.device))
    batch = torch.from_numpy(pixels[None])
    logits = extractor.compute(batch, (extractor.logits,))[extractor.logits]
    chances: NDArray[np.float64] = logits.double().softmax(1)[0].numpy()
    write_atomically(path, png(probabilities_figure(pixels, chances, title)))
    return chances, path


def probabilities_figure(
    pixels: NDArray[np.uint8], chances: NDArray[np.float64], title: str
) -> Figure:
    """An image (H, W, 1) beside its class probabilities (10,)."""
    figure = Figure(figsize=(7.5, 3.4), dpi=120, layout="constrained")
    give_title(figure, title)
    left, right = figure.subplots(1, 2, width_ratios=[1, 2.2])
    left.imshow(pixels[..., 0], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    left.set_axis_off()
    bars = right.barh(DIGITS, chances, color=DARK.colour)
    right.bar_label(bars, [f"{chance:.1%}" for chance in chances], padding=3, fontsize=9)
    right.set_xlim(0, 1.12)  # room for the number at a bar of 1
    right.set_xticks(np.linspace(0, 1, 6))
    right.set_xlabel("probability, by the bundled digit classifier")
    right.invert_yaxis()
    right.spines[["top", "right"]].set_visible(False)
    return figure


def _one_image(run: RunFolder, image: str, asked: MapRequest) -> tuple[NDArray[np.uint8], str]:
    """The image (H, W, 1), and what to call it."""
    if image.isdecimal():
        side = _side(run, 1, asked, first=int(image))
        if side.images.shape[2] != 1:
            raise UsageError(
                f"the pictures of {run.path} are in colour, and the classifier knows grey digits",
                "give --image a file with a digit, or count classes: zerosum modes RUN",
            )
        return side.images.read(0, 1)[0], f"Picture {int(image):,} of {_place(side)}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow warns of is harmless, or an error here
            with Image.open(image) as picture:
                pixels = np.asarray(flatten(picture, 1))[..., None].copy()
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged bytes
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise UsageError(
            f"{image} is neither a picture number nor an image file ({reason})",
            "give --image 0 for the run's first picture, or the path of a file",
        ) from error
    return pixels, printable(Path(image).name)


def _side(run: RunFolder, count: int, asked: MapRequest, *, first: int = 0) -> GeneratedSide:
    return run_images(
        run,
        count,
        checkpoint=asked.checkpoint,
        averaged=asked.average,
        seed=asked.seed,
        first=first,
        device=asked.device,
    )


def _place(side: GeneratedSide) -> str:
    """The run and checkpoint of generated images, for a heading."""
    return f"{printable(side.images.name)} at {int(side.checkpoint):,} images"
