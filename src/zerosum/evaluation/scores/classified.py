"""Which class an image is of: by a classifier's logits, or by its nearest labelled images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.evaluation.scores.distances import Features, nearest

NEIGHBOURS = 5


@dataclass(frozen=True)
class Labels:
    """The class of each image (count,) int64, and the classifier's probability for it."""

    classes: NDArray[np.int64]
    confidence: NDArray[np.float64]


def most_likely(logits: NDArray[np.float32]) -> Labels:
    """The likeliest class of each row of logits (count, classes), and its probability."""
    probabilities = torch.from_numpy(np.array(logits)).double().softmax(1)
    confidence, classes = probabilities.max(1)
    return Labels(classes.numpy(), confidence.numpy())


def neighbours_vote(
    queries: Features, known: Features, classes: NDArray[np.int64], class_count: int
) -> Labels:
    """Images by the majority of their 5 nearest labelled images, from features (count, dimension)
    and the classes of the known ones, int64 (known,); the share of votes is the confidence, ties go
    to the nearer."""
    _, rows = nearest(queries, known, min(NEIGHBOURS, len(known)))
    return vote(classes[rows], class_count)


def vote(near: NDArray[np.int64], class_count: int) -> Labels:
    """The majority of neighbours' classes (count, k), nearest first."""
    count, k = near.shape
    votes = np.zeros((count, class_count))
    for place in range(k):
        # A little more weight for the nearer, and for each more than for all behind it: enough to
        # break ties, too little to turn a majority.
        weight = 1 + 1e-3 * 2.0 ** (k - place)
        votes[np.arange(count), near[:, place]] += weight
    classes = votes.argmax(1)
    return Labels(classes, np.floor(votes[np.arange(count), classes]) / k)


def renumbered(
    classes: NDArray[np.int64], own_names: Sequence[str], names: Sequence[str]
) -> NDArray[np.int64]:
    """Classes (count,), which number their own names, by the numbers of these names; -1 for those
    that are not among them."""
    places = {name: place for place, name in enumerate(names)}
    numbers = np.array([places.get(name, -1) for name in own_names], dtype=np.int64)
    return numbers[classes]
