"""Features as normal distributions, and the Fréchet distance of two (Heusel et al. 2017, arXiv
1706.08500, equation 6)."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.evaluation.scores.distances import Features, blocks
from zerosum.evaluation.scores.kept import Kept, Remembered
from zerosum.processor.threads import computing_with

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


def one_thread() -> AbstractContextManager[None]:
    """For eigenvalues. Their threads wait for each other at each of thousands of small steps: where
    anything else runs on the machine two are ten times slower than one, and where nothing does,
    hardly faster."""
    return computing_with(1)


def gaussian(features: Features) -> Gaussian:
    """The normal distribution with the mean and unbiased covariance of (count, dimension)."""
    count, dimension = features.shape
    mean = mean_of(features)
    if count <= dimension:
        return Gaussian(mean, (features - mean) / np.sqrt(max(count - 1, 1)), None)
    return Gaussian(mean, None, products(features, mean) / (count - 1))


def mean_of(features: Features) -> Matrix:
    """The mean row of (count, dimension)."""
    mean: Matrix = features.mean(axis=0, dtype=np.float64)
    return mean


def products(features: Features, centre: Matrix) -> Matrix:
    """The sum of the outer products of (count, dimension) less their centre with themselves."""
    total = np.zeros((features.shape[1],) * 2)
    for part in blocks(len(features)):
        centred = features[part] - centre
        total += product(centred.T, centred)
    return total


def product(left: Matrix, right: Matrix) -> Matrix:
    """Of two matrices, by PyTorch: with the threads that it was told to take. NumPy's library takes
    all cores, also those that other programs use."""
    result: Matrix = (torch.from_numpy(left) @ torch.from_numpy(right)).numpy()
    return result


def gaussians_without(
    features: Features, whole: Gaussian, folds: Sequence[NDArray[np.int64]]
) -> Iterator[Gaussian]:
    """The normal distributions of the features without each fold of rows, from that of all: what
    the fold adds is taken off, so that all folds together cost as much as one covariance."""
    count = len(features)
    for fold in folds:
        if whole.covariance is None:
            yield gaussian(np.delete(features, fold, axis=0))
            continue
        out = features[fold]
        left = count - len(fold)
        shift = (out - whole.mean).sum(axis=0, dtype=np.float64) / left
        total = whole.covariance * (count - 1) - products(out, whole.mean)
        total -= left * np.outer(shift, shift)
        yield Gaussian(whole.mean - shift, None, total / (left - 1))


def frechet_distance(one: Gaussian, other: Gaussian) -> float:
    """‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), never below 0.

    With Σ₂ = F·Fᵀ, the trace of the root is that of (Fᵀ·Σ₁·F)^½, of a symmetric matrix: exact at
    any rank, and many times faster than the eigenvalues of Σ₁Σ₂, which is not symmetric.
    """
    if one.rows is not None:
        overlap = product(one.rows, other.factor)
        wide = overlap.shape[0] < overlap.shape[1]
        middle = product(overlap, overlap.T) if wide else product(overlap.T, overlap)
    else:
        assert one.covariance is not None
        middle = product(product(other.factor.T, one.covariance), other.factor)
    with one_thread():
        root = float(torch.linalg.eigvalsh(torch.from_numpy(middle)).clamp(min=0).sqrt().sum())
    gap = float(np.square(one.mean - other.mean).sum())
    return max(gap + one.trace + other.trace - 2 * root, 0.0)


@dataclass(frozen=True)
class RealSide:
    """What generated images are held against: features, float32 (count, dimension), and what is
    computed of them once for all scores that ask, and for later evaluations where it is `kept`."""

    features: Features
    kept: Kept = field(default_factory=Remembered)

    @cached_property
    def gaussian(self) -> Gaussian:
        """Their normal distribution."""
        count, dimension = self.features.shape
        if count <= dimension:  # it is the features themselves, less their mean
            return gaussian(self.features)
        known = self.kept.read("covariance", (), np.empty((dimension, dimension)))
        if known is not None:
            return Gaussian(mean_of(self.features), None, known.astype(np.float64, copy=False))
        made = gaussian(self.features)
        assert made.covariance is not None
        self.kept.write("covariance", (), made.covariance)
        return made
