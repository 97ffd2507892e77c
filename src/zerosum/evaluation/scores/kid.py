"""Kernel Inception Distance (Bińkowski et al. 2018, arXiv 1801.01401, section 4)."""

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from zerosum.evaluation.scores.errors import FEWEST
from zerosum.evaluation.scores.score import Result

if TYPE_CHECKING:
    from zerosum.evaluation.scores.given import Given


SUBSETS = 100
SIZE = 1000
SEED = 2020
"""torch-fidelity's choices, subsets included: the same numbers from the same features."""


def kernel(products: Tensor, dimension: int) -> Tensor:
    """k(x, y) = (xᵀy / dimension + 1)³ of inner products, in their place."""
    return products.div_(dimension).add_(1).pow_(3)


class KernelSums:
    """Sums of the kernel within each of 100 random subsets, added up block by block.

    As matrix products with rows of zeros and ones that say who belongs to which subset, so that
    each inner product of two images is computed once for all subsets.
    """

    def __init__(self, fakes: int, reals: int, dimension: int) -> None:
        self.dimension, self.size = dimension, min(SIZE, fakes, reals)
        self.subsets_differ = self.size < max(fakes, reals)
        random = np.random.RandomState(SEED)
        self.members = {
            "fake": torch.zeros((SUBSETS, fakes), dtype=torch.float64),
            "real": torch.zeros((SUBSETS, reals), dtype=torch.float64),
        }
        for subset in range(SUBSETS):
            for side, count in (("fake", fakes), ("real", reals)):
                rows = random.choice(count, self.size, replace=False)
                self.members[side][subset, torch.from_numpy(rows)] = 1
        none = torch.zeros(SUBSETS, dtype=torch.float64)
        self.sums = {pair: none.clone() for pair in ("fake", "real", "cross")}
        self.to_fakes = torch.zeros(fakes, dtype=torch.float64)
        """Of each generated image: the sum of its kernel with all others."""
        self.to_reals = torch.zeros(fakes, dtype=torch.float64)
        self.squares = 0.0
        """The sum of the squared kernel over all pairs of generated images, each pair twice."""

    def add(self, one: str, other: str, rows: slice, columns: slice, products: Tensor) -> None:
        """Add a block of one side (rows) with itself or the other; of a side with itself blocks
        above the diagonal count twice."""
        values = kernel(products, self.dimension)
        if one == other and rows == columns:
            values.fill_diagonal_(0)  # the estimate is unbiased without an image's own kernel
        times = 2 if one == other and rows != columns else 1
        if one != other:
            self.to_reals[rows] += values.sum(1, dtype=torch.float64)
        elif one == "fake":
            self.to_fakes[rows] += values.sum(1, dtype=torch.float64)
            if rows != columns:
                self.to_fakes[columns] += values.sum(0, dtype=torch.float64)
            self.squares += times * float(values.double().square().sum())
        inner = self.members[one][:, rows] @ values.double()
        sums = (inner * self.members[other][:, columns]).sum(1)
        self.sums[one if one == other else "cross"] += times * sums

    def result(self) -> Result:
        """Mean and deviation over the subsets of the unbiased squared discrepancy (equation 4).

        Where each subset is all there is, they do not deviate, which says nothing: no deviation.
        """
        m = self.size
        own = (self.sums["fake"] + self.sums["real"]) / (m * (m - 1))
        discrepancies = own - 2 * self.sums["cross"] / m**2
        value, fakes = float(discrepancies.mean()), len(self.to_fakes)
        deviation = float(discrepancies.std(correction=0)) if self.subsets_differ else None
        if fakes < FEWEST:
            return Result(value, deviation=deviation)
        variance = self._variance() + (deviation or 0.0) ** 2 / SUBSETS
        return Result(value, math.sqrt(variance), fakes - 1, deviation)

    def _variance(self) -> float:
        """The variance of the discrepancy of all images, over other generated ones.

        With the real images fixed it is a U-statistic of the pairs of generated ones, of the kernel
        h(x, y) = k(x, y) - φ(x) - φ(y), φ being the mean kernel with the real ones. Its variance
        is (4 (n - 2) ζ₁ + 2 ζ₂) / (n (n - 1)), where ζ₁ is the covariance of two pairs that share
        an image and ζ₂ the variance of h (Hoeffding 1948, Annals of Mathematical Statistics 19,
        equation 5.13).
        """
        n, near = len(self.to_fakes), self.to_reals / self.members["real"].shape[1]
        total = float(near.sum())
        sums = self.to_fakes - (n - 2) * near - total
        squares = self.squares - 4 * float(near @ self.to_fakes)
        squares += 2 * (n - 2) * float(near @ near) + 2 * total**2
        mean = float(sums.sum()) / (n * (n - 1))
        sums, squares = sums - (n - 1) * mean, squares - n * (n - 1) * mean**2
        shared = (float(sums @ sums) - squares) / (n * (n - 1) * (n - 2))
        pairs = squares / (n * (n - 1))
        return max(4 * (n - 2) * shared, 0.0) / (n * (n - 1)) + 2 * max(pairs, 0.0) / (n * (n - 1))


def score(given: "Given") -> Result:
    """KID, as `KernelSums.result`."""
    return given.kernel.result()
