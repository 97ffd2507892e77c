"""An evaluation of a run that restores pictures, from the request to the scores."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from zerosum.data.opening import fitting_of
from zerosum.errors import UsageError
from zerosum.evaluation.evaluate import IMAGES, Evaluated, open_measure
from zerosum.evaluation.forecast import fewer_images
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage, no_stage, require_scores
from zerosum.evaluation.named_protocol import CUSTOM
from zerosum.evaluation.opened_request import open_request, own_parts
from zerosum.evaluation.opening import real_images
from zerosum.evaluation.protocol import fit_name
from zerosum.evaluation.request import Request
from zerosum.evaluation.restoration import HeldOut, Originals, divide_held_out, score_restoration
from zerosum.recipe.load import read_recipe
from zerosum.records.runs import find_run, named_path

VersionsOfRun = Callable[..., Mapping[str, Images]]
"""Who damages and restores: `zerosum.generation.restored.restoration_versions`."""


def restores(request: Request) -> bool:
    """Whether what is to be scored is a run that restores pictures."""
    if request.array is not None:
        return False
    found = find_run(named_path(request.images))
    return found is not None and read_recipe(found[0].recipe_file).task.pairs


def evaluate_restoration(
    request: Request,
    versions_of_run: VersionsOfRun,
    stage: Stage = no_stage,
) -> Evaluated:
    """Score the held-out pictures of a run, damaged and restored, against their originals.

    `request.count` of those that no checkpoint was compared by; as many as a training reports on,
    where it is 0. Raises UsageError or ZerosumError for what cannot be scored, and for wishes that
    only generated pictures can meet.
    """
    require_scores(request.scores, own=own_parts(request, "score"))
    _require_restorable(request)
    # All images, for what is held out is divided here.
    sides = open_request(replace(request, part="all"), None, stage)
    assert sides.run is not None and sides.data is not None
    recipe = read_recipe(sides.run.recipe_file)
    fit = fit_name(fitting_of(recipe.data))
    held_out = divide_held_out(sides.data, recipe.seed, recipe.evaluation.images or IMAGES, fit)
    originals = _chosen(held_out, request.count)
    measure = open_measure(request, sides)
    versions = versions_of_run(
        sides.run,
        originals,
        checkpoint=sides.checkpoint,
        averaged=request.average,
        device=request.device,
    )
    train = real_images(sides.data, "train") if "copying" in measure.scores else None
    scores = score_restoration(
        originals,
        versions,
        recipe.damage,
        recipe.seed,
        measure,
        train=train,
        shorter=fewer_images(len(originals), None, measure.extractor),
        stage=stage,
    )
    return Evaluated(scores, sides.run, measure.used)


def _chosen(held_out: HeldOut, count: int) -> Originals:
    if not count:
        return held_out.reported
    there = len(held_out.others)
    if count > there:
        raise UsageError(
            f"{count:,} pictures were asked for, and {held_out.others.images.name} has {there:,} "
            "held out, without those that checkpoints are compared by",
            f"give --images {there} or fewer, or leave it out",
        )
    return held_out.others.first(count)


def _require_restorable(request: Request) -> None:
    """Raise UsageError for an option that makes no sense for restored pictures."""
    own = "restored pictures are compared with their own originals"
    refused = {
        "against": (request.against, own),
        "split": (request.part not in ("auto", "held out"), f"{own}, which are held out"),
        "protocol": (
            request.protocol not in ("", CUSTOM),
            "named protocols are for generated pictures, not for restored ones",
        ),
        "save-reference": (
            request.save_reference,
            f"{own}: a reference without the pictures is of no use for that",
        ),
        "seed": (request.seed, "the damage of a held-out picture is drawn by the run's own seed"),
    }
    for option, (given, why) in refused.items():
        if given:
            raise UsageError(f"{request.images} restores pictures: {why}", f"leave --{option} out")
