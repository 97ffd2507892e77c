"""Distances between feature vectors, in blocks: exact, and in memory that does not grow with both
sides. Every score that asks for neighbours asks here."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Features = NDArray[np.float32]
Progress = Callable[[int, int], None]

BLOCK = 2048
"""Rows of a block: 2,048 × 2,048 distances are 16 MiB. Larger ones are slower: they fit no cache,
and each is memory fetched anew from the system."""
BLOCK_VALUES = 2**25
"""Numbers in a block of rows, at most: 128 MiB. Of rows as long as large images there are fewer."""
SPARE = 4
"""Candidates beyond the k nearest, whose distances are computed again without rounding."""


def blocks(count: int, size: int = BLOCK) -> Iterator[slice]:
    """Slices that cover `count` rows, `size` at a time."""
    for first in range(0, count, size):
        yield slice(first, min(first + size, count))


def rows_of(features: Features, part: slice) -> Tensor:
    """Some rows as a float32 tensor, read from disk where the matrix is mapped."""
    return torch.from_numpy(np.ascontiguousarray(features[part], dtype=np.float32).copy())


def centre_of(features: Features) -> Tensor:
    """The mean row, float32 (dimension,). Distances do not change when it is taken off both sides,
    and lose fewer digits: features are far from 0 and close to each other."""
    total = np.zeros(features.shape[1], dtype=np.float64)
    for part in blocks(len(features)):
        total += features[part].sum(axis=0, dtype=np.float64)
    return torch.from_numpy(total / max(len(features), 1)).float()


def total_variance(features: Features) -> float:
    """The sum of the variances of all columns of (count, dimension)."""
    centre = centre_of(features)
    parts = (rows_of(features, part) - centre for part in blocks(len(features)))
    return sum(float(part.double().square().sum()) for part in parts) / max(len(features), 1)


def squared_distances(queries: Tensor, references: Tensor) -> Tensor:
    """(n, dimension) and (m, dimension) float32 → (n, m) squared Euclidean distances, 0 or more.

    By one matrix product, so a distance of 0 can come out as a little more; `nearest` puts that
    right for the neighbours that it reports.
    """
    products = torch.addmm(references.square().sum(1)[None, :], queries, references.T, alpha=-2.0)
    return products.add_(queries.square().sum(1)[:, None]).clamp_(min=0)


def nearest(
    queries: Features,
    references: Features,
    k: int,
    *,
    exclude_self: bool = False,
    block: int = 0,
    progress: Progress | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The k nearest references of each query: distances (n, k) float32 ascending, and their rows
    (n, k) int64. Exact: identical vectors have the distance 0.

    `block` rows of each side are compared at a time; 0: as many as suit their length. With
    `exclude_self` the two matrices are the same one, and no row is its own neighbour. Raises
    ValueError where there are fewer than k references.
    """
    if len(references) - exclude_self < k:
        raise ValueError(f"{k} neighbours of {len(references)} images")
    block = block or max(1, min(BLOCK, BLOCK_VALUES // references.shape[1]))
    wanted = min(k + SPARE, len(references) - exclude_self)
    centre = centre_of(references)
    distances = np.empty((len(queries), k), dtype=np.float32)
    found = np.empty((len(queries), k), dtype=np.int64)
    done = 0
    for rows in blocks(len(queries), block):
        query = rows_of(queries, rows) - centre
        best = torch.full((len(query), wanted), torch.inf)
        places = torch.zeros((len(query), wanted), dtype=torch.int64)
        for columns in blocks(len(references), block):
            part = squared_distances(query, rows_of(references, columns) - centre)
            if exclude_self:
                _hide_diagonal(part, rows, columns)
            near, where = part.topk(min(wanted, part.shape[1]), largest=False)
            merged = torch.cat([best, near], 1)
            best, order = merged.topk(wanted, largest=False)
            places = torch.cat([places, where + columns.start], 1).gather(1, order)
        exact = _exact_distances(queries[rows], references, places.numpy())
        order_of = np.argsort(exact, axis=1, kind="stable")[:, :k]
        distances[rows] = np.take_along_axis(exact, order_of, 1)
        found[rows] = np.take_along_axis(places.numpy(), order_of, 1)
        done += len(query)
        if progress is not None:
            progress(done, len(queries))
    return distances, found


def _hide_diagonal(part: Tensor, rows: slice, columns: slice) -> None:
    """Set the distance of each row to itself to infinity, where this block holds it."""
    first, last = max(rows.start, columns.start), min(rows.stop, columns.stop)
    if first < last:
        same = torch.arange(first, last)
        part[same - rows.start, same - columns.start] = torch.inf


def _exact_distances(
    queries: Features, references: Features, places: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Distances of each query to its candidates (n, k), from differences in float64."""
    result = np.empty(places.shape, dtype=np.float32)
    for column in range(places.shape[1]):
        for part in blocks(len(queries), 1024):
            gaps = queries[part].astype(np.float64) - references[places[part, column]]
            result[part, column] = np.sqrt(np.einsum("nd,nd->n", gaps, gaps))
    return result
