"""Coverage: the share of real images that have a generated one near them.

Naeem et al. 2020 (arXiv 2002.09797), section 4, equation 8.
"""

from zerosum.evaluation.scores.neighbourhoods import Neighbourhoods
from zerosum.evaluation.scores.score import Result, Score, with_error

COVERAGE = Score(
    "coverage", "higher", "standard error from 5 disjoint subsets of the generated images"
)


def coverage(found: Neighbourhoods) -> Result:
    """The share of real images in whose neighbourhood (k = 5) any generated image lies.

    Unlike recall it does not grow with outliers among the generated images, whose neighbourhoods
    are large.
    """
    *parts, everything = (float(covered.float().mean()) for covered in found.covered)
    return with_error(everything, parts)
