"""Fréchet Inception Distance (Heusel et al. 2017, arXiv 1706.08500, equation 6)."""

from zerosum.evaluation.scores.distances import Features
from zerosum.evaluation.scores.errors import jackknife, partitions
from zerosum.evaluation.scores.gaussian import (
    RealSide,
    distance_of,
    distances_without,
    gaussian,
    overlap_of,
)
from zerosum.evaluation.scores.given import Given
from zerosum.evaluation.scores.score import Result

FEW_FOR_DIMENSION = 10
"""FID's bias is worth a note where there are fewer images than this times the dimensions."""

PARTITIONS, NARROW = 4, 256
"""For the error: several partitions into folds where a distance takes milliseconds, else one."""


def fid(fake: Features, real: RealSide, *, error: bool = True) -> Result:
    """FID of features (count, dimension) against a real side's; without its `error`, which takes
    several such distances, in a fraction of the time."""
    reals, whole = real.gaussian, gaussian(fake)
    overlap = overlap_of(whole, reals)
    number = PARTITIONS if fake.shape[1] <= NARROW else 1
    without = [
        distances_without(fake, whole, overlap, reals, folds)
        for folds in (partitions(len(fake), number) if error else [])
    ]
    return jackknife(distance_of(whole.mean, whole.trace, overlap, reals), without)


def score(given: Given) -> Result:
    """`fid` of what is given."""
    return fid(given.fake, given.real, error=given.errors)
