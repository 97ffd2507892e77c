"""Recall: how much of the variety of real images is generated.

Kynkäänniemi et al. 2019 (arXiv 1904.06991), section 3, equation 2.
"""

from zerosum.evaluation.scores.errors import jackknife
from zerosum.evaluation.scores.given import Given
from zerosum.evaluation.scores.neighbourhoods import Neighbourhoods
from zerosum.evaluation.scores.score import Result


def recall(found: Neighbourhoods) -> Result:
    """The share of real images that lie in the neighbourhood (k = 3) of any generated one."""
    value = float(found.real_in_fake.double().mean())
    without = found.real_without_fold.double().mean(-1)
    return jackknife(value, without.tolist())


def score(given: Given) -> Result:
    """`recall` of what is given."""
    return recall(given.neighbourhoods)
