"""One evaluation as a user asks for it, from the request to the scores."""

from dataclasses import dataclass, replace
from typing import Protocol

from zerosum.errors import UsageError
from zerosum.evaluation.extractors import Extractor, open_extractor
from zerosum.evaluation.forecast import fewer_images
from zerosum.evaluation.images import GeneratedImages, Images
from zerosum.evaluation.measure import (
    Measure,
    RealImages,
    Stage,
    no_stage,
    real_features,
    require_comparable,
    require_scores,
)
from zerosum.evaluation.named_protocol import (
    CUSTOM,
    NamedProtocol,
    departures,
    named_protocol,
    require_free,
)
from zerosum.evaluation.opened_request import OpenedRequest, open_request
from zerosum.evaluation.opening import (
    Part,
    choose_extractor,
    open_images,
    open_run_data,
    real_images,
)
from zerosum.evaluation.reference import load_reference, require_place, save_reference
from zerosum.evaluation.request import Request
from zerosum.evaluation.scoring import Scores, score_images
from zerosum.networks import choose_device
from zerosum.recipe.load import read_recipe
from zerosum.records.run import RunFolder
from zerosum.suggest import did_you_mean

SCORES_OF_FOLDERS = ("fid", "kid", "precision", "recall", "coverage")
IMAGES = 10_000


@dataclass(frozen=True)
class Evaluated:
    """Scores, the run whose they are (if any), and the checkpoint's images seen."""

    scores: Scores
    run: RunFolder | None


class PicturesOfRun(Protocol):
    """Who makes the pictures of a run's generator: `zerosum.generation.run_images`."""

    def __call__(
        self,
        run: RunFolder,
        count: int,
        *,
        checkpoint: str,
        averaged: bool | None,
        seed: int,
        device: str,
    ) -> GeneratedImages: ...


def evaluate(
    request: Request,
    pictures_of_run: PicturesOfRun,
    stage: Stage = no_stage,
) -> Evaluated:
    """Do what was asked; `stage` hears how far it is.

    Raises UsageError or ZerosumError, which say what to do, for all that cannot be scored.
    """
    require_scores(request.scores)
    if request.save_reference is not None:
        require_place(request.save_reference)
    named = None if request.protocol in ("", CUSTOM) else named_protocol(request.protocol)
    if named is not None:
        request = _as_named(request, named)
    sides = open_request(request, named, stage)
    if sides.folder is not None and sides.reals is not None:
        require_comparable(sides.folder, sides.reals)  # before any weights are asked for
    measure = open_measure(request, sides)
    reals = sides.reals
    if sides.reference is not None:
        reals = load_reference(sides.reference, measure)
    assert reals is not None
    side = _fakes(request, named, sides, reals, pictures_of_run)
    scores = score_images(
        side.images,
        reals,
        measure,
        train=_training_images(request, sides) if "copying" in measure.scores else None,
        others=_others(request, sides, reals),
        checkpoint=side.checkpoint,
        weights=side.weights,
        shorter=fewer_images(len(side.images), reals.images, measure.extractor),
        stage=stage,
    )
    if request.save_reference is not None:
        features = real_features(reals, measure, stage=stage)
        save_reference(request.save_reference, reals, features, measure)
    notes = (*sides.notes, *scores.notes)
    if named is not None and (differs := departures(scores.protocol, named)):
        parts = "; ".join(f"{part} {has}, not {should}" for part, (has, should) in differs.items())
        notes = (f"this is not protocol {named.name}: {parts}", *notes)
    return Evaluated(replace(scores, notes=notes), sides.run)


def _as_named(request: Request, named: NamedProtocol) -> Request:
    """The request with the parts that a named protocol fixes; refuses to mix in others."""
    parts = ("part", "extractor", "layer", "resize", "precision", "fit", "resolution", "count")
    require_free(named, {part: getattr(request, part) for part in parts})
    fixed = {part: getattr(named, part) for part in parts[:5]}
    return replace(request, against=request.against or named.data, **fixed)


def open_measure(request: Request, sides: OpenedRequest) -> Measure:
    """The feature network, its layer and the scores of a request, chosen where it says nothing."""
    reference = sides.reference
    if reference is not None:
        name = reference.extractor
    else:
        assert sides.reals is not None and sides.reals.images is not None
        name = choose_extractor(request.extractor or "auto", sides.reals.images)
    extractor: Extractor = open_extractor(
        name,
        weights=request.weights,
        resize=request.resize or (reference.resize if reference else "tf1"),
        precision=request.precision or (reference.precision if reference else "float32"),
        device=choose_device(request.device),
        download=True,
    )
    if request.resize not in (None, extractor.resize):
        raise UsageError(f"the {name} extractor has its own way of resizing", "leave --resize out")
    layer = request.layer or (reference.layer if reference else extractor.default_layer)
    if layer not in extractor.layers:
        layers = list(extractor.layers)
        raise UsageError(
            f"{name} has no layer {layer!r}",
            did_you_mean(layer, layers) or f"choose from: {', '.join(layers)}",
        )
    scores = request.scores
    if not scores:
        scores = SCORES_OF_FOLDERS
        if sides.run is not None:
            scores = read_recipe(sides.run.recipe_file).evaluation.scores
    require_scores(scores, extractor)
    return Measure(extractor, layer, scores, request.seed)


def _fakes(
    request: Request,
    named: NamedProtocol | None,
    sides: OpenedRequest,
    reals: RealImages,
    pictures_of_run: PicturesOfRun,
) -> GeneratedImages:
    count = named.count_fakes(reals.count) if named else request.count
    if sides.folder is not None:
        if len(sides.folder) < count:
            raise UsageError(
                f"{count:,} generated images were asked for, and {sides.folder.name} has "
                f"{len(sides.folder):,}",
                "leave --images out to take them all"
                if named is None
                else "make more, or leave --protocol out",
            )
        return GeneratedImages(sides.folder.first(count) if count else sides.folder)
    assert sides.run is not None
    if not count:
        count = read_recipe(sides.run.recipe_file).evaluation.images or IMAGES
    return pictures_of_run(
        sides.run,
        count,
        checkpoint=sides.checkpoint,
        averaged=request.average,
        seed=request.seed,
        device=request.device,
    )


def _training_images(request: Request, sides: OpenedRequest) -> Images | None:
    """What the run was trained on, whatever it is compared with; None where there is no run."""
    if sides.run is None:
        return None
    data = sides.data or open_run_data(sides.run, data_root=request.data_root)
    return real_images(data, "train")[0]


def _others(request: Request, sides: OpenedRequest, reals: RealImages) -> RealImages | None:
    """Real images that are not on the real side; None where there are none, so that halves do."""
    if reals.part == "all" or sides.reference is not None:
        return None
    other: Part = "train" if reals.part == "held out" else "held out"
    try:
        if sides.data is not None:
            return RealImages.of(*real_images(sides.data, other))
        images, part, _ = open_images(
            request.against, sides.fitting, part=other, data_root=request.data_root
        )
    except UsageError:
        return None  # no images were held out
    return RealImages.of(images, part)
