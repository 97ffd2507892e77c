"""One evaluation as a user asks for it: what is scored, against what, and how."""

from dataclasses import dataclass, replace
from pathlib import Path

from zerosum.data import PackedData
from zerosum.data.fit import Fit, Fitting
from zerosum.data.opening import fitting_of
from zerosum.errors import UsageError
from zerosum.evaluation.evaluate import (
    Measure,
    RealSide,
    Scores,
    Stage,
    real_features,
    require_scores,
    score_images,
)
from zerosum.evaluation.extractors import Extractor, Precision, Resize, open_extractor
from zerosum.evaluation.images import Images
from zerosum.evaluation.opening import (
    GeneratedSide,
    Part,
    choose_extractor,
    find_run,
    open_images,
    open_run_data,
    real_images,
    run_images,
)
from zerosum.evaluation.protocol import NamedProtocol, named_protocol
from zerosum.evaluation.reference import SUFFIX, load_reference, read_reference, save_reference
from zerosum.generation.generator import choose_device
from zerosum.recipe import read_recipe
from zerosum.run import RunFolder

SCORES_OF_FOLDERS = ("fid", "kid", "precision", "recall", "coverage")
IMAGES = 10_000


@dataclass(frozen=True)
class Request:
    """What to score, against what, and how; what is empty or None is chosen to fit."""

    images: str
    """A run, one of its checkpoints, or a name, folder or archive of images."""
    against: str = ""
    """Data, or a reference file; empty: the images that the run was trained on."""
    part: Part = "auto"
    protocol: str = ""
    count: int = 0
    """Generated images; 0: what the recipe says, or all of a folder."""
    scores: tuple[str, ...] = ()
    extractor: str = ""
    layer: str = ""
    weights: Path | None = None
    resize: Resize | None = None
    precision: Precision | None = None
    checkpoint: str = "latest"
    average: bool | None = None
    seed: int = 0
    resolution: int = 0
    channels: int = 0
    fit: Fit = "crop"
    floor: bool = False
    save_reference: Path | None = None
    device: str = "auto"
    data_root: Path | None = None


@dataclass(frozen=True)
class Evaluated:
    """Scores, the run whose they are (if any), and the checkpoint's images seen."""

    scores: Scores
    run: RunFolder | None


@dataclass(frozen=True)
class _Sides:
    """Both sides, opened: the fakes only once it is known how many there should be."""

    run: RunFolder | None
    checkpoint: str
    folder: Images | None
    data: PackedData | None
    reals: RealSide
    notes: tuple[str, ...]


def evaluate(request: Request, stage: Stage = lambda _what, _done, _total: None) -> Evaluated:
    """Do what was asked; `stage` hears how far it is.

    Raises UsageError or ZerosumError, which say what to do, for all that cannot be scored.
    """
    named = named_protocol(request.protocol) if request.protocol else None
    request = _as_named(request, named) if named else request
    require_scores(request.scores)
    sides = _open_sides(request, named, stage)
    measure = _measure(request, sides)
    reals = sides.reals
    if request.against.endswith(SUFFIX):
        reals = load_reference(Path(request.against), measure)
    side = _fakes(request, named, sides, reals)
    scores = score_images(
        side.images,
        reals,
        measure,
        train=real_images(sides.data, "train")[0] if sides.data else None,
        others=_others(request, sides) if request.floor else None,
        checkpoint=side.checkpoint,
        weights=side.weights,
        stage=stage,
    )
    if request.save_reference:
        features = real_features(reals, measure, stage=stage)
        save_reference(request.save_reference, reals, features, measure)
    return Evaluated(replace(scores, notes=(*sides.notes, *scores.notes)), sides.run)


def _as_named(request: Request, named: NamedProtocol) -> Request:
    """The request with the parts that a named protocol fixes; refuses to mix in others."""
    fixed = {
        "part": named.part,
        "extractor": named.extractor,
        "layer": named.layer,
        "resize": named.resize,
        "precision": named.precision,
    }
    free = {"part": "auto"}
    for field, value in fixed.items():
        given = getattr(request, field)
        if given not in (free.get(field, ""), None, value):
            raise UsageError(
                f"protocol {named.name} fixes {field} as {value}, and {given} was given",
                f"leave --protocol out for a free choice, or leave --{field} out",
            )
    if request.count and not named.fakes_at_least_reals and request.count != named.fakes:
        raise UsageError(
            f"protocol {named.name} has {named.fakes:,} generated images, not {request.count:,}",
            "leave --protocol out for a free choice, or leave --images out",
        )
    against = request.against or named.data
    changes = fixed | {"against": against}
    return replace(request, **changes)  # type: ignore[arg-type]


def _open_sides(request: Request, named: NamedProtocol | None, stage: Stage) -> _Sides:
    def packed(done: int, total: int) -> None:
        stage("packing the images", done, total)

    found = find_run(Path(request.images))
    notes: tuple[str, ...] = ()
    run, checkpoint, folder, data = None, request.checkpoint, None, None
    if found is not None:
        run, checkpoint = found[0], found[1] or request.checkpoint
        fitting = fitting_of(read_recipe(run.recipe_file).data)
    else:
        wanted = (
            Fitting(request.resolution, request.channels or 3, request.fit)
            if request.resolution
            else None
        )
        folder, _, notes = open_images(
            request.images, wanted, part="all", data_root=request.data_root, progress=packed
        )
        channels = request.channels or folder.shape[2]
        fitting = Fitting(folder.shape[0], channels, request.fit)
        if channels != folder.shape[2]:
            folder, _, notes = open_images(
                request.images, fitting, part="all", data_root=request.data_root, progress=packed
            )
    if request.against.endswith(SUFFIX):
        content = read_reference(Path(request.against))
        height, width, colours = content["shape"]
        shape = (height, width, colours)
        empty = RealSide(content["name"], content["part"], 0, "", shape, None, {})
        return _Sides(run, checkpoint, folder, data, empty, notes)
    if named and named.fit:
        assert named.fit == "box"
        fitting = Fitting(named.resolution, fitting.channels, "box", named.box)
    if run is not None:
        own = not request.against or request.against == read_recipe(run.recipe_file).data.source
        if own and not (named and named.fit):
            data = open_run_data(run, data_root=request.data_root, progress=packed)
            images, part = real_images(data, request.part)
            return _Sides(run, checkpoint, folder, data, _side(images, part, named), notes)
    if not request.against:
        raise UsageError(
            f"{request.images} is no run, so it is not known what to compare its images with",
            "add --against DATA: a name, a folder, an archive, or a saved reference",
        )
    images, part, more = open_images(
        request.against,
        fitting if _same_kind(request, fitting) else None,
        part=request.part,
        data_root=request.data_root,
        progress=packed,
    )
    return _Sides(run, checkpoint, folder, data, _side(images, part, named), notes + more)


def _same_kind(request: Request, fitting: Fitting) -> bool:
    """Whether real images may be read as colour or grey as the generated ones are.

    Always but for two collections of different kind, which only --channels may bring together.
    """
    if request.channels or find_run(Path(request.images)) is not None:
        return True
    images, _, _ = open_images(request.against, None, part="all", data_root=request.data_root)
    return images.shape[2] == fitting.channels


def _side(images: Images, part: str, named: NamedProtocol | None) -> RealSide:
    if named is None:
        return RealSide.of(images, part)
    if named.most_reals and len(images) > named.most_reals:
        raise UsageError(
            f"protocol {named.name} is for up to {named.most_reals:,} real images, "
            f"and {images.name} has {len(images):,}",
            "use --protocol folder-all",
        )
    if len(images) < named.reals:
        raise UsageError(
            f"protocol {named.name} needs {named.reals:,} real images ({named.part}), "
            f"and {images.name} has {len(images):,}",
            "leave --protocol out: the numbers are shown as custom, with their parts",
        )
    return RealSide.of(images.first(named.reals) if named.reals else images, part)


def _measure(request: Request, sides: _Sides) -> Measure:
    reals = sides.reals
    name = request.extractor or "auto"
    precision, resize, layer = request.precision, request.resize, request.layer
    if request.against.endswith(SUFFIX):
        content = read_reference(Path(request.against))
        name = request.extractor or content["extractor"]
        precision, resize = precision or content["precision"], resize or content["resize"]
        layer = layer or content["layer"]
    elif reals.images is not None:
        name = choose_extractor(name, reals.images)
    extractor: Extractor = open_extractor(
        name,
        weights=request.weights,
        resize=resize or "tf1",
        precision=precision or "float32",
        device=choose_device(request.device),
        download=True,
    )
    layer = layer or extractor.default_layer
    if layer not in extractor.layers:
        raise UsageError(
            f"{name} has no layer {layer!r}", f"choose from: {', '.join(extractor.layers)}"
        )
    scores = request.scores
    if not scores:
        scores = SCORES_OF_FOLDERS
        if sides.run is not None:
            scores = read_recipe(sides.run.recipe_file).evaluation.scores
    require_scores(scores, extractor)
    return Measure(extractor, layer, scores, request.seed)


def _fakes(
    request: Request, named: NamedProtocol | None, sides: _Sides, reals: RealSide
) -> GeneratedSide:
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
        return GeneratedSide(sides.folder.first(count) if count else sides.folder)
    assert sides.run is not None
    if not count:
        count = read_recipe(sides.run.recipe_file).evaluation.images or IMAGES
    side, _ = run_images(
        sides.run,
        count,
        checkpoint=sides.checkpoint,
        averaged=request.average,
        seed=request.seed,
        device=request.device,
    )
    return side


def _others(request: Request, sides: _Sides) -> RealSide | None:
    """Real images that are not on the real side; None where there are none, so that halves do."""
    if sides.reals.part == "all":
        return None
    other: Part = "train" if sides.reals.part == "held out" else "held out"
    if sides.data is not None:
        images, _ = real_images(sides.data, other)
        return RealSide.of(images, other)
    side, channels = sides.reals.shape[0], sides.reals.shape[2]
    images, part, _ = open_images(
        request.against, Fitting(side, channels, request.fit), part=other,
        data_root=request.data_root,
    )  # fmt: skip
    return RealSide.of(images, part)
