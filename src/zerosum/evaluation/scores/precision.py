"""Precision: how much of what is generated is like real images.

Kynkäänniemi et al. 2019 (arXiv 1904.06991), section 3, equation 2.
"""

from zerosum.evaluation.scores.neighbourhoods import Neighbourhoods
from zerosum.evaluation.scores.score import Result, Score, with_error

PRECISION = Score(
    "precision", "higher", "standard error from 5 disjoint subsets of the generated images"
)


def precision(found: Neighbourhoods) -> Result:
    """The share of generated images that lie in the neighbourhood (k = 3) of any real one."""
    inside = found.fake_in_real.float()
    return with_error(float(inside.mean()), [float(inside[part].mean()) for part in found.parts])
