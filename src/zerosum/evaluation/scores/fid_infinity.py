"""FID∞: FID extrapolated to infinitely many images (Chong & Forsyth 2020, arXiv 1911.07023)."""

import math

import numpy as np

from zerosum.evaluation.scores.distances import Features
from zerosum.evaluation.scores.gaussian import RealSide, frechet_distance, gaussian
from zerosum.evaluation.scores.given import Given
from zerosum.evaluation.scores.score import Result
from zerosum.randomness import random_for

SIZES = 15
SMALLEST_SHARE = 0.2


def fid_infinity(fake: Features, real: RealSide, seed: int, plain: Result) -> Result:
    """The value at 1/N → 0 of a line through the FIDs of 15 random samples of N generated images;
    `plain` is the FID of all.

    FID's bias is proportional to 1/N (section 3). N runs from a fifth of the images to all, equally
    spaced in 1/N, so that each part of the line counts alike. The bias from the number of real
    images stays.

    Each sample's FID moves with its images as FID does, by a mean over them; so the intercept, a
    weighted sum of the samples', moves with each image by the sum of the shares that it has there.
    """
    reals, count = real.gaussian, len(fake)
    inverse = np.linspace(1 / count, 1 / max(count * SMALLEST_SHARE, 2), SIZES)
    sizes = np.unique(np.round(1 / inverse).astype(int))
    if len(sizes) < 3:
        return plain
    values, members = [], np.zeros((len(sizes), count))
    for number, size in enumerate(sizes):
        rows = random_for(seed, "fid-infinity", int(size)).permutation(count)[:size]
        members[number, rows] = 1 / size
        values.append(frechet_distance(gaussian(fake[np.sort(rows)]), reals))
    x = 1 / sizes
    weights = 1 / len(x) - x.mean() * (x - x.mean()) / np.square(x - x.mean()).sum()
    intercept = float(weights @ np.array(values))
    if plain.error is None:
        return Result(intercept)
    shares = weights @ members
    return Result(intercept, plain.error * math.sqrt(count * float(shares @ shares)), plain.freedom)


def score(given: Given) -> Result:
    """`fid_infinity` of what is given."""
    return fid_infinity(given.fake, given.real, given.seed, given.score("fid"))
