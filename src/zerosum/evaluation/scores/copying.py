"""Copying: the share of generated images that are nearer to a training image than it is to others.

In the spirit of Meehan et al. 2020 (arXiv 2004.05675), who compare such distances with those of
held-out images: what held-out images give here is the base line.
"""

import numpy as np

from zerosum.evaluation.scores.distances import Features, nearest
from zerosum.evaluation.scores.errors import of_mean
from zerosum.evaluation.scores.score import Result, Score

COPYING = Score("copying", "lower", "of a mean over the generated images", share=True)


def copying(fake: Features, train: Features) -> Result:
    """The share of generated images that are strictly closer to their nearest training image than
    that one is to any other training image. About a half or less for new images of the same
    distribution; near 1 for copies.
    """
    distances, rows = nearest(fake, train, 1)
    own, _ = nearest(train, train, 1, exclude_self=True)
    return of_mean((distances[:, 0] < own[rows[:, 0], 0]).astype(np.float64))
