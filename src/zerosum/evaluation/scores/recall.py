"""Recall: how much of the variety of real images is generated.

Kynkäänniemi et al. 2019 (arXiv 1904.06991), section 3, equation 2.
"""

from zerosum.evaluation.scores.neighbourhoods import Neighbourhoods
from zerosum.evaluation.scores.score import Result, Score, with_error

RECALL = Score("recall", "higher", "standard error from 5 disjoint subsets of the generated images")


def recall(found: Neighbourhoods) -> Result:
    """The share of real images that lie in the neighbourhood (k = 3) of any generated one."""
    parts = [float(inside.float().mean()) for inside in found.real_in_part]
    return with_error(float(found.real_in_fake.float().mean()), parts)
