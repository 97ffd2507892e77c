"""The Python API of looking closely: classes, copies, feature space, health, pages."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zerosum.analysis.map import map_run
from zerosum.analysis.modes import count_classes
from zerosum.analysis.neighbours import neighbours_of_run
from zerosum.analysis.requests import MapMethod, MapRequest, ModesRequest, NeighboursRequest
from zerosum.api import Run, images_named, path_named, run_named, train
from zerosum.api_report import complete_run
from zerosum.api_results import CopyReport, FeatureMap, Health, ModeCount, Report
from zerosum.arguments import number_of, path_of
from zerosum.notebook import stages, write
from zerosum.report.health import diagnose_run, verdicts_so_far
from zerosum.report.page import write_pdf
from zerosum.report.page.pages import page_of
from zerosum.spelling import Spelling, in_python, python_call


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
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> ModeCount:
    """Count the classes that a generator covers, beside real images.

    `images` is a run or one of its checkpoints, a folder or archive, or an array (n, height, width,
    channels) uint8. `count` generated images are classified (0: 10,000, of stacked digits 25,600;
    all of a folder), grey digits by the bundled classifier, others by their nearest labelled real
    ones, `against` for what is no run. The picture goes to `out`, or a run's charts. Features are
    those of `extractor` ("digits", "inception", "dinov2-vit-s-14"), its `layer`, its `weights`.
    Progress is shown unless it is to be `quiet`. Raises ZerosumError, which says what to do.
    """
    name, array = images_named(images)
    asked = ModesRequest(
        images=name, array=array, count=number_of(count, "count"),
        against=str(against), out=path_of(out),
        checkpoint=str(checkpoint), average=average, seed=seed, device=device, extractor=extractor,
        layer=layer, weights=path_of(weights), data_root=path_of(data_root),
    )  # fmt: skip
    with stages(quiet) as stage:
        counted = count_classes(asked, stage)
    pictures = [path for path in counted.written if path.suffix == ".png"]
    others = [path for path in counted.written if path.suffix == ".json"]
    return ModeCount(
        counted.modes.verdict(),
        counted.modes,
        pictures[0] if pictures else None,
        others[0] if others else None,
    )


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
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> CopyReport:
    """Did it copy? `count` generated images of a run beside their `k` nearest training images.

    Copies are counted, mirrored and slightly shifted ones too. Distances are those of features, or
    with `pixels` of pixels from 0 to 1. `shown` of the images are drawn, in the run's charts or
    `out`. Other arguments are as in `modes`. Raises ZerosumError, which says what to do.
    """
    asked = NeighboursRequest(
        count=number_of(count, "count"),
        shown=number_of(shown, "shown"), k=number_of(k, "k"),
        pixels=pixels, out=path_of(out), checkpoint=str(checkpoint),
        average=average, seed=seed, device=device, extractor=extractor, layer=layer,
        weights=path_of(weights), data_root=path_of(data_root),
    )  # fmt: skip
    with stages(quiet) as stage:
        found, written = neighbours_of_run(run_named(run), asked, stage)
    picture, numbers = written[:2]
    return CopyReport(found.verdict(), tuple(found.copies.notes()), found, picture, numbers)


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
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> FeatureMap:
    """`count` real and as many generated images of a run as points of feature space, on a plane.

    `method` is "pca", the two directions in which real images vary most, or "umap", which needs the
    extra umap. Other arguments are as in `modes`. Raises ZerosumError, which says what to do.
    """
    asked = MapRequest(
        count=number_of(count, "count"),
        method=method, out=path_of(out), checkpoint=str(checkpoint), average=average,
        seed=seed, device=device, extractor=extractor, layer=layer, weights=path_of(weights),
        data_root=path_of(data_root),
    )  # fmt: skip
    with stages(quiet) as stage:
        plane, picture = map_run(run_named(run), asked, stage)
    return FeatureMap(plane, picture)


@python_call()
def health(run: Run | str | Path) -> Health:
    """How a training is doing, or did: one verdict, what shows it, and what usually helps.

    Verdicts are learning, balanced, discriminator-ahead, generator-ahead, collapsed, oscillating,
    diverged, no-variety, or too early to say. Raises ZerosumError where there is no run.
    """
    folder = run_named(run)
    found = diagnose_run(folder)
    return Health(
        found.verdict,
        found.since,
        found.evidence,
        tuple(in_python(text, Spelling.of(train)) for text in found.remedies),
        found.failing,
        tuple((images, verdict) for images, verdict, _ in verdicts_so_far(folder)),
    )


@python_call(all="complete")
def report(
    folder: Run | str | Path,
    out: str | Path | None = None,
    *,
    complete: bool = False,
    notes: str | Path | None = None,
    pdf: bool = False,
    cells: bool = True,
    device: str = "auto",
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> Report:
    """Write one HTML page of a run or a study, with everything in it: curves, pictures, scores.

    It goes to `out`, or report.html in the folder. `complete` computes first what it would show and
    nobody has computed yet: classes, neighbours, the map. `notes` is a Markdown file with your own
    words. With `pdf` an installed Chromium prints it as well. With `cells` a study's runs get their
    pages too. Raises ZerosumError, which says what to
    do.
    """
    tell: Callable[[str], None] = (lambda _text: None) if quiet else write
    page = page_of(
        Path(path_named(folder, "folder")), path_of(out), cells=cells, notes=path_of(notes),
        progress=tell,
    )  # fmt: skip
    if complete:
        for run in page.runs():
            with stages(quiet) as stage:
                complete_run(run, tell, stage, device=device, data_root=path_of(data_root))
    page.write(False)
    printed = write_pdf(page.path, page.path.with_suffix(".pdf")) if pdf else None
    return Report(page.path, printed)
