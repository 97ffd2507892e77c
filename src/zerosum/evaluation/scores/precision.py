"""Precision: how much of what is generated is like real images.

Kynkäänniemi et al. 2019 (arXiv 1904.06991), section 3, equation 2.
"""

from zerosum.evaluation.scores.errors import of_mean
from zerosum.evaluation.scores.given import Given
from zerosum.evaluation.scores.neighbourhoods import Neighbourhoods
from zerosum.evaluation.scores.score import Result


def precision(found: Neighbourhoods) -> Result:
    """The share of generated images that lie in the neighbourhood (k = 3) of any real one."""
    return of_mean(found.fake_in_real.double().numpy())


def score(given: Given) -> Result:
    """`precision` of what is given."""
    return precision(given.neighbourhoods)
