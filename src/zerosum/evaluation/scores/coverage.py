"""Coverage: the share of real images that have a generated one near them.

Naeem et al. 2020 (arXiv 2002.09797), section 4, equation 8.
"""

import torch

from zerosum.evaluation.scores.errors import of_losses
from zerosum.evaluation.scores.neighbourhoods import Neighbourhoods
from zerosum.evaluation.scores.score import Result, Score

COVERAGE = Score(
    "coverage",
    "higher",
    "jackknife: what would be lost without each generated image",
    share=True,
    floor=True,
)


def coverage(found: Neighbourhoods) -> Result:
    """The share of real images in whose neighbourhood (k = 5) any generated image lies.

    Unlike recall it does not grow with outliers among the generated images, whose neighbourhoods
    are large.
    """
    covering, reals = found.covering, len(found.covering)
    alone = found.coverer[covering == 1]
    losses = torch.bincount(alone, minlength=len(found.balls)).double().numpy() / reals
    return of_losses(float((covering > 0).double().mean()), losses)
