"""The Python API of looking closely: classes, copies, feature space, projections. Here alone their
pictures and files are written."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zerosum.analysis.kept import keep
from zerosum.analysis.map import ClassifiedImage, classify_image, map_run
from zerosum.analysis.modes import count_classes
from zerosum.analysis.neighbours import search_neighbours
from zerosum.analysis.project import project_pictures
from zerosum.analysis.requests import (
    MapMethod,
    MapRequest,
    ModesRequest,
    NeighboursRequest,
    ProjectRequest,
)
from zerosum.api_results import CopyReport, FeatureMap, ModeCount, ProjectionReport
from zerosum.api_run import Run, images_named, run_named
from zerosum.api_threads import working_with
from zerosum.arguments import classes_of, paths_of, request_of
from zerosum.evaluation.images import array_images
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.files import write_atomically
from zerosum.notebook import stages
from zerosum.options import Threads
from zerosum.records.run import RunFolder, slug
from zerosum.report.analyses import (
    map_png,
    modes_png,
    neighbours_png,
    probabilities_png,
    projection_png,
)
from zerosum.report.charts import png_path
from zerosum.spelling import python_call


@python_call(images="count")
def modes(
    images: Run | str | Path | NDArray[np.uint8],
    count: int = 0,
    *,
    against: str | Path = "",
    out: str | Path | None = None,
    checkpoint: str | int = "latest",
    average: bool | None = None,
    seed: int = 0,
    extractor: str = "",
    layer: str = "",
    weights: str | Path | None = None,
    device: str = "auto",
    threads: Threads = "auto",
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> ModeCount:
    """Count the classes that a generator covers, beside real images.

    `images` is a run or one of its checkpoints, a folder or archive, or an array (n, height, width,
    channels) uint8. `count` generated images are classified (0: 10,000, of stacked digits 25,600;
    all of a folder), grey digits by the bundled classifier, others by their nearest labelled real
    ones, `against` for what is no run. The picture goes to `out`, or a run's charts. Features are
    those of `extractor` ("digits", "inception", "dinov2-vit-s-14"), its `layer`, its `weights`.
    `threads` of the processor compute, "auto": as many as other programs leave free. Progress is
    shown unless it is to be `quiet`. Raises ZerosumError, which says what to do.
    """
    name, array = images_named(images)
    asked = request_of(ModesRequest, locals() | {"images": name})
    with stages(quiet) as stage:
        return write_modes(asked, stage)


@python_call(images="count", n="shown", neighbours="k")
def neighbours(
    run: Run | str | Path,
    count: int = 1000,
    *,
    shown: int = 8,
    k: int = 6,
    pixels: bool = False,
    out: str | Path | None = None,
    checkpoint: str | int = "latest",
    average: bool | None = None,
    seed: int = 0,
    extractor: str = "",
    layer: str = "",
    weights: str | Path | None = None,
    device: str = "auto",
    threads: Threads = "auto",
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> CopyReport:
    """Did it copy? `count` generated images of a run beside their `k` nearest training images.

    Copies are counted, mirrored and slightly shifted ones too. Distances are those of features, or
    with `pixels` of pixels from 0 to 1. `shown` of the images are drawn, in the run's charts or
    `out`. Other arguments are as in `modes`. Raises ZerosumError, which says what to do.
    """
    asked = request_of(NeighboursRequest, locals())
    with stages(quiet) as stage:
        return write_neighbours(run_named(run), asked, stage)


@python_call(images="count")
def map(
    run: Run | str | Path,
    count: int = 1000,
    *,
    method: MapMethod = "pca",
    out: str | Path | None = None,
    checkpoint: str | int = "latest",
    average: bool | None = None,
    seed: int = 0,
    extractor: str = "",
    layer: str = "",
    weights: str | Path | None = None,
    device: str = "auto",
    threads: Threads = "auto",
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> FeatureMap:
    """`count` real and as many generated images of a run as points of feature space, on a plane.

    `method` is "pca", the two directions in which real images vary most, or "umap", which needs the
    extra umap. Other arguments are as in `modes`. Raises ZerosumError, which says what to do.
    """
    asked = request_of(MapRequest, locals())
    with stages(quiet) as stage:
        return write_map(run_named(run), asked, stage)


@python_call(n="count", **{"class": "classes"})
def project(
    run: Run | str | Path,
    pictures: str | Path | Sequence[str | Path] | NDArray[np.uint8] = (),
    *,
    count: int = 0,
    steps: int = 200,
    starts: int = 2,
    classes: str | int | Sequence[str | int] = (),
    out: str | Path | None = None,
    checkpoint: str | int = "latest",
    average: bool | None = None,
    seed: int = 0,
    device: str = "auto",
    threads: Threads = "auto",
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> ProjectionReport:
    """The latents whose generated pictures come nearest to given ones.

    `pictures` are files, which are fitted as the run's data, or an array (n, height, width,
    channels) uint8 of the run's size. Without, and with a `count`, that many held-out pictures, as
    many of the training and as many that the generator made itself: what it learnt by heart it
    comes nearer to. `starts` searches of `steps` each begin at the nearest of 256 samples of the
    `seed`, of these `classes` where the run learnt classes. `latents` of what comes back are for
    `run.generator()`. Other arguments are as in `modes`. Raises ZerosumError, which says what to
    do.
    """
    given: dict[str, object] = {"classes": classes_of(classes)}
    if isinstance(pictures, np.ndarray):
        given |= {"pictures": (), "array": array_images(pictures)}
    else:
        given["pictures"] = paths_of(pictures, "pictures")
    asked = request_of(ProjectRequest, locals() | given)
    with stages(quiet) as stage:
        return write_projection(run_named(run), asked, stage)


def write_modes(asked: ModesRequest, stage: Stage = no_stage) -> ModeCount:
    """`modes` for who has a request ready."""
    if asked.out is not None:
        png_path(asked.out)
    with working_with(asked.threads, asked.device):
        found = count_classes(asked, stage)
    picture, numbers = asked.out, None
    if found.run is not None:
        picture, numbers = keep(
            found.run, found.run.modes_file.stem, found.as_dict(), modes_png(found), asked.out
        )
    elif asked.out is not None and (content := modes_png(found)) is not None:
        write_atomically(asked.out, content)
    return ModeCount(picture, numbers, found.modes)


def write_neighbours(
    run: RunFolder, asked: NeighboursRequest, stage: Stage = no_stage
) -> CopyReport:
    """`neighbours` for who has a request ready."""
    if asked.out is not None:
        png_path(asked.out)
    with working_with(asked.threads, asked.device):
        search = search_neighbours(run, asked, stage)
    # Both kinds of distance see what the other does not: neither replaces the other's files.
    name = (run.pixel_neighbours_file if asked.pixels else run.neighbours_file).stem
    picture, numbers = keep(run, name, search.as_dict(), neighbours_png(search), asked.out)
    assert picture is not None
    return CopyReport(picture, numbers, search.found)


def write_map(run: RunFolder, asked: MapRequest, stage: Stage = no_stage) -> FeatureMap:
    """`map` for who has a request ready."""
    if asked.out is not None:
        png_path(asked.out)
    with working_with(asked.threads, asked.device):
        found = map_run(run, asked, stage)
    name = run.map_file.stem + ("" if asked.method == "pca" else f"-{asked.method}")
    picture, _ = keep(run, name, found.as_dict(), map_png(found), asked.out)
    assert picture is not None
    return FeatureMap(picture, found.plane)


def write_projection(
    run: RunFolder, asked: ProjectRequest, stage: Stage = no_stage
) -> ProjectionReport:
    """`project` for who has a request ready."""
    if asked.out is not None:
        png_path(asked.out)
    with working_with(asked.threads, asked.device):
        found = project_pictures(run, asked, stage)
    name = run.projection_file.stem
    if asked.pictures:
        name += f"-{slug(asked.pictures[0].stem)}"
    elif asked.array is not None:
        name += "-array"
    picture, numbers = keep(run, name, found.as_dict(), projection_png(found), asked.out)
    assert picture is not None
    return ProjectionReport(picture, numbers, found)


def write_probabilities(
    run: RunFolder, image: str, asked: MapRequest
) -> tuple[ClassifiedImage, Path]:
    """What the digit classifier says of one image, a picture number of the run or a file; and the
    path of a picture of that."""
    path = png_path(asked.out or run.charts / f"probabilities-{Path(image).stem}.png")
    with working_with(asked.threads, asked.device, quick=True):
        found = classify_image(run, image, asked)
    write_atomically(path, probabilities_png(found))
    return found, path
