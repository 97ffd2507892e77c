"""Standard errors: how much a score changes with other images of the same generator.

The real images stay as they are in all of them: two generators that are compared have the same
ones. Not by bootstrap: a sample drawn with repetition has fewer different images, which makes FID
larger and recall smaller than they are. Not from the scores of small subsets either: FID, recall
and coverage depend on the number of images, and scatter otherwise with fewer.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zerosum.evaluation.scores.score import Result
from zerosum.randomness import random_for

FEWEST = 50
"""Images that an error needs."""
FOLDS = 5
"""Parts of the images; each is left out once."""


def of_mean(values: NDArray[np.floating], value: float | None = None) -> Result:
    """The mean of (n,) values, or the `value` that it stands for, with the standard error of a
    mean: deviation / √n. No error of fewer than 50, nor of what is not finite."""
    mean = float(values.mean(dtype=np.float64)) if value is None else value
    count = len(values)
    if count < FEWEST or not math.isfinite(mean):
        return Result(mean)
    deviation = float(values.std(ddof=1, dtype=np.float64))
    return Result(mean, deviation / math.sqrt(count), count - 1)


def jackknife(value: float, without: Sequence[Sequence[float]]) -> Result:
    """A score and its standard error from the values without one fold of the images each, for
    every partition of the images into folds (Shao & Wu 1989, Annals of Statistics 17, 1176-1197).

    The variance is (folds - 1)/folds · Σ (valueᵢ - mean)², the mean over the partitions.
    """
    if not without:
        return Result(value)
    found = np.array(without, dtype=np.float64)
    folds = found.shape[1]
    squares = np.square(found - found.mean(axis=1, keepdims=True)).sum(axis=1)
    variance = float((folds - 1) / folds * squares.mean())
    return Result(value, math.sqrt(variance), len(found) * (folds - 1))


def partitions(count: int, number: int) -> list[list[NDArray[np.int64]]]:
    """`number` random partitions of `count` images into five folds of rows, ascending; none of
    fewer than 50 images.

    Random, because a folder's images come in the order of their names, which is often by class.
    """
    if count < FEWEST:
        return []
    return [
        [
            np.sort(fold)
            for fold in np.array_split(
                random_for(0, "folds", count, partition).permutation(count), FOLDS
            )
        ]
        for partition in range(number)
    ]
