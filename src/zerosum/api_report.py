"""What the page of a run shows and nobody has computed yet: found out, and computed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zerosum.analysis.map import map_run
from zerosum.analysis.modes import count_classes
from zerosum.analysis.neighbours import neighbours_of_run
from zerosum.analysis.requests import MapRequest, ModesRequest, NeighboursRequest
from zerosum.api import evaluate_request
from zerosum.errors import ZerosumError
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.evaluation.request import Request
from zerosum.recipe import read_recipe
from zerosum.records.result import result_of
from zerosum.records.run import LATEST, RunFolder
from zerosum.report.page.findings import map_findings, neighbour_findings, read_modes
from zerosum.report.page.run_pictures import extrapolate, extrapolation
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
    data_root: Path | None = None,
) -> None:
    """Compute what the page of a run would show and nobody has computed yet; what is there of its
    newest checkpoint (scores and interpolations: of its best) stays as it is.

    `tell` is told of each part before it is computed, and of what cannot be, why. Raises
    ZerosumError where there is no run, or a file of it is damaged.
    """
    run.require()
    try:
        best = run.checkpoint(run.best_or_latest()).name
        newest = run.checkpoint(LATEST).name
    except ZerosumError as error:
        tell(f"nothing to compute: {error.what}; {error.remedy}")
        return
    place = Place(run, best, newest, device, data_root, stage, tell)
    parts = PARTS[:1] if read_recipe(run.recipe_file).restores else PARTS
    told = False  # how to get the weights
    for part in parts:
        if part.there(place):
            continue
        tell(f"{part.name} …")
        try:
            part.compute(place)
        except MissingWeightsError as error:
            tell(f"{part.name} left out: {error.what}")
            if not told:
                tell(f"  {error.without_option().or_else('').remedy}")
            told = True
        except ZerosumError as error:
            tell(f"{part.name} left out: {error.what}")
            tell(f"  {error.remedy}")


def _evaluate(place: Place) -> None:
    evaluate_request(
        Request(
            images=str(place.run.path),
            checkpoint=place.best,
            device=place.device,
            data_root=place.data_root,
        ),
        place.stage,
    )


def _count(place: Place) -> None:
    count_classes(
        ModesRequest(
            images=str(place.run.path),
            checkpoint=place.newest,
            device=place.device,
            data_root=place.data_root,
        ),
        place.stage,
    )


def _find_neighbours(place: Place) -> None:
    """In features; where there are no weights for these, in pixels."""

    def search(pixels: bool) -> None:
        asked = NeighboursRequest(
            checkpoint=place.newest,
            pixels=pixels,
            device=place.device,
            data_root=place.data_root,
        )
        neighbours_of_run(place.run, asked, place.stage)

    try:
        search(pixels=False)
    except MissingWeightsError as error:
        place.tell(f"neighbours: {error.what}; searched in pixels …")
        search(pixels=True)


def _map(place: Place) -> None:
    asked = MapRequest(checkpoint=place.newest, device=place.device, data_root=place.data_root)
    map_run(place.run, asked, place.stage)


def _scored(place: Place) -> bool:
    return result_of(place.run.scores()) is not None


def _counted(place: Place) -> bool:
    return read_modes(place.run).checkpoint == place.newest


def _searched(place: Place) -> bool:
    found = neighbour_findings(place.run, required=False)
    return any(each.checkpoint == place.newest for each in found)


def _mapped(place: Place) -> bool:
    return map_findings(place.run).checkpoint == place.newest


def _extrapolated(place: Place) -> bool:
    return extrapolation(place.run, place.best) is not None


def _extrapolate(place: Place) -> None:
    extrapolate(place.run, place.best, place.device)


PARTS = (
    Part("scores", _scored, _evaluate),
    Part("classes", _counted, _count),
    Part("interpolation and beyond", _extrapolated, _extrapolate),
    Part("neighbours", _searched, _find_neighbours),
    Part("map", _mapped, _map),
)
"""In the order in which they are computed; of a restoration only the first makes sense."""
