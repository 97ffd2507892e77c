"""Density: how many real neighbourhoods a generated image lies in, on average.

Naeem et al. 2020 (arXiv 2002.09797), section 4, equation 7.
"""

from zerosum.evaluation.scores.neighbourhoods import Neighbourhoods
from zerosum.evaluation.scores.score import Result, Score, with_error

DENSITY = Score(
    "density", "higher", "standard error from 5 disjoint subsets of the generated images"
)


def density(found: Neighbourhoods) -> Result:
    """The mean number of real neighbourhoods (k = 5) around a generated image, divided by k.

    1 for real images against others of the same distribution; over 1 where generated images crowd
    where real ones are dense.
    """
    shares = found.balls / found.k_coverage
    return with_error(float(shares.mean()), [float(shares[part].mean()) for part in found.parts])
