"""Features as normal distributions, and the Fréchet distance of two (Heusel et al. 2017, arXiv
1706.08500, equation 6)."""

from collections.abc import Sequence
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


def frechet_distance(one: Gaussian, other: Gaussian) -> float:
    """‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), never below 0.

    With Σ₂ = F·Fᵀ, the trace of the root is that of (Fᵀ·Σ₁·F)^½, of a symmetric matrix: exact at
    any rank, and many times faster than the eigenvalues of Σ₁Σ₂, which is not symmetric.
    """
    return distance_of(one.mean, one.trace, overlap_of(one, other), other)


def distances_without(
    features: Features,
    whole: Gaussian,
    overlap: Matrix,
    other: Gaussian,
    folds: Sequence[NDArray[np.int64]],
) -> list[float]:
    """The Fréchet distances of the features without each fold of rows, from the normal distribution
    of all and its `overlap` with the other: what the fold adds to both is taken off, so that all
    folds together cost as many products as two covariances."""
    if whole.covariance is None:
        without = (gaussian(np.delete(features, fold, axis=0)) for fold in folds)
        return [frechet_distance(each, other) for each in without]
    count, distances = len(features), []
    total, trace = overlap * (count - 1), whole.trace * (count - 1)
    for fold in folds:
        left = count - len(fold)
        middle, squares = total.copy(), trace
        shift, turned_shift = np.zeros(len(whole.mean)), np.zeros(len(total))
        for part in blocks(len(fold)):
            out = features[fold[part]] - whole.mean
            turned = product(out, other.factor)
            middle -= product(turned.T, turned)
            squares -= float(np.square(out).sum())
            shift += out.sum(axis=0) / left
            turned_shift += turned.sum(axis=0) / left
        middle -= left * np.outer(turned_shift, turned_shift)
        squares -= left * float(shift @ shift)
        freedom = left - 1
        distances.append(
            distance_of(whole.mean - shift, squares / freedom, middle / freedom, other)
        )
    return distances


def overlap_of(one: Gaussian, other: Gaussian) -> Matrix:
    """Fᵀ·Σ₁·F, where Σ₂ = F·Fᵀ, or another matrix with the same eigenvalues but for zeros."""
    if one.rows is not None:
        overlap = product(one.rows, other.factor)
        wide = overlap.shape[0] < overlap.shape[1]
        return product(overlap, overlap.T) if wide else product(overlap.T, overlap)
    assert one.covariance is not None
    return product(product(other.factor.T, one.covariance), other.factor)


def distance_of(mean: Matrix, trace: float, overlap: Matrix, other: Gaussian) -> float:
    """The Fréchet distance of a distribution with that mean and trace, of that overlap with
    another."""
    with one_thread():
        root = float(torch.linalg.eigvalsh(torch.from_numpy(overlap)).clamp(min=0).sqrt().sum())
    gap = float(np.square(mean - other.mean).sum())
    return max(gap + trace + other.trace - 2 * root, 0.0)


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
