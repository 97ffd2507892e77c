"""Every pair of images once: inner products in blocks, for all scores that are made of pairs."""

from collections.abc import Callable

from torch import Tensor

from zerosum.evaluation.scores.distances import BLOCK, Features, blocks, centre_of, rows_of
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
    block: int = BLOCK,
    progress: Progress = lambda _done, _total: None,
) -> tuple[KernelSums | None, Neighbourhoods | None]:
    """What KID (`kernel`) and precision, recall, density and coverage (`neighbours`) are made of;
    with `errors` what recall's is made of as well.

    Memory: a few blocks of `block`² numbers, whatever the counts.
    """
    sums = KernelSums(len(fake), len(real), fake.shape[1]) if kernel else None
    found = Neighbourhoods(len(fake), len(real), errors=errors) if neighbours else None
    # Features are far from 0 and near each other: without their mean, distances lose fewer digits.
    centre = centre_of(real)
    done, total = 0, _pairs(len(fake), block) + _pairs(len(real), block)
    total += len(list(blocks(len(fake), block))) * len(list(blocks(len(real), block)))
    for side, features in (("fake", fake), ("real", real)):
        for rows in blocks(len(features), block):
            left = rows_of(features, rows) - centre
            for columns in blocks(len(features), block):
                if columns.start < rows.start:
                    continue
                right = left if rows == columns else rows_of(features, columns) - centre
                products = left @ right.T
                if found is not None:
                    found.own(side, rows, columns, _squared(products, left, right))
                if sums is not None:
                    sums.own(side, rows, columns, _uncentred(products, left, right, centre))
                done += 1
                progress(done, total)
    for rows in blocks(len(fake), block):
        left = rows_of(fake, rows) - centre
        for columns in blocks(len(real), block):
            right = rows_of(real, columns) - centre
            products = left @ right.T
            if found is not None:
                found.cross(rows, columns, _squared(products, left, right))
            if sums is not None:
                sums.cross(rows, columns, _uncentred(products, left, right, centre))
            done += 1
            progress(done, total)
    return sums, found


def _pairs(count: int, block: int) -> int:
    side = len(list(blocks(count, block)))
    return side * (side + 1) // 2


def _squared(products: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """Squared distances from inner products; 0 or more."""
    squared = products.mul(-2).add_(left.square().sum(1)[:, None]).add_(right.square().sum(1))
    return squared.clamp_(min=0)


def _uncentred(products: Tensor, left: Tensor, right: Tensor, centre: Tensor) -> Tensor:
    """The inner products of the features as they were before `centre` was taken off. Writes into
    `products`."""
    return products.add_((left @ centre)[:, None]).add_(right @ centre + centre @ centre)
