"""Who lies in whose neighbourhood: what precision, recall, density and coverage count.

The neighbourhood of an image is the ball around it that just holds its k-th nearest neighbour of
its own side.
"""

import torch
from torch import Tensor

from zerosum.evaluation.scores.score import subsets

K_PRECISION = 3
"""Kynkäänniemi et al. 2019 (arXiv 1904.06991), section 3."""
K_COVERAGE = 5
"""Naeem et al. 2020 (arXiv 2002.09797), section 4."""


class Neighbourhoods:
    """Filled in block by block: first each side with itself, then both with each other.

    All distances are squared. `parts` are disjoint subsets of the generated images, each with
    neighbourhoods of its own.
    """

    def __init__(self, fakes: int, reals: int) -> None:
        self.parts = [torch.from_numpy(part) for part in subsets(fakes)]
        self.k_coverage = min(K_COVERAGE, reals - 1)
        self.k_precision = min(K_PRECISION, reals - 1, fakes - 1)
        self.own_nearest = {
            "real": torch.full((reals, self.k_coverage), torch.inf),
            "fake": torch.full((fakes, self.k_precision), torch.inf),
            "part": torch.full((fakes, self.k_precision), torch.inf),
        }
        self.fake_in_real = torch.zeros(fakes, dtype=torch.bool)
        self.real_in_fake = torch.zeros(reals, dtype=torch.bool)
        self.real_in_part = torch.zeros((len(self.parts), reals), dtype=torch.bool)
        self.covered = torch.zeros((len(self.parts) + 1, reals), dtype=torch.bool)
        """By each part, and (the last row) by any generated image."""
        self.balls = torch.zeros(fakes)
        """In how many real images' coverage balls each generated image lies."""

    def own(self, side: str, rows: slice, columns: slice, squared: Tensor) -> None:
        """Take in a block of distances within one side, on or above the diagonal."""
        if rows == columns:
            squared = squared.clone().fill_diagonal_(torch.inf)
        self._keep(side, rows, squared)
        if rows != columns:
            self._keep(side, columns, squared.T)
        if side == "fake":
            self._keep_parts(rows, columns, squared)

    def _keep_parts(self, rows: slice, columns: slice, squared: Tensor) -> None:
        for part in self.parts:
            inside, across = _inside(part, rows), _inside(part, columns)
            block = squared[inside - rows.start][:, across - columns.start]
            self._keep("part", inside, block)
            if rows != columns:
                self._keep("part", across, block.T)

    def _keep(self, name: str, rows: slice | Tensor, squared: Tensor) -> None:
        best = self.own_nearest[name]
        k = best.shape[1]
        near = squared.topk(min(k, squared.shape[1]), largest=False).values
        best[rows] = torch.cat([best[rows], near], 1).topk(k, largest=False).values

    def radius(self, name: str, k: int) -> Tensor:
        """The squared distance of each image to its k-th nearest of its side."""
        return self.own_nearest[name].sort(1).values[:, k - 1]

    def cross(self, rows: slice, columns: slice, squared: Tensor) -> None:
        """Take in a block of distances of generated (rows) to real images (columns)."""
        real = self.radius("real", self.k_precision)[columns]
        wide = self.radius("real", self.k_coverage)[columns]
        fake = self.radius("fake", self.k_precision)[rows, None]
        narrow = self.radius("part", self.k_precision)[rows, None]
        self.fake_in_real[rows] |= (squared <= real).any(1)
        self.real_in_fake[columns] |= (squared <= fake).any(0)
        inside = squared < wide
        self.balls[rows] += inside.sum(1)
        self.covered[-1, columns] |= inside.any(0)
        for number, part in enumerate(self.parts):
            chosen = _inside(part, rows) - rows.start
            self.covered[number, columns] |= inside[chosen].any(0)
            self.real_in_part[number, columns] |= (squared[chosen] <= narrow[chosen]).any(0)


def _inside(part: Tensor, rows: slice) -> Tensor:
    """Those rows of a part that a block holds."""
    return part[(part >= rows.start) & (part < rows.stop)]
