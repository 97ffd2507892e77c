"""FID∞: FID extrapolated to infinitely many images (Chong & Forsyth 2020, arXiv 1911.07023)."""

import numpy as np

from zerosum.evaluation.scores.distances import Features
from zerosum.evaluation.scores.fid import frechet_distance, gaussian
from zerosum.evaluation.scores.score import Result, Score
from zerosum.randomness import random_for

FID_INFINITY = Score("FID∞", "lower", "standard error of the intercept of the fitted line")

SIZES = 15
SMALLEST_SHARE = 0.2


def fid_infinity(fake: Features, real: Features, seed: int) -> Result:
    """The value at 1/N → 0 of a line through the FIDs of 15 random samples of N generated images.

    FID's bias is proportional to 1/N (section 3). N runs from a fifth of the images to all, equally
    spaced in 1/N, so that each part of the line counts alike. The bias from the number of real
    images stays.
    """
    reals = gaussian(real)
    inverse = np.linspace(1 / len(fake), 1 / max(len(fake) * SMALLEST_SHARE, 2), SIZES)
    sizes = np.unique(np.round(1 / inverse).astype(int))
    if len(sizes) < 3:
        return Result(frechet_distance(gaussian(fake), reals))
    values = []
    for size in sizes:
        rows = random_for(seed, "fid-infinity", int(size)).permutation(len(fake))[:size]
        values.append(frechet_distance(gaussian(fake[np.sort(rows)]), reals))
    x, y = 1 / sizes, np.array(values)
    slope, intercept = np.polyfit(x, y, 1)
    residual = ((y - slope * x - intercept) ** 2).sum() / (len(x) - 2)
    spread = ((x - x.mean()) ** 2).sum()
    error = np.sqrt(residual * (1 / len(x) + x.mean() ** 2 / spread))
    return Result(float(intercept), float(error))
