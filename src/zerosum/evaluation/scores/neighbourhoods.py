"""Who lies in whose neighbourhood: what precision, recall, density and coverage count.

The neighbourhood of an image is the ball around it that just holds its k-th nearest neighbour of
its own side.
"""

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from zerosum.evaluation.scores.errors import FOLDS, partitions
from zerosum.randomness import random_for

K_PRECISION = 3
"""Kynkäänniemi et al. 2019 (arXiv 1904.06991), section 3."""
K_COVERAGE = 5
"""Naeem et al. 2020 (arXiv 2002.09797), section 4."""
PARTITIONS = 4
"""Of the generated images into folds, for the error of recall."""
SPARE = 9
"""Nearest images beyond the k-th that are kept: of twelve, ten or more lie in one of five folds
once in 200,000 times, and only then is a radius without that fold a little too small."""


class Neighbourhoods:
    """Filled in block by block: first each side with itself, then both with each other.

    All distances are squared. What recall is without a fold of the generated images is counted in
    the same passes: the other folds' neighbourhoods grow where a near neighbour is left out.
    """

    def __init__(self, fakes: int, reals: int, *, errors: bool = True) -> None:
        self.k_coverage = min(K_COVERAGE, reals - 1)
        self.k_precision = min(K_PRECISION, reals - 1, fakes - 1)
        number = PARTITIONS if errors else 0
        folds = [fold for parts in partitions(fakes, number) for fold in parts]
        self.left_out = torch.zeros((len(folds), fakes), dtype=torch.bool)
        """Which generated images are in each fold, (partitions · folds, fakes)."""
        for number, fold in enumerate(folds):
            self.left_out[number, torch.from_numpy(fold)] = True
        kept = min(self.k_precision + (SPARE if folds else 0), fakes - 1)
        self.near = {
            "real": torch.full((reals, self.k_coverage), torch.inf),
            "fake": torch.full((fakes, kept), torch.inf),
        }
        """Squared distances of each image to the nearest of its side, in any order."""
        self.nearest_fakes = torch.zeros((fakes, kept), dtype=torch.int64)
        """Which images they are, of the generated ones."""
        self.fake_in_real = torch.zeros(fakes, dtype=torch.bool)
        self.real_in_fake = torch.zeros(reals, dtype=torch.bool)
        self.real_without = torch.zeros((len(folds), reals), dtype=torch.bool)
        """Which real images recall counts without each fold."""
        self.covering = torch.zeros(reals, dtype=torch.int64)
        """How many generated images lie in each real image's coverage ball."""
        keys = random_for(0, "coverers").integers(0, 2**40, fakes)
        self.keys = torch.from_numpy(keys.astype(np.float64))
        self.coverers = torch.zeros(reals, dtype=torch.int64)
        """The sum of their keys: which images they are, all but certainly."""
        self.balls = torch.zeros(fakes)
        """In how many real images' coverage balls each generated image lies."""

    @property
    def real_without_fold(self) -> Tensor:
        """As `real_without`, (partitions, folds, reals)."""
        return self.real_without.view(-1, FOLDS, self.real_without.shape[1])

    def own(self, side: str, rows: slice, columns: slice, squared: Tensor) -> None:
        """Take in a block of distances within one side, on or above the diagonal."""
        if rows == columns:
            squared = squared.clone().fill_diagonal_(torch.inf)
        self._keep(side, rows, columns, squared)
        if rows != columns:
            self._keep(side, columns, rows, squared.T)

    def _keep(self, side: str, rows: slice, columns: slice, squared: Tensor) -> None:
        best = self.near[side]
        near, where = squared.topk(min(best.shape[1], squared.shape[1]), largest=False)
        best[rows], order = torch.cat([best[rows], near], 1).topk(best.shape[1], largest=False)
        if side == "fake":
            places = torch.cat([self.nearest_fakes[rows], where + columns.start], 1)
            self.nearest_fakes[rows] = places.gather(1, order)

    @cached_property
    def radii(self) -> dict[tuple[str, int], Tensor]:
        """By side and k: the squared distance of each image to its k-th nearest of its side."""
        wanted = [("real", self.k_precision), ("real", self.k_coverage), ("fake", self.k_precision)]
        return {(side, k): self.near[side].sort(1).values[:, k - 1] for side, k in wanted}

    @cached_property
    def radii_without(self) -> Tensor:
        """The squared distance of each generated image to its k-th nearest without each fold,
        (partitions · folds, fakes); -1 for those that are left out themselves."""
        distances, order = self.near["fake"].sort(1)
        places = self.nearest_fakes.gather(1, order)
        radii = torch.empty(self.left_out.shape)
        for number, out in enumerate(self.left_out):
            there = (~out)[places].cumsum(1)
            # The first place with k others at or before it; the last one where there are fewer.
            kth = (there < self.k_precision).sum(1).clamp_(max=places.shape[1] - 1)
            radii[number] = distances.gather(1, kth[:, None])[:, 0]
            radii[number, out] = -1
        return radii

    def cross(self, rows: slice, columns: slice, squared: Tensor) -> None:
        """Take in a block of distances of generated (rows) to real images (columns)."""
        real = self.radii["real", self.k_precision][columns]
        wide = self.radii["real", self.k_coverage][columns]
        fake = self.radii["fake", self.k_precision][rows, None]
        self.fake_in_real[rows] |= (squared <= real).any(1)
        self.real_in_fake[columns] |= (squared <= fake).any(0)
        inside = (squared < wide).float()
        self.balls[rows] += inside.sum(1)
        self.covering[columns] += inside.sum(0).long()
        # Float64 holds these sums exactly: a block has some thousand rows.
        self.coverers[columns] += (self.keys[rows] @ inside.double()).long()
        for number, radii in enumerate(self.radii_without):
            self.real_without[number, columns] |= (squared <= radii[rows, None]).any(0)
