"""Sums of squares of a table of scores: what each axis explains, with others or without."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Levels = NDArray[np.int64]


@dataclass(frozen=True)
class Design:
    """Which cells have which values, as bases of the spaces that each model can fit.

    Every basis is orthonormal, float64 (cells, dimension); a model's fit is basis @ basis.T @ y.
    """

    main: Floats
    """The grand mean and the main effects of all axes."""
    without: tuple[Floats, ...]
    """The same without one axis, for each of them."""
    settings: Floats
    """A mean of its own for each setting: main effects and all interplay."""

    @property
    def cells(self) -> int:
        """The number of cells."""
        return len(self.main)

    def freedom(self) -> tuple[tuple[int, ...], int, int]:
        """Degrees of freedom of each axis, of their interplay, and of the seed."""
        main, settings = self.main.shape[1], self.settings.shape[1]
        axes = tuple(main - basis.shape[1] for basis in self.without)
        return axes, settings - main, self.cells - settings


@dataclass(frozen=True)
class Squares:
    """Sums of squares of tables of scores, (tables,) each."""

    total: Floats
    axes: tuple[Floats, ...]
    """What the fit loses when one axis is dropped from all main effects (type II)."""
    interplay: Floats
    seed: Floats


def design(levels: Sequence[Levels], setting: Levels) -> Design:
    """The models of cells: for each axis the number of a cell's value, int64 (cells,), and the
    number of its setting."""
    ones = np.ones((len(setting), 1))
    dummies = [_dummies(own) for own in levels]
    main = _basis([ones, *dummies])
    without = tuple(
        _basis([ones, *(own for place, own in enumerate(dummies) if place != dropped)])
        for dropped in range(len(levels))
    )
    return Design(main, without, _basis([_dummies(setting)]))


def sums_of_squares(found: Design, tables: Floats) -> Squares:
    """Of tables of scores, float64 (cells, tables)."""
    centred = tables - tables.mean(axis=0)
    explained = _explained(found.main, centred)
    settings = _explained(found.settings, centred)
    total: Floats = (centred**2).sum(axis=0)
    return Squares(
        total,
        tuple(np.maximum(explained - _explained(basis, centred), 0.0) for basis in found.without),
        np.maximum(settings - explained, 0.0),
        np.maximum(total - settings, 0.0),
    )


def fitted(basis: Floats, scores: Floats) -> Floats:
    """What a model makes of scores, (cells,) both."""
    fit: Floats = basis @ (basis.T @ scores)
    return fit


def _explained(basis: Floats, centred: Floats) -> Floats:
    squares: Floats = ((basis.T @ centred) ** 2).sum(axis=0)
    return squares


def _dummies(levels: Levels) -> Floats:
    """A column of ones and zeros for each value, float64 (cells, values)."""
    dummies: Floats = (levels[:, None] == np.unique(levels)[None, :]).astype(np.float64)
    return dummies


def _basis(columns: Sequence[Floats]) -> Floats:
    """An orthonormal basis of the space of the columns: the left singular vectors of those singular
    values that are not zero but for rounding."""
    u, s, _ = np.linalg.svd(np.concatenate(columns, axis=1), full_matrices=False)
    basis: Floats = u[:, s > 1e-9 * s[0]]
    return basis
