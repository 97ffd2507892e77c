"""What a score is: a number with its error, and what a reader must know of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zerosum.randomness import random_for

SUBSETS = 5
"""Disjoint parts of the generated images, whose scores tell how much a score scatters."""


@dataclass(frozen=True)
class Result:
    """A score. `error` is a standard error or deviation, as the score says; None: there is none."""

    value: float
    error: float | None = None


@dataclass(frozen=True)
class Score:
    """How a score is shown: its title, which way is better, and what its error is."""

    title: str
    better: Literal["lower", "higher"]
    error: str


def with_error(value: float, parts: Sequence[float]) -> Result:
    """A score and its standard error from the scores of disjoint subsets: deviation / √subsets.

    Not by bootstrap: a sample drawn with repetition has fewer different images, which makes FID
    larger and recall smaller than they are.
    """
    if len(parts) < 2:
        return Result(value)
    mean = sum(parts) / len(parts)
    variance = sum((part - mean) ** 2 for part in parts) / (len(parts) - 1)
    return Result(value, math.sqrt(variance / len(parts)))


def subsets(count: int) -> list[NDArray[np.int64]]:
    """The rows, ascending, of disjoint random parts of `count` images; none of fewer than 10.

    Random, because a folder's images come in the order of their names, which is often by class.
    """
    size = count // SUBSETS
    if size < 10:
        return []
    shuffled = random_for(0, "subsets", count).permutation(count)
    return [np.sort(shuffled[i * size : (i + 1) * size]) for i in range(SUBSETS)]
