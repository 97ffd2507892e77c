"""One evaluation as a user asks for it, from the request to the scores."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from zerosum.errors import UsageError
from zerosum.evaluation.by_class import fitting_classes
from zerosum.evaluation.extractors import Extractor, OwnExtractors, open_extractor
from zerosum.evaluation.forecast import fewer_images
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import (
    Measure,
    Stage,
    features_of,
    layer_of,
    no_stage,
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
from zerosum.evaluation.opened_request import OpenedRequest, open_request, own_parts
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
from zerosum.networks.device import choose_device
from zerosum.recipe.load import read_recipe
from zerosum.records.run import RunFolder

SCORES_OF_FOLDERS = ("fid", "kid", "precision", "recall", "coverage")
IMAGES = 10_000


@dataclass(frozen=True)
class Evaluated:
    """Scores, the run whose they are (if any), and the checkpoint's images seen."""

    scores: Scores
    run: RunFolder | None
    own: Mapping[str, str] = field(default_factory=dict)
    """Of those that files of the user's computed, the digest of the file."""


PicturesOfRun = Callable[..., Images]
"""Who makes the pictures of a run's generator: `generation.images.run_images`."""


def evaluate(
    request: Request,
    pictures_of_run: PicturesOfRun,
    stage: Stage = no_stage,
) -> Evaluated:
    """Do what was asked; `stage` hears how far it is.

    Raises UsageError or ZerosumError, which say what to do, for all that cannot be scored.
    """
    require_scores(request.scores, own=own_parts(request, "score"))
    if request.save_reference is not None:
        require_place(request.save_reference)
    named = None if request.protocol in ("", CUSTOM) else named_protocol(request.protocol)
    if named is not None:
        request = _as_named(request, named)
    sides = open_request(request, named, stage)
    reals = sides.reals
    if sides.folder is not None and sides.reference is None:
        require_comparable(sides.folder, reals)  # before any weights are asked for
    measure = open_measure(request, sides)
    if sides.reference is not None:
        reals = load_reference(sides.reference, measure)
    fakes = _fakes(request, named, sides, pictures_of_run)
    left_out: tuple[str, ...] = ()
    if not request.scores:
        measure, left_out = fitting_classes(measure, fakes, reals)
    scores = score_images(
        fakes,
        reals,
        measure,
        train=_training_images(request, sides) if "copying" in measure.scores else None,
        others=_others(request, sides),
        shorter=fewer_images(len(fakes), reals, measure.extractor),
        stage=stage,
    )
    if request.save_reference is not None:
        features = features_of(reals, "real", measure.extractor, (measure.layer,), stage)
        save_reference(request.save_reference, reals, features, measure)
    notes = (*fakes.notes, *reals.notes, *left_out, *scores.notes)
    if named is not None and (differs := departures(scores.protocol, named)):
        parts = "; ".join(f"{part} {has}, not {should}" for part, (has, should) in differs.items())
        notes = (f"this is not protocol {named.name}: {parts}", *notes)
    return Evaluated(replace(scores, notes=notes), sides.run, measure.used)


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
        name = choose_extractor(request.extractor or "auto", sides.reals)
    extractor: Extractor = open_extractor(
        name,
        weights=request.weights,
        resize=request.resize or (reference.resize if reference else "tf1"),
        precision=request.precision or (reference.precision if reference else "float32"),
        device=choose_device(request.device),
        download=True,
        own=OwnExtractors(own_parts(request, "extractor"), sides.reals.shape),
    )
    if request.resize not in (None, extractor.resize):
        raise UsageError(f"the {name} extractor has its own way of resizing", "leave --resize out")
    layer = layer_of(extractor, request.layer or (reference.layer if reference else ""))
    scores = request.scores
    if not scores:
        scores = SCORES_OF_FOLDERS
        if sides.run is not None:
            scores = read_recipe(sides.run.recipe_file).evaluation.scores
    own = own_parts(request, "score")
    require_scores(scores, extractor, own)
    return Measure(extractor, layer, scores, request.seed, own)


def _fakes(
    request: Request,
    named: NamedProtocol | None,
    sides: OpenedRequest,
    pictures_of_run: PicturesOfRun,
) -> Images:
    count = named.count_fakes(len(sides.reals)) if named else request.count
    if sides.folder is not None:
        if len(sides.folder) < count:
            raise UsageError(
                f"{count:,} generated images were asked for, and {sides.folder.name} has "
                f"{len(sides.folder):,}",
                "leave --images out to take them all"
                if named is None
                else "make more, or leave --protocol out",
            )
        return sides.folder.first(count) if count else sides.folder
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
    return real_images(data, "train")


def _others(request: Request, sides: OpenedRequest) -> Images | None:
    """Real images that are not on the real side; None where there are none, so that halves do."""
    if sides.reals.part == "all" or sides.reference is not None:
        return None
    other: Part = "train" if sides.reals.part == "held out" else "held out"
    try:
        if sides.data is not None:
            return real_images(sides.data, other)
        return open_images(
            request.against,
            sides.fitting,
            part=other,
            own=own_parts(request, "image set"),
            data_root=request.data_root,
        )
    except UsageError:
        return None  # no images were held out
