"""The floor: real images against other real images, what no generator needs to beat.

FID, recall and coverage depend on the number of images, so that a floor says something only beside
scores of its own size. Where there are no other real images than those of the real side, it is
measured between halves of them, and the generated images are scored once more at that size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from zerosum.evaluation.by_class import (
    knows,
    layers_of,
    learning,
    open_classes,
    too_few,
    trouble,
    with_found,
    without,
)
from zerosum.evaluation.features import Features
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import FEWEST, Measure, Stage, features_of, no_stage
from zerosum.evaluation.scores import Labelled, RealSide, Result, compute_scores
from zerosum.evaluation.scores.kept import content_of, once
from zerosum.randomness import random_for
from zerosum.recipe.scores import SCORES, of_classes


@dataclass(frozen=True)
class Floor:
    """Scores of real images against other real images, without errors."""

    scores: Mapping[str, Result]
    words: str
    """Which images against which."""
    size: str = ""
    """Where the sides are smaller than those of the scores: how large, in a few words."""
    generated: Mapping[str, Result] | None = None
    """The scores of as many generated images against those real ones, where there is a `size`."""


@dataclass(frozen=True)
class FloorFeatures:
    """Real images (count, dimension) against others, and what a reader is told of them."""

    real: Features
    against: RealSide
    words: str
    size: str
    rows: NDArray[np.int64] | None = None
    """Of halves: which of the real images these are."""
    against_rows: NDArray[np.int64] | None = None
    """Of halves: which the others are."""


def measure_floor(
    fake: Features,
    real: RealSide,
    measure: Measure,
    *,
    labelled: Labelled | None = None,
    others: Images | None = None,
    stage: Stage = no_stage,
) -> Floor | None:
    """Real images against real images, by those scores of the measure that have a floor.

    `others` are real images that are not among `real`; without any the floor is measured between
    halves of `real`. Where it is smaller than the scores, the generated images of features `fake`
    are scored at its size too. Scores within classes have a floor where both sides are `labelled`,
    and there are enough real images of each class. None where there are too few to divide.
    """
    measure = replace(measure, scores=tuple(n for n in measure.scores if SCORES[n].floor))
    if not measure.scores:
        return None
    sides, few = of_halves(real, len(fake), measure.seed), None
    if others is not None and len(others) >= FEWEST:
        few = some_of(others, len(fake))
        features = features_of(few, "real", measure.extractor, layers_of(measure), stage)
        sides = of_others(few, features, real, len(fake))
    if sides is None:
        return None
    rows = None
    if sides.size:
        chosen = random_for(measure.seed, "floor, generated").permutation(len(fake))
        rows = np.sort(chosen[: len(sides.real)])
    measure, own, made = floor_classes(measure, labelled, few, sides, rows, stage)
    if not measure.scores:
        return None
    names, against = measure.scores, sides.against

    def scores(side: Features, labelled: Labelled | None) -> Mapping[str, Result]:
        return compute_scores(
            names,
            side,
            against,
            labelled=labelled,
            seed=measure.seed,
            errors=False,
            own=measure.own,
            progress=partial(stage, "the floor"),
        )

    generated = None if rows is None else scores(fake[rows], made)
    kinds = () if own is None else own.names

    def computed() -> NDArray[np.float64]:
        found = scores(sides.real, own)
        return np.array([
            [got.value, *(got.classes[kind].value if got.classes else np.nan for kind in kinds)]
            for got in (found[name] for name in names)
        ])  # fmt: skip

    depends: list[object] = [*names, measure.seed, content_of(sides.real)]
    depends += [measure.own[name] for name in names if name in measure.own]
    if own is not None:
        depends += [*kinds, content_of(own.fake_classes), content_of(own.real_classes)]
    values = once(against.kept, "floor", depends, np.empty((len(names), 1 + len(kinds))), computed)
    floor = {name: _result(row, kinds) for name, row in zip(names, values, strict=True)}
    return Floor(floor, sides.words, sides.size, generated)


def _result(row: NDArray[np.float64], kinds: Sequence[str]) -> Result:
    """A value, and that of each class behind it, of scores that have them."""
    found = {kind: Result(float(own)) for kind, own in zip(kinds, row[1:], strict=True)}
    return Result(float(row[0]), classes={} if np.isnan(row[1:]).any() else found)


def floor_classes(
    measure: Measure,
    labelled: Labelled | None,
    few: Images | None,
    sides: FloorFeatures,
    rows: NDArray[np.int64] | None,
    stage: Stage,
) -> tuple[Measure, Labelled | None, Labelled | None]:
    """The measure without the scores that have no floor here, and the floor's sides with their
    classes: of the real images (`few` others, or a half), and of the generated ones of these rows.
    """
    wanted = of_classes(measure.scores)
    if labelled is None or not wanted:
        return without(measure, set(wanted)), None, None
    reals = labelled.reals
    if reals.features and knows(measure.extractor, labelled.names):
        measure = without(measure, {"class-accuracy"})  # no pixels to be classified
    if few is None:
        assert sides.rows is not None and sides.against_rows is not None
        few, reals = reals.chosen(sides.rows), reals.chosen(sides.against_rows)
    if trouble(few, reals):
        return without(measure, set(wanted)), None, None
    own = open_classes(few, reals, measure, stage, "real")
    if own is None or own.names != labelled.names:
        return without(measure, set(wanted)), None, None
    own = with_found(own, measure, stage)
    made = None
    if rows is not None:
        found = None if labelled.found is None else labelled.found[rows]
        made = replace(
            labelled,
            fakes=labelled.fakes.chosen(rows),
            fake_classes=labelled.fake_classes[rows],
            reals=own.reals,
            real_classes=own.real_classes,
            found=found,
            progress=partial(stage, learning("as many generated")),
        )
    missing = set(too_few(measure, own)) | (set(too_few(measure, made)) if made else set())
    return without(measure, missing), own, made


def some_of(others: Images, count: int) -> Images:
    """So many of real images (all, where there are fewer), chosen at random but always the same:
    the first ones are often of one class."""
    if len(others) <= count:
        return others
    return others.chosen(np.sort(random_for(0, "floor").permutation(len(others))[:count]))


def of_others(others: Images, features: Features, real: RealSide, fakes: int) -> FloorFeatures:
    """Other real images against the real side, which is whole in floor and scores."""
    words = f"{len(features):,} of {others.name} ({others.part}) against these"
    size = "" if len(features) == fakes else f"{len(features):,} against {len(real.features):,}"
    return FloorFeatures(features, real, words, size)


def of_halves(side: RealSide, fakes: int, seed: int) -> FloorFeatures | None:
    """One half of the real side, no more of it than there are generated images, against the other;
    None of too few."""
    real = side.features
    half = len(real) // 2
    if half < FEWEST:
        return None
    few = min(half, fakes)
    order = random_for(seed, "floor").permutation(len(real))
    rows = np.sort(order[:few]), np.sort(order[half : 2 * half])
    one, others = real[rows[0]], real[rows[1]]
    other = RealSide(others, side.kept.of(others))
    if few < half:
        words = f"{few:,} of the real images against {half:,} others"
        return FloorFeatures(one, other, words, f"{few:,} against {half:,}", *rows)
    words = f"the real images in halves of {half:,}"
    return FloorFeatures(one, other, words, f"halves of {half:,}", *rows)
