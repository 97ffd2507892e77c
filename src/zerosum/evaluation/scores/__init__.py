"""The scores, each a function of feature matrices in the file of its name.

`compute_scores` computes any of them together: the inner products of every pair of images, which
KID, precision, recall, density and coverage all need, are computed once.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.scores.copying import COPYING, copying
from zerosum.evaluation.scores.coverage import COVERAGE, coverage
from zerosum.evaluation.scores.density import DENSITY, density
from zerosum.evaluation.scores.distances import Features, blocks, nearest, total_variance
from zerosum.evaluation.scores.fid import FID, fid
from zerosum.evaluation.scores.fid_infinity import FID_INFINITY, fid_infinity
from zerosum.evaluation.scores.inception_score import INCEPTION_SCORE, inception_score
from zerosum.evaluation.scores.kid import KID
from zerosum.evaluation.scores.neighbourhoods import Neighbourhoods
from zerosum.evaluation.scores.paired import PAIR_SCORES
from zerosum.evaluation.scores.pairs import compare_pairs
from zerosum.evaluation.scores.precision import PRECISION, precision
from zerosum.evaluation.scores.recall import RECALL, recall
from zerosum.evaluation.scores.score import Result, Score

__all__ = [
    "ALL_SCORES",
    "PAIR_SCORES",
    "SCORES",
    "Features",
    "Result",
    "Score",
    "compute_scores",
    "nearest",
    "total_variance",
]

SCORES: dict[str, Score] = {
    "fid": FID,
    "kid": KID,
    "precision": PRECISION,
    "recall": RECALL,
    "coverage": COVERAGE,
    "density": DENSITY,
    "fid-infinity": FID_INFINITY,
    "is": INCEPTION_SCORE,
    "copying": COPYING,
}
ALL_SCORES = SCORES | PAIR_SCORES
OF_NEIGHBOURHOODS: dict[str, Callable[[Neighbourhoods], Result]] = {
    "precision": precision,
    "recall": recall,
    "coverage": coverage,
    "density": density,
}
FEWEST = 2
ANEW = (
    "compute the features anew: zerosum data clean, then the same command; with --precision float32"
)


def compute_scores(
    names: Sequence[str],
    fake: Features,
    real: Features,
    *,
    train: Features | None = None,
    fake_logits: Features | None = None,
    seed: int = 0,
    errors: bool = True,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, Result]:
    """Scores by name, in the order of `names`, of generated against real features, float32
    (count, dimension) each.

    `copying` needs the features of the training images, `is` the class logits (count, classes) of
    the generated ones. An `error` is None where there are too few images to tell, and everywhere
    without `errors`, which saves much of the time. Raises UsageError for fewer than 2 images on a
    side, or where something is missing, and ZerosumError where the features or a score are no
    finite numbers: no other ones come back.
    """
    if min(len(fake), len(real)) < FEWEST:
        raise UsageError("one image has no distribution to compare", "give 2 images at least")
    sides = {"generated": fake, "real": real, "training": train}
    require_finite({whose: side for whose, side in sides.items() if side is not None})
    results: dict[str, Result] = {}
    pairs = [name for name in names if name == "kid" or name in OF_NEIGHBOURHOODS]
    if pairs:
        sums, found = compare_pairs(
            fake,
            real,
            kernel="kid" in pairs,
            neighbours=pairs != ["kid"],
            errors=errors and "recall" in pairs,
            progress=progress,
        )
        for name in pairs:
            if name == "kid":
                assert sums is not None
                results[name] = sums.result()
            else:
                assert found is not None
                results[name] = OF_NEIGHBOURHOODS[name](found)
    if "fid" in names or "fid-infinity" in names:
        results["fid"] = fid(fake, real, error=errors)
    if "fid-infinity" in names:
        results["fid-infinity"] = fid_infinity(fake, real, seed, results["fid"])
    if "is" in names:
        if fake_logits is None:
            raise UsageError("the Inception Score needs class logits", "leave `is` out")
        results["is"] = inception_score(fake_logits)
    if "copying" in names:
        if train is None or len(train) < FEWEST:
            raise UsageError("`copying` needs the training images", "leave `copying` out")
        results["copying"] = copying(fake, train)
    for name, result in results.items():
        if not math.isfinite(result.value):
            raise ZerosumError(f"{SCORES[name].title} is no finite number for these images", ANEW)
    if not errors:
        results = {name: Result(each.value) for name, each in results.items()}
    return {name: results[name] for name in names}


def require_finite(sides: Mapping[str, Features]) -> None:
    """Raise ZerosumError where a side's features, by whose images they are of, hold infinity or
    what is no number."""
    for whose, features in sides.items():
        if not all(np.isfinite(features[part]).all() for part in blocks(len(features))):
            raise ZerosumError(
                f"the features of the {whose} images hold numbers that are not finite", ANEW
            )
