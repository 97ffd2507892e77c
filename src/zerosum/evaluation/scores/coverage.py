"""Coverage: the share of real images that have a generated one near them.

Naeem et al. 2020 (arXiv 2002.09797), section 4, equation 8.
"""

import math

import numpy as np

from zerosum.evaluation.scores.errors import FEWEST
from zerosum.evaluation.scores.given import Given
from zerosum.evaluation.scores.neighbourhoods import Neighbourhoods
from zerosum.evaluation.scores.score import Result

WEIGHTS = np.array([0, 1, -1, 1, -0.5])
"""Of real images with so many generated ones near them. (-1)^(n + 1) for every n would be unbiased;
the later terms are smaller than their noise."""


def coverage(found: Neighbourhoods) -> Result:
    """The share of real images in whose neighbourhood (k = 5) any generated image lies.

    Unlike recall it does not grow with outliers among the generated images, whose neighbourhoods
    are large.
    """
    covering = found.covering.numpy()
    value = float((covering > 0).mean())
    if len(found.balls) < FEWEST:
        return Result(value)
    return Result(value, math.sqrt(variance(found)), len(found.balls) - 1)


def variance(found: Neighbourhoods) -> float:
    """Of the share, over other generated images.

    Two real images that both have x generated ones near them on average, of λ and μ near either,
    are both uncovered with the covariance exp(-λ - μ) (exp(x) - 1). With exp(x) (1 - exp(-x)) =
    exp(x) (x - x²/2 + x³/6 - …), and since S is the set of generated ones near both with a
    probability whose sum over sets of m is exp(x - λ - μ) x^m / m!, the sum over all pairs is that
    of (-1)^(|S| + 1) c², c being how many real images have S near them. The jackknife is the first
    term alone, which is too large; it bounds the sum from below by its fourth. That the number of
    generated images is fixed takes the last term off.
    """
    covering = found.covering.numpy()
    few = (covering > 0) & (covering < len(WEIGHTS))
    _, first, same = np.unique(found.coverers.numpy()[few], return_index=True, return_counts=True)
    near = covering[few][first]
    squares = np.square(same.astype(np.float64))
    fixed = float((covering == 1).sum()) ** 2 / len(found.balls)
    jackknife = float(squares[near == 1].sum()) - fixed
    total = float((WEIGHTS[near] * squares).sum()) - fixed
    return max(total, jackknife / 4, 0.0) / len(covering) ** 2


def score(given: Given) -> Result:
    """`coverage` of what is given."""
    return coverage(given.neighbourhoods)
