"""Copying: the share of generated images that are nearer to a training image than it is to others.

In the spirit of Meehan et al. 2020 (arXiv 2004.05675), who compare such distances with those of
held-out images: what held-out images give here is the base line.
"""

import numpy as np

from zerosum.errors import UsageError
from zerosum.evaluation.scores.distances import Features, blocks, nearest
from zerosum.evaluation.scores.errors import of_mean
from zerosum.evaluation.scores.given import Given
from zerosum.evaluation.scores.score import Result


def copying(fake: Features, train: Features) -> Result:
    """The share of generated images that are strictly closer to their nearest training image than
    that one is to any other training image. About a half or less for new images of the same
    distribution; near 1 for copies. An image that was trained on twice counts once.
    Where all training images are the same, the share that equals it.
    """
    train = _different(train)
    distances, rows = nearest(fake, train, 1)
    if len(train) == 1:
        own = np.full((1, 1), np.finfo(np.float32).tiny)
    else:
        own, _ = nearest(train, train, 1, exclude_self=True)
    return of_mean((distances[:, 0] < own[rows[:, 0], 0]).astype(np.float64))


def _different(features: Features) -> Features:
    """The first of each kind of rows."""
    first: dict[bytes, int] = {}
    for part in blocks(len(features)):
        for number, row in enumerate(features[part], part.start):
            first.setdefault(row.tobytes(), number)
    return features if len(first) == len(features) else features[list(first.values())]


def score(given: Given) -> Result:
    """`copying` of what is given. Raises UsageError without training images."""
    if given.train is None or len(given.train) < 2:
        raise UsageError("`copying` needs the training images", "leave `copying` out")
    return copying(given.fake, given.train)
