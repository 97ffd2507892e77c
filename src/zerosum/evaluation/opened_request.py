"""Both sides of an evaluation, opened: the generated images and the real ones, brought together."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import get_args

from zerosum.data import PackedData
from zerosum.data.fit import Fit, Fitting
from zerosum.data.opening import fitting_of
from zerosum.data.sources import NAMES, find_source
from zerosum.errors import UsageError
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage
from zerosum.evaluation.named_protocol import (
    NamedProtocol,
    require_data,
    require_side,
    require_size,
)
from zerosum.evaluation.opening import open_images, open_run_data, real_images
from zerosum.evaluation.protocol import fit_name
from zerosum.evaluation.reference import (
    Reference,
    is_reference,
    read_reference,
    require_agreement,
    require_shape,
)
from zerosum.evaluation.request import Request
from zerosum.parts import brought, read_part, use
from zerosum.reading import user_path
from zerosum.recipe.image_size import ImageSize, parse_size
from zerosum.recipe.load import read_recipe
from zerosum.recipe.value_range import AUTO, parse_range
from zerosum.records.run import RunFolder
from zerosum.records.runs import find_run, named_path
from zerosum.trust import digest_of

PACKING = "packing the images"
LEAST_SIDE = 8
"""Pixels of images that folders can be brought to."""


@dataclass(frozen=True)
class OpenedRequest:
    """Both sides, opened: the fakes of a run only once it is known how many there should be."""

    run: RunFolder | None
    checkpoint: str
    folder: Images | None
    """The generated images, where there is no run."""
    reference: Reference | None
    data: PackedData | None
    """The run's own images, where they are the real ones."""
    fitting: Fitting
    """How the real images are brought to their size."""
    reals: Images
    """Those of a reference still without their features."""


def open_request(request: Request, named: NamedProtocol | None, stage: Stage) -> OpenedRequest:
    """Find and pack what is compared with what. Raises UsageError or ZerosumError, before anything
    is computed, where the two cannot be compared, or are not those of the protocol."""
    reference = None
    if is_reference(request.against):
        reference = read_reference(user_path(request.against))
        parts = ["part", "extractor", "layer", "resize", "precision"]
        parts += ["fit"] if reference.images.fit else []
        require_agreement(reference, {part: getattr(request, part) for part in parts})
    found = None if request.array is not None else find_run(named_path(request.images))
    if found is None:
        run, checkpoint = None, ""
        folder, fitting = _open_folder(request, reference, stage)
        shape = folder.shape
    else:
        run, checkpoint, folder = found[0], _checkpoint(request, found[1]), None
        fitting = _fitting_of_run(request, run)
        shape = fitting.shape
    if named is not None:
        require_size(named, ImageSize.of_shape(shape))
    if named is not None and named.fit == "box":
        fitting = replace(fitting, resolution=named.resolution, fit="box", box=named.box)
    data = None
    if reference is not None:
        require_shape(reference, request.images, shape, run is not None)
        reals = reference.images
    else:
        reals, data = _open_reals(request, named, run, fitting, stage)
    if named is not None:
        require_side(named, reals.name, reals.part, len(reals), request.count)
        if named.reals and reference is None:
            reals = reals.first(named.reals)
    return OpenedRequest(run, checkpoint, folder, reference, data, fitting, reals)


def own_parts(request: Request, kind: str) -> dict[str, str]:
    """By name the digests of the files whose parts of a kind can be asked for: those of the run,
    and that which the request names. Raises ZerosumError for what is wrong in them."""
    found = None if request.array is not None else find_run(named_path(request.images))
    own = {} if found is None else read_recipe(found[0].recipe_file).parts.brought(kind)
    if request.parts is None:
        return own
    name, text = read_part(request.parts)
    use(name, text)
    return own | brought(kind, [digest_of(text)])


def _open_folder(
    request: Request, reference: Reference | None, stage: Stage
) -> tuple[Images, Fitting]:
    """Generated images that lie in a folder or archive, and how real ones should be brought to
    their size."""
    if request.checkpoint != "latest" or request.average is not None:
        option = "--average" if request.checkpoint == "latest" else "--checkpoint"
        raise UsageError(f"{request.images} is no run, and has no weights", f"leave {option} out")
    if not request.against:
        own = own_parts(request, "image set")
        if request.array is None and request.images not in NAMES:
            find_source(request.images, request.data_root, own)  # says so where there is nothing
        raise UsageError(
            f"{request.images} is no run, so it is not known what to compare its images with",
            "add --against DATA: a name, a folder, an archive, or a saved reference",
        )
    if request.array is not None:
        return _open_array(request, request.array)
    fit: Fit = request.fit or "crop"
    if reference is not None and reference.images.fit in get_args(Fit):
        fit = reference.images.fit  # type: ignore[assignment]
    chosen = _range(request)
    images = open_images(
        request.images,
        Fitting(_resolution(request), request.channels, fit, range=chosen),
        part="all",
        own=own_parts(request, "image set"),
        data_root=request.data_root,
        progress=partial(stage, PACKING),
    )
    # Without --channels the real images keep their own kind: grey ones are not compared with
    # colour ones unless somebody said so.
    size = ImageSize.of_shape(images.shape).written
    return images, Fitting(size, request.channels, fit, range=chosen)


def _open_array(request: Request, images: Images) -> tuple[Images, Fitting]:
    """Images in memory, which stay as they are; real ones are brought to their size and kind."""
    for option in ("resolution", "channels", "range"):
        if getattr(request, option):
            raise UsageError(
                "an array of images stays as it is: "
                f"{ImageSize.of_shape(images.shape).in_words} pixels in "
                f"{'grey' if images.shape[2] == 1 else 'colour'}",
                f"leave --{option} out",
            )
    size = ImageSize.of_shape(images.shape).written
    return images, Fitting(size, images.shape[2], request.fit or "crop")


def _checkpoint(request: Request, name: str) -> str:
    """The checkpoint of a run to score; `name` is that of a path into its checkpoints, or ""."""
    if name and request.checkpoint not in ("latest", name):
        raise UsageError(
            f"{request.images} is one checkpoint, and --checkpoint={request.checkpoint} another",
            "leave --checkpoint out",
        )
    return name or request.checkpoint


def _resolution(request: Request) -> int | str:
    """As a fitting has it; 0: not said."""
    if request.resolution in ("", 0):
        return 0
    try:
        size = parse_size(request.resolution)
    except ValueError as error:
        raise UsageError(f"--resolution={request.resolution} is no size", str(error)) from error
    if min(size.sides) < LEAST_SIDE:
        raise UsageError(
            f"--resolution={request.resolution} is too small",
            f"give both sides {LEAST_SIDE} pixels or more",
        )
    return size.written


def _range(request: Request) -> str:
    try:
        return str(parse_range(request.range or AUTO) or AUTO)
    except ValueError as error:
        raise UsageError(
            f"--range={request.range}: {error}", "leave it out to have it decided for the set"
        ) from error


def _fitting_of_run(request: Request, run: RunFolder) -> Fitting:
    fitting = fitting_of(read_recipe(run.recipe_file).data)
    for option in ("resolution", "channels", "fit", "range"):
        if getattr(request, option):
            kind = "grey" if fitting.channels == 1 else "colour"
            raise UsageError(
                f"{request.images} is a run, whose images are {fitting.size.in_words} and {kind}, "
                f"with fit {fit_name(fitting)}: real images are brought to that",
                f"leave --{option} out",
            )
    return fitting


def _open_reals(
    request: Request,
    named: NamedProtocol | None,
    run: RunFolder | None,
    fitting: Fitting,
    stage: Stage,
) -> tuple[Images, PackedData | None]:
    """The real images, and the run's data if they are that."""
    if request.against and (other := find_run(Path(request.against))):
        raise UsageError(
            f"{request.against} is a run, and its images are not real",
            f"compare with what it was trained on: "
            f"--against={read_recipe(other[0].recipe_file).data.source}",
        )
    sets = own_parts(request, "image set")
    if run is not None:
        recipe = read_recipe(run.recipe_file)
        source = recipe.data.source
        own = request.against in ("", source) or str(Path(request.against).absolute()) == source
        own = own and sets.get(source) == recipe.parts.image_sets.get(source)
        # A protocol of a well-known set is for that set's own split, however the run divided it.
        if own and not (named and named.data):
            told = partial(stage, PACKING)
            data = open_run_data(run, data_root=request.data_root, progress=told)
            return real_images(data, request.part, fit_name(fitting)), data
    if named is not None:
        require_data(named, find_source(request.against, request.data_root, sets).name)
    images = open_images(
        request.against,
        fitting,
        part=request.part,
        own=sets,
        data_root=request.data_root,
        progress=partial(stage, PACKING),
    )
    return images, None
