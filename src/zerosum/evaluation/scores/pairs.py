"""Every pair of images once: inner products in blocks, for all scores that are made of pairs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from zerosum.evaluation.scores.distances import BLOCK, Features, blocks, centre_of, rows_of
from zerosum.evaluation.scores.kept import Kept, Remembered
from zerosum.evaluation.scores.kid import KernelSums
from zerosum.evaluation.scores.neighbourhoods import Neighbourhoods

Progress = Callable[[int, int], None]


def compare_pairs(
    fake: Features,
    real: Features,
    *,
    kernel: bool,
    neighbours: bool,
    errors: bool = True,
    kept: Kept | None = None,
    block: int = BLOCK,
    progress: Progress = lambda _done, _total: None,
) -> tuple[KernelSums | None, Neighbourhoods | None]:
    """What KID (`kernel`) and precision, recall, density and coverage (`neighbours`) are made of;
    with `errors` what recall's is made of as well. What belongs to the real images alone is taken
    from what is `kept` of them, where all of it is.

    Memory: a few blocks of `block`² numbers, whatever the counts.
    """
    sums = KernelSums(len(fake), len(real), fake.shape[1]) if kernel else None
    found = Neighbourhoods(len(fake), len(real), errors=errors) if neighbours else None
    sides = {"fake": fake, "real": real}
    # Features are far from 0 and near each other: without their mean, distances lose fewer digits.
    centre = centre_of(real)
    counts = {side: len(range(0, len(each), block)) for side, each in sides.items()}
    own = real_parts(sums, found, len(fake), block)
    known = restored(kept or Remembered(), own)
    alone = ("fake",) if known else ("fake", "real")
    total = sum(counts[side] * (counts[side] + 1) // 2 for side in alone)
    done, total = 0, total + counts["fake"] * counts["real"]
    for one, other in (*((side, side) for side in alone), ("fake", "real")):
        for rows in blocks(len(sides[one]), block):
            left = rows_of(sides[one], rows) - centre
            for columns in blocks(len(sides[other]), block):
                if one == other and columns.start < rows.start:
                    continue
                same = one == other and rows == columns
                right = left if same else rows_of(sides[other], columns) - centre
                products = left @ right.T
                if found is not None:
                    squared = _squared(products, left, right)
                    if one == other:
                        found.own(one, rows, columns, squared)
                    else:
                        found.cross(rows, columns, squared)
                if sums is not None:
                    sums.add(one, other, rows, columns, _uncentred(products, left, right, centre))
                done += 1
                progress(done, total)
    if kept is not None and not known:
        for part in own:
            kept.write(part.what, part.depends, part.values.numpy())
    return sums, found


@dataclass(frozen=True)
class RealPart:
    """Some of what the pairs of real images add up to."""

    what: str
    depends: tuple[int, ...]
    """Other numbers that it depends on."""
    values: Tensor
    """Filled in block by block."""


def real_parts(
    sums: KernelSums | None, found: Neighbourhoods | None, fakes: int, block: int
) -> list[RealPart]:
    """What the pairs of real images fill in; the number of generated ones draws KID's subsets."""
    parts = []
    if sums is not None:
        parts.append(RealPart("kernel-sums", (fakes, block), sums.sums["real"]))
    if found is not None:
        nearest = found.near["real"]
        parts.append(RealPart("nearest", (nearest.shape[1], block), nearest))
    return parts


def restored(kept: Kept, parts: Sequence[RealPart]) -> bool:
    """Whether all parts were known; they are filled in then."""
    arrays = [kept.read(part.what, part.depends, part.values.numpy()) for part in parts]
    known = [array for array in arrays if array is not None]
    if len(known) < len(parts):
        return False
    for part, array in zip(parts, known, strict=True):
        part.values.copy_(torch.from_numpy(array))
    return True


def _squared(products: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """Squared distances from inner products; 0 or more."""
    squared = products.mul(-2).add_(left.square().sum(1)[:, None]).add_(right.square().sum(1))
    return squared.clamp_(min=0)


def _uncentred(products: Tensor, left: Tensor, right: Tensor, centre: Tensor) -> Tensor:
    """The inner products of the features as they were before `centre` was taken off. Writes into
    `products`."""
    return products.add_((left @ centre)[:, None]).add_(right @ centre + centre @ centre)
