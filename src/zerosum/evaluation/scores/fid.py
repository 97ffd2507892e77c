"""Fréchet Inception Distance (Heusel et al. 2017, arXiv 1706.08500, equation 6)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.evaluation.scores.distances import Features, blocks
from zerosum.evaluation.scores.score import Result, Score, subsets, with_error

FID = Score("FID", "lower", "standard error from 5 disjoint subsets of the generated images")

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Gaussian:
    """The normal distribution of features: its mean (dimension,), and its covariance as `rows`
    (n, dimension) whose rowsᵀ·rows it is, or itself (dimension, dimension), whichever is smaller.
    """

    mean: Matrix
    rows: Matrix | None
    covariance: Matrix | None

    @cached_property
    def factor(self) -> Matrix:
        """(dimension, rank), with factor·factorᵀ = the covariance."""
        if self.rows is not None:
            return self.rows.T
        assert self.covariance is not None
        covariance = torch.from_numpy(self.covariance)
        factor, failed = torch.linalg.cholesky_ex(covariance)
        if failed:  # features that never vary leave it without full rank
            with one_thread():
                values, vectors = torch.linalg.eigh(covariance)
            factor = vectors * values.clamp(min=0).sqrt()
        result: Matrix = factor.numpy()
        return result

    @property
    def trace(self) -> float:
        """Of the covariance."""
        if self.rows is not None:
            return float(np.square(self.rows).sum())
        assert self.covariance is not None
        return float(np.trace(self.covariance))


@contextmanager
def one_thread() -> Iterator[None]:
    """For eigenvalues. Their threads wait for each other at each of thousands of small steps: where
    anything else runs on the machine two are ten times slower than one, and where nothing does,
    hardly faster."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def gaussian(features: Features) -> Gaussian:
    """The normal distribution with the mean and unbiased covariance of (count, dimension)."""
    count, dimension = features.shape
    mean = features.mean(axis=0, dtype=np.float64)
    if count <= dimension:
        return Gaussian(mean, (features - mean) / np.sqrt(max(count - 1, 1)), None)
    covariance = np.zeros((dimension, dimension))
    for part in blocks(count):
        centred = features[part] - mean
        covariance += centred.T @ centred
    return Gaussian(mean, None, covariance / (count - 1))


def frechet_distance(one: Gaussian, other: Gaussian) -> float:
    """‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), never below 0.

    With Σ₂ = F·Fᵀ, the trace of the root is that of (Fᵀ·Σ₁·F)^½, of a symmetric matrix: exact at
    any rank, and many times faster than the eigenvalues of Σ₁Σ₂, which is not symmetric.
    """
    if one.rows is not None:
        overlap = one.rows @ other.factor
        wide = overlap.shape[0] < overlap.shape[1]
        middle = overlap @ overlap.T if wide else overlap.T @ overlap
    else:
        assert one.covariance is not None
        middle = other.factor.T @ one.covariance @ other.factor
    with one_thread():
        root = float(torch.linalg.eigvalsh(torch.from_numpy(middle)).clamp(min=0).sqrt().sum())
    gap = float(np.square(one.mean - other.mean).sum())
    return max(gap + one.trace + other.trace - 2 * root, 0.0)


def fid(fake: Features, real: Features) -> Result:
    """FID of features (count, dimension) each."""
    reals = gaussian(real)
    parts = [frechet_distance(gaussian(fake[part]), reals) for part in subsets(len(fake))]
    return with_error(frechet_distance(gaussian(fake), reals), parts)
