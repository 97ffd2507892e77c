"""The scores, each a function of feature matrices in the file of its name.

`compute_scores` computes any of them together: the inner products of every pair of images, which
KID, precision, recall, density and coverage all need, are computed once.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.scores.distances import Features, blocks, nearest, total_variance
from zerosum.evaluation.scores.gaussian import RealSide
from zerosum.evaluation.scores.given import Given
from zerosum.evaluation.scores.labelled import Labelled
from zerosum.evaluation.scores.score import Result
from zerosum.recipe.scores import SCORES, of_classes

__all__ = [
    "Features",
    "Labelled",
    "RealSide",
    "Result",
    "compute_scores",
    "nearest",
    "total_variance",
]

FEWEST = 2
ANEW = (
    "compute the features anew: zerosum data clean, then the same command; with --precision float32"
)


def compute_scores(
    names: Sequence[str],
    fake: Features,
    real: Features | RealSide,
    *,
    train: Features | None = None,
    fake_logits: Features | None = None,
    labelled: Labelled | None = None,
    seed: int = 0,
    errors: bool = True,
    own: Mapping[str, str] | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, Result]:
    """Scores by name, in the order of `names`, of generated against real features, float32
    (count, dimension) each. Of a `RealSide` that is given several times, what scores need of real
    images alone is computed once.

    `copying` needs the features of the training images, `is` the class logits (count, classes) of
    the generated ones, scores within classes both sides as `labelled`; `own` has the digest of the
    file of each score that is the user's. An `error` is None where
    there are too few images to tell, and everywhere without `errors`, which saves much of the time.
    Raises UsageError for fewer than 2 images on a side, or where something is missing, and
    ZerosumError where the features or a score are no finite numbers: no other ones come back.
    """
    against = real if isinstance(real, RealSide) else RealSide(real)
    if min(len(fake), len(against.features)) < FEWEST:
        raise UsageError("one image has no distribution to compare", "give 2 images at least")
    if labelled is None and (missing := of_classes(names)):
        raise UsageError(
            f"{SCORES[missing[0]].title} needs the classes of both sides",
            f"leave `{missing[0]}` out",
        )
    sides = {"generated": fake, "real": against.features, "training": train}
    require_finite({whose: side for whose, side in sides.items() if side is not None})
    given = Given(
        names, fake, against, train, fake_logits, labelled, seed, errors, own or {}, progress
    )
    results = {name: given.score(name) for name in names}
    for name, result in results.items():
        if not math.isfinite(result.value):
            raise ZerosumError(f"{SCORES[name].title} is no finite number for these images", ANEW)
    return results if errors else {name: without_errors(each) for name, each in results.items()}


def without_errors(result: Result) -> Result:
    """The value alone, and that of each class."""
    classes = {name: without_errors(each) for name, each in result.classes.items()}
    return Result(result.value, classes=classes)


def require_finite(sides: Mapping[str, Features]) -> None:
    """Raise ZerosumError where a side's features, by whose images they are of, hold infinity or
    what is no number."""
    for whose, features in sides.items():
        if not all(np.isfinite(features[part]).all() for part in blocks(len(features))):
            raise ZerosumError(
                f"the features of the {whose} images hold numbers that are not finite", ANEW
            )
