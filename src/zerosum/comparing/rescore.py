"""Everything scored anew under one protocol: the same real images, features, number and seed."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from zerosum.comparing.sides import Side
from zerosum.data.cache_folder import features_folder, telling_cache_errors
from zerosum.data.partial_files import held_folder
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.evaluate import IMAGES, SCORES_OF_FOLDERS
from zerosum.evaluation.measure import FEWEST, Stage, no_stage, require_scores
from zerosum.evaluation.request import Request
from zerosum.evaluation.restoration import SHARE_COMPARED
from zerosum.recipe.image_size import ImageSize
from zerosum.recipe.scores import SCORES, Need
from zerosum.recipe.settings import Recipe
from zerosum.records.logs import ScoreLine
from zerosum.weights import MissingWeightsError
from zerosum.words import listed

FEW = 100
"""Pictures that tell whether a folder's are grey."""

Scorer = Callable[[Request, Stage], ScoreLine]
"""Who scores what is asked for and keeps the line with the run: `evaluate_request`."""


def score_again(
    sides: Sequence[Side], asked: Request, score: Scorer, stage: Stage = no_stage
) -> list[ScoreLine]:
    """The new line of each side, in their order; `asked` says how, for all of them.

    The first run's real side becomes a reference that all others are scored against, so that
    nothing of it can differ. Raises UsageError or ZerosumError before anything is scored where
    sizes do not agree, a run has no checkpoint, or a folder has too few images.
    """
    require_scores(asked.scores, own=_common_own(sides, "score"))
    require_checkpoints(sides)
    first, *_ = ordered = first_run_first(sides)
    asked = replace(asked, scores=asked.scores or _common_scores(sides, first.recipe))
    extractor = asked.extractor or (first.recipe.evaluation.extractor if first.recipe else "")
    own = first.recipe.parts.extractors if first.recipe else {}
    if extractor in own.keys() - _common_own(sides, "extractor").keys():
        what = f"extractor {extractor!r} is from a file"
        remedy = "name another one: --extractor inception"
        if folders := [side.label for side in sides if side.recipe is None]:
            raise UsageError(
                f"{what} that {first.label} keeps, and {listed(folders)} came with none",
                f"{remedy}; or score each by itself: `zerosum evaluate FOLDER --against DATA "
                f"--extractor {extractor} --with FILE`",
            )
        raise UsageError(f"{what} that not all of these were trained with", remedy)
    if any(side.restores for side in sides):
        # Each run's held-out pictures against their originals, as many of each.
        asked = replace(asked, extractor=extractor, count=asked.count or _restored_count(sides))
        return [score(_of(side, asked), labelled(side.label, stage)) for side in sides]
    require_one_shape(sides)
    asked = replace(asked, count=common_count(sides, asked.count))
    lines: dict[str, ScoreLine] = {}
    # In the cache, where what a killed comparison leaves is found again.
    with contextlib.ExitStack() as stack:
        with telling_cache_errors("write the features to", features_folder()):
            folder = stack.enter_context(held_folder(features_folder() / "compared"))
        reference = asked.against if asked.against.endswith(".safetensors") else ""
        for side in ordered:
            made = folder / "real.safetensors"
            request = replace(
                _of(side, asked),
                against=reference or asked.against,
                extractor=asked.extractor or ("" if reference else extractor),
                channels=0 if side.run is not None else first.shape[2],
                resolution=0 if side.run is not None else ImageSize.of_shape(first.shape).written,
                save_reference=None if reference else made,
            )
            try:
                lines[side.label] = score(request, labelled(side.label, stage))
            except MissingWeightsError as error:
                raise error.or_else("leave --again out") from error
            reference = reference or str(made)
    return [lines[side.label] for side in sides]


def _of(side: Side, asked: Request) -> Request:
    return replace(asked, images=side.path, checkpoint=side.shown_checkpoint() or "latest")


def _restored_count(sides: Sequence[Side]) -> int:
    """Held-out pictures of each run: what a training reports on, all but the share that checkpoints
    are compared by, where recipes ask for different numbers; else 0."""
    wanted = {side.recipe.evaluation.images or IMAGES for side in sides if side.recipe is not None}
    return min(wanted) - min(wanted) // SHARE_COMPARED if len(wanted) > 1 else 0


def labelled(label: str, stage: Stage) -> Stage:
    """The stage of one side, under its label."""
    return lambda what, done, total: stage(f"{label}: {what}", done, total)


def first_run_first(sides: Sequence[Side]) -> list[Side]:
    """The sides in their order, but that the first run comes before folders."""
    first = next((side for side in sides if side.run is not None), None)
    return sorted(sides, key=lambda side: side is not first)


def _common_scores(sides: Sequence[Side], recipe: Recipe | None) -> tuple[str, ...]:
    """What the first run's recipe measures, without what a folder's images cannot have."""
    if recipe is None:
        return SCORES_OF_FOLDERS
    missing: set[Need] = {"pixels"}  # those of the reference that all are scored against
    if any(side.run is None for side in sides):
        missing.add("training images")
    if len({side.class_names for side in sides}) > 1 or not sides[0].class_names:
        missing.add("classes")
    names = [name for name in recipe.evaluation.scores if not SCORES[name].needs & missing]
    unlike = recipe.parts.brought("score").keys() - _common_own(sides, "score").keys()
    return tuple(name for name in names if name not in unlike)


def _common_own(sides: Sequence[Side], kind: str) -> dict[str, str]:
    """The parts of users' files that all sides have, and have of the same file."""
    own = [side.recipe.parts.brought(kind) if side.recipe else {} for side in sides]
    return dict(set.intersection(*({*each.items()} for each in own)))


def common_count(sides: Sequence[Side], wanted: int) -> int:
    """Generated images of each: `wanted`, or the fewest that a recipe asks for or a folder has.

    Raises UsageError where a folder has fewer than that, or than any score needs.
    """
    folders = {side.label: len(side.images) for side in sides if side.images is not None}
    runs = [side.recipe.evaluation.images or IMAGES for side in sides if side.recipe is not None]
    count = wanted or min([*runs, *folders.values()])
    for label, there in folders.items():
        if there < max(count, FEWEST):
            raise UsageError(
                f"{max(count, FEWEST):,} generated images of each are needed, and {label} has "
                f"{there:,}",
                f"ask for fewer: --images {there}" if there >= FEWEST else "give it more images",
            )
    return count


def require_checkpoints(sides: Sequence[Side]) -> None:
    """Raise ZerosumError where a run has nothing to score yet."""
    for side in sides:
        if side.run is not None and not side.shown_checkpoint():
            raise ZerosumError(
                f"{side.label} has no checkpoint yet, so there is nothing to score",
                "train it first, or leave --again out: all but its scores is compared",
            )


def _grey_in_colour(side: Side, shape: tuple[int, int, int]) -> bool:
    """Whether a folder's pictures would have that shape, but that they are grey pictures saved in
    colour, as many programs save them: nothing is lost where they are read as grey."""
    if side.images is None or side.shape != (*shape[:2], 3) or shape[2] != 1:
        return False
    pixels = side.images.read(0, min(FEW, len(side.images)))
    return bool((pixels == pixels[..., :1]).all())


def require_one_shape(sides: Sequence[Side]) -> None:
    """Raise UsageError where pictures differ in size or colour: no protocol fits both."""
    first = first_run_first(sides)[0]
    for side in sides:
        if side.shape == first.shape or _grey_in_colour(side, first.shape):
            continue
        parts = [
            f"{each.label} has {ImageSize.of_shape(each.shape).in_words} pixels in "
            f"{'grey' if each.shape[2] == 1 else 'colour'}"
            for each in (first, side)
        ]
        remedy = "compare what is of one size and kind"
        if side.run is None:
            remedy = f"save the images of {side.label} as {first.label} has them"
        what = f"they cannot be scored under one protocol: {listed(parts)}"
        raise UsageError(what, f"{remedy}, or leave --again out")
