"""Density: how many real neighbourhoods a generated image lies in, on average.

Naeem et al. 2020 (arXiv 2002.09797), section 4, equation 7.
"""

from zerosum.evaluation.scores.errors import of_mean
from zerosum.evaluation.scores.given import Given
from zerosum.evaluation.scores.neighbourhoods import Neighbourhoods
from zerosum.evaluation.scores.score import Result


def density(found: Neighbourhoods) -> Result:
    """The mean number of real neighbourhoods (k = 5) around a generated image, divided by k.

    1 for real images against others of the same distribution; over 1 where generated images crowd
    where real ones are dense.
    """
    return of_mean((found.balls / found.k_coverage).double().numpy())


def score(given: Given) -> Result:
    """`density` of what is given."""
    return density(given.neighbourhoods)
