"""The floor: real images against other real images, what no generator needs to beat.

FID, recall and coverage depend on the number of images, so that a floor says something only beside
scores of its own size. Where there are no other real images than those of the real side, it is
measured between halves of them, and the generated images are scored once more at that size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from zerosum.evaluation.features import Features
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import FEWEST, Measure, Stage, features_of, no_stage
from zerosum.evaluation.scores import RealSide, Result, compute_scores
from zerosum.evaluation.scores.kept import content_of, once
from zerosum.randomness import random_for
from zerosum.recipe.scores import SCORES


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


def measure_floor(
    fake: Features,
    real: RealSide,
    measure: Measure,
    *,
    others: Images | None = None,
    stage: Stage = no_stage,
) -> Floor | None:
    """Real images against real images, by those scores of the measure that have a floor.

    `others` are real images that are not among `real`; without any the floor is measured between
    halves of `real`. Where it is smaller than the scores, the generated images of features `fake`
    are scored at its size too. None where there are too few to divide.
    """
    names = [name for name in measure.scores if SCORES[name].floor]
    if not names:
        return None
    sides = of_halves(real, len(fake), measure.seed)
    if others is not None and len(others) >= FEWEST:
        few = some_of(others, len(fake))
        features = features_of(few, "real", measure.extractor, (measure.layer,), stage)
        sides = of_others(few, features, real, len(fake))
    if sides is None:
        return None
    against = sides.against

    def scores(side: Features) -> Mapping[str, Result]:
        return compute_scores(
            names,
            side,
            against,
            seed=measure.seed,
            errors=False,
            progress=partial(stage, "the floor"),
        )

    generated = None
    if sides.size:
        chosen = random_for(measure.seed, "floor, generated").permutation(len(fake))
        generated = scores(fake[np.sort(chosen[: len(sides.real)])])

    def computed() -> NDArray[np.float64]:
        found = scores(sides.real)
        return np.array([found[name].value for name in names])

    depends = (*names, measure.seed, content_of(sides.real))
    values = once(against.kept, "floor", depends, np.empty(len(names)), computed)
    floor = {name: Result(float(value)) for name, value in zip(names, values, strict=True)}
    return Floor(floor, sides.words, sides.size, generated)


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
    one = real[np.sort(order[:few])]
    others = real[np.sort(order[half : 2 * half])]
    other = RealSide(others, side.kept.of(others))
    if few < half:
        words = f"{few:,} of the real images against {half:,} others"
        return FloorFeatures(one, other, words, f"{few:,} against {half:,}")
    return FloorFeatures(
        one, other, f"the real images in halves of {half:,}", f"halves of {half:,}"
    )
