"""What mattered: the share of a score's variance that each axis explains.

The cells' scores are split as in an analysis of variance with type II sums of squares: what the fit
by least squares on dummy variables loses when one axis is dropped from the main effects of all. On
a balanced grid these, the interplay (a mean for each setting beyond the main effects) and what is
left within settings (the seed) add up to the whole. Type II asks for no balance: failed cells may
be missing (Langsrud 2003, Statistics and Computing 13, 163-167). So are settings whose images are
not like the data: how far noise is from it is nothing to be explained.

A share of squares alone is too large, as chance explains a little with every value of an axis. So
the shares are epsilon squared (Kelley 1935, PNAS 21, 554-559): (SS − df · MS) / SS_total, MS being
the mean square of what is left, and of the seed df_total · MS / SS_total; they add up to 1 again.
What comes out below 0 is 0; should that bring the sum above 1, all are divided by it.

With one seed, what is left is interplay and luck together, and MS is theirs.

The errors are standard deviations of the shares over bootstrap tables: the fitted means (of the
settings; of the main effects with one seed) plus residuals drawn with repetition, which are first
enlarged by √(cells / df), as a fit leaves too small ones (Davison and Hinkley 1997, section 6.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerosum.comparing.setting_words import shown
from zerosum.comparing.variance import Design, Floats, Squares, design, fitted, sums_of_squares
from zerosum.randomness import random_for

BOOTSTRAPS = 500
MANY = 6
"""Numbers with more different values than this, and than half the cells, are taken in thirds: those
that were drawn."""
THIRDS = ("its lowest third", "its middle third", "its highest third")
EXACT = 1e-20
"""A sum of squares below this share of the squared scores is rounding."""


@dataclass(frozen=True)
class Share:
    """Of the variance, 0 to 1, with its standard error."""

    share: float
    error: float


@dataclass(frozen=True)
class AxisEffect:
    """What one axis does to a score."""

    axis: str
    share: Share
    means: tuple[tuple[str, float], ...]
    """The mean score at each value of the axis, all else equal: as the main effects have it,
    averaged over the cells' other axes."""


@dataclass(frozen=True)
class Effects:
    """The variance of a score over the cells of one group that were measured alike."""

    cells: int
    """How many have the score."""
    settings: int
    one_seed: bool
    score: str = ""
    group: int | None = None
    """The number of the group; None where nothing was scored."""
    left_out: tuple[str, ...] = ()
    """The names of the cells of the grid that have none."""
    unlike: tuple[str, ...] = ()
    """The names of those that have one and are not like the data."""
    axes: tuple[AxisEffect, ...] = ()
    """The strongest first."""
    fixed: tuple[str, ...] = ()
    """Axes of which nothing can be told: one value is left, or they change with another one."""
    interplay: Share | None = None
    """None with one seed, where it cannot be told from luck, and of an axis alone."""
    rest: Share | None = None
    """The seed's; with one seed luck and interplay together."""
    reason: str = ""
    """Why there are no numbers; "" where there are."""


def split(
    scores: Floats,
    axes: Sequence[str],
    values: Sequence[Sequence[Any]],
    settings: Sequence[str],
) -> Effects:
    """The effects in cells with these scores, float64 (cells,): for each axis the cells' values,
    and what tells their settings apart."""
    coded = [_levels(own) for own in values]
    setting = _numbers(settings)
    count = len(set(settings))

    def nothing(reason: str) -> Effects:
        return Effects(len(scores), count, len(scores) == count, reason=reason)

    if len(scores) < 4:
        return nothing("four cells with a score are the fewest that tell anything")
    # An average of many floats is not exact: equal scores leave a little.
    if ((scores - scores.mean()) ** 2).sum() <= EXACT * (scores**2).sum():
        return nothing("all cells score the same")
    found = design([numbers for numbers, _ in coded], setting)
    of_axes, of_interplay, of_seed = found.freedom()
    if not any(of_axes):
        return nothing("no axis has two values left that can be told from the others")
    if of_seed + of_interplay == 0:
        return nothing("one cell for each value: it takes two seeds, or a second axis")
    one_seed = of_seed == 0
    shares = _shares(found, sums_of_squares(found, scores[:, None]), one_seed)[:, 0]
    errors = _errors(found, scores, one_seed)
    fit = fitted(found.main, scores)
    told = [Share(float(s), float(e)) for s, e in zip(shares, errors, strict=True)]
    main = [
        AxisEffect(axis, share, _means(fit, others, scores, *own))
        for axis, share, free, others, own in zip(
            axes, told[:-2], of_axes, found.without, coded, strict=True
        )
        if free
    ]
    fixed = tuple(axis for axis, free in zip(axes, of_axes, strict=True) if not free)
    return Effects(
        len(scores),
        count,
        one_seed,
        axes=tuple(sorted(main, key=lambda effect: -effect.share.share)),
        fixed=fixed,
        interplay=told[-2] if of_interplay and not one_seed else None,
        rest=told[-1],
    )


def _shares(found: Design, squares: Squares, one_seed: bool) -> Floats:
    """Epsilon squared of each axis, of the interplay and of the rest, (axes + 2, tables)."""
    of_axes, of_interplay, of_seed = found.freedom()
    rest, free = squares.seed, of_seed
    parts, freedoms = [*squares.axes, squares.interplay], [*of_axes, of_interplay]
    if one_seed:
        rest, free = squares.interplay + squares.seed, of_interplay
        parts[-1], freedoms[-1] = np.zeros_like(rest), 0
    mean = rest / free
    total = np.where(squares.total > 0, squares.total, 1.0)
    own = np.stack(
        [(part - df * mean) / total for part, df in zip(parts, freedoms, strict=True)]
        + [(found.cells - 1) * mean / total]
    )
    clipped = np.clip(own, 0.0, 1.0)
    shares: Floats = clipped / np.maximum(clipped.sum(axis=0), 1.0)
    return shares


def _errors(found: Design, scores: Floats, one_seed: bool) -> Floats:
    """The standard deviation of each share over bootstrap tables, (axes + 2,)."""
    basis = found.main if one_seed else found.settings
    fit = fitted(basis, scores)
    free = found.cells - basis.shape[1]
    residuals = (scores - fit) * np.sqrt(found.cells / free)
    residuals -= residuals.mean()
    drawn = random_for(0, "effects", found.cells).integers(
        0, found.cells, (found.cells, BOOTSTRAPS)
    )
    tables = fit[:, None] + residuals[drawn]
    shares = _shares(found, sums_of_squares(found, tables), one_seed)
    errors: Floats = shares.std(axis=1, ddof=1)
    return errors


def _means(
    fit: Floats, others: Floats, scores: Floats, numbers: NDArray[np.int64], words: Sequence[str]
) -> tuple[tuple[str, float], ...]:
    """The mean of the main effects' fit at each value, as if the cells of every value had the same
    other axes; `others` is a basis of what these explain."""
    dummies = (numbers[:, None] == np.arange(len(words))[None, :]).astype(np.float64)
    # The two share a constant, so that the coefficients are sure up to one: their mean is set.
    own = np.linalg.lstsq(np.hstack([dummies, others]), fit, rcond=None)[0][: len(words)]
    own = own - (dummies @ own).mean() + scores.mean()
    return tuple((word, float(mean)) for word, mean in zip(words, own, strict=True))


def _levels(values: Sequence[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """The number of each value in the order of first appearance, and the values' texts; thirds of
    numbers of which there are many."""
    distinct = list(dict.fromkeys(map(_key, values)))
    numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    if numeric and len(distinct) > max(MANY, len(values) / 2):
        order = np.argsort(np.argsort(np.array(values, dtype=np.float64), kind="stable"))
        thirds = (3 * order) // len(values)
        return thirds.astype(np.int64), list(THIRDS)
    words = {_key(value): shown(value) for value in values}
    return _numbers(list(map(_key, values))), [words[key] for key in distinct]


def _key(value: Any) -> str:
    return repr(tuple(value) if isinstance(value, list) else value)


def _numbers(values: Sequence[str]) -> NDArray[np.int64]:
    order = {value: number for number, value in enumerate(dict.fromkeys(values))}
    return np.array([order[value] for value in values], dtype=np.int64)
