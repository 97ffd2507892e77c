"""The Python API of what a run says of itself: its health, its page, and what that lacks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from zerosum.analysis.requests import MapRequest, ModesRequest, NeighboursRequest
from zerosum.analysis.ways import extrapolate
from zerosum.api import train
from zerosum.api_analyses import write_map, write_modes, write_neighbours
from zerosum.api_evaluate import evaluate_request
from zerosum.api_results import Health, Report
from zerosum.api_run import Run, path_named, run_named
from zerosum.api_threads import page_with, working_with
from zerosum.arguments import path_of, threads_of
from zerosum.errors import ZerosumError
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.evaluation.request import Request
from zerosum.notebook import stages, write
from zerosum.options import Threads
from zerosum.recipe.load import read_recipe
from zerosum.records.logs import result_of
from zerosum.records.run import LATEST, RunFolder
from zerosum.report.page import write_pdf
from zerosum.report.page.findings import map_findings, neighbour_findings, read_modes
from zerosum.report.page.pages import page_of
from zerosum.report.page.run_pictures import extrapolation
from zerosum.spelling import Spelling, in_python, python_call
from zerosum.studies.run_verdict import diagnose_run, verdicts_so_far
from zerosum.weights import MissingWeightsError

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """Checkpoints of a run, and where they are looked at."""

    run: RunFolder
    best: str
    """The one that scores and interpolations are of: its images seen, as the folder is named."""
    newest: str
    """The one that classes, neighbours and the map are of, as without --all."""
    device: str
    threads: Threads
    data_root: Path | None
    stage: Stage
    tell: Tell


@dataclass(frozen=True)
class Part:
    """Something that a page shows once it was computed."""

    name: str
    there: Callable[[Place], bool]
    compute: Callable[[Place], None]


def complete_run(
    run: RunFolder,
    tell: Tell = lambda _text: None,
    stage: Stage = no_stage,
    *,
    device: str = "auto",
    threads: Threads = "auto",
    data_root: Path | None = None,
) -> None:
    """Compute what the page of a run would show and nobody has computed yet; what is there of its
    newest checkpoint (scores and interpolations: of its best) stays as it is.

    `tell` is called with each part before it is computed, and with why one cannot be. Raises
    ZerosumError where there is no run, or a file of it is damaged.
    """
    run.require()
    try:
        best = run.checkpoint(run.best_or_latest()).name
        newest = run.checkpoint(LATEST).name
    except ZerosumError as error:
        tell(f"nothing to compute: {error.what}; {error.remedy}")
        return
    place = Place(run, best, newest, device, threads, data_root, stage, tell)
    parts = PARTS if read_recipe(run.recipe_file).task.latents else PARTS[:1]
    explained = False  # how to get the weights
    for part in parts:
        if part.there(place):
            continue
        tell(f"{part.name} …")
        try:
            part.compute(place)
        except MissingWeightsError as error:
            tell(f"{part.name} left out: {error.what}")
            if not explained:
                tell(f"  {error.without_option().or_else('').remedy}")
            explained = True
        except ZerosumError as error:
            tell(f"{part.name} left out: {error.what}")
            tell(f"  {error.remedy}")


def _evaluate(place: Place) -> None:
    asked = Request(
        str(place.run.path), checkpoint=place.best,
        device=place.device, threads=place.threads, data_root=place.data_root,
    )  # fmt: skip
    evaluate_request(asked, place.stage)


def _count(place: Place) -> None:
    asked = ModesRequest(
        images=str(place.run.path),
        checkpoint=place.newest,
        device=place.device, threads=place.threads, data_root=place.data_root,
    )  # fmt: skip
    write_modes(asked, place.stage)


def _find_neighbours(place: Place) -> None:
    """In features; where there are no weights for these, in pixels."""
    asked = NeighboursRequest(
        checkpoint=place.newest,
        device=place.device, threads=place.threads, data_root=place.data_root,
    )  # fmt: skip
    try:
        write_neighbours(place.run, asked, place.stage)
    except MissingWeightsError as error:
        place.tell(f"neighbours: {error.what}; searched in pixels …")
        write_neighbours(place.run, replace(asked, pixels=True), place.stage)


def _map(place: Place) -> None:
    asked = MapRequest(
        checkpoint=place.newest,
        device=place.device, threads=place.threads, data_root=place.data_root,
    )  # fmt: skip
    write_map(place.run, asked, place.stage)


def _extrapolate(place: Place) -> None:
    with working_with(place.threads, place.device, quick=True):
        extrapolate(place.run, place.best, place.device)


def _searched(place: Place) -> bool:
    found = neighbour_findings(place.run, required=False)
    return any(each.checkpoint == place.newest for each in found)


PARTS = (
    Part("scores", lambda at: result_of(at.run.scores()) is not None, _evaluate),
    Part("classes", lambda at: read_modes(at.run).checkpoint == at.newest, _count),
    Part("interpolation and beyond", lambda at: extrapolation(at.run, at.best) is not None,
         _extrapolate),
    Part("neighbours", _searched, _find_neighbours),
    Part("map", lambda at: map_findings(at.run).checkpoint == at.newest, _map),
)  # fmt: skip
"""In the order in which they are computed; without latents only the first makes sense."""


@python_call()
def health(run: Run | str | Path) -> Health:
    """How a training is doing, or did: one verdict, what shows it, and what usually helps.

    Verdicts are learning, balanced, discriminator-ahead, generator-ahead, not-learning, faded,
    collapsed, memorising, oscillating, diverged, no-variety, or too early to say. Raises
    ZerosumError where there is no run.
    """
    folder = run_named(run)
    found = diagnose_run(folder)
    return Health(
        found.verdict,
        found.since,
        found.evidence,
        tuple(in_python(text, Spelling.of(train)) for text in found.remedies),
        found.phase,
        tuple(
            (images, verdict) for images, verdict, _ in verdicts_so_far(folder, folder.metrics())
        ),
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
    threads: Threads = "auto",
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> Report:
    """Write one HTML page of a run or a study, with everything in it: curves, pictures, scores.

    It goes to `out`, or report.html in the folder. `complete` computes first what it would show and
    nobody has computed yet: classes, neighbours, the map. `notes` is a Markdown file with your own
    words. With `pdf` an installed Chromium prints it as well. With `cells` a study's runs get their
    pages too. `threads` are as in `evaluate`. Raises ZerosumError, which says what to do.
    """
    tell: Callable[[str], None] = (lambda _text: None) if quiet else write
    page = page_of(
        Path(path_named(folder, "folder")), path_of(out), cells=cells, notes=path_of(notes),
        progress=tell,
    )  # fmt: skip
    page = page_with(page, threads_of(threads))
    if complete:
        for run in page.runs():
            with stages(quiet) as stage:
                complete_run(
                    run, tell, stage,
                    device=device, threads=threads, data_root=path_of(data_root),
                )  # fmt: skip
    page.write(False)
    printed = write_pdf(page.path, page.path.with_suffix(".pdf")) if pdf else None
    return Report(page.path, printed)
