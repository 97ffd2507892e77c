"""Kernel Inception Distance (Bińkowski et al. 2018, arXiv 1801.01401, section 4)."""

import numpy as np
import torch
from torch import Tensor

from zerosum.evaluation.scores.score import Result, Score

KID = Score("KID", "lower", "standard deviation over 100 subsets of up to 1,000 images")

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

    def own(self, side: str, rows: slice, columns: slice, products: Tensor) -> None:
        """Add a block of one side with itself; blocks above the diagonal count twice."""
        values = kernel(products, self.dimension)
        if rows == columns:
            values.fill_diagonal_(0)  # the estimate is unbiased without an image's own kernel
        twice = 1 if rows == columns else 2
        self._add(side, side, side, rows, columns, values, twice)

    def cross(self, rows: slice, columns: slice, products: Tensor) -> None:
        """Add a block of generated (rows) with real images (columns)."""
        self._add("cross", "fake", "real", rows, columns, kernel(products, self.dimension), 1)

    def _add(
        self, pair: str, left: str, right: str, rows: slice, columns: slice, values: Tensor,
        times: int,
    ) -> None:  # fmt: skip
        inner = self.members[left][:, rows] @ values.double()
        self.sums[pair] += times * (inner * self.members[right][:, columns]).sum(1)

    def result(self) -> Result:
        """Mean and deviation over the subsets of the unbiased squared discrepancy (equation 4).

        Where each subset is all there is, they do not deviate, which says nothing: no error.
        """
        m = self.size
        own = (self.sums["fake"] + self.sums["real"]) / (m * (m - 1))
        discrepancies = own - 2 * self.sums["cross"] / m**2
        deviation = float(discrepancies.std(correction=0)) if self.subsets_differ else None
        return Result(float(discrepancies.mean()), deviation)
