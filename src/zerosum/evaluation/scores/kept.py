"""What scores need of real images alone: computed once, and remembered."""

import zlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zerosum.evaluation.scores.distances import Features

Array = NDArray[np.float32] | NDArray[np.float64]


class Kept(Protocol):
    """Arrays of one matrix of features, each under what it is and what else it depends on."""

    def read(self, what: str, depends: Sequence[object], like: Array) -> Array | None:
        """The array, of the shape and type of `like`; None where it is not known."""

    def write(self, what: str, depends: Sequence[object], array: Array) -> None:
        """Remember an array."""

    def of(self, features: Features, /) -> "Kept":
        """The same for another matrix, such as a half of the images."""


class Remembered:
    """Arrays that last as long as their matrix does."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Array] = {}

    def read(self, what: str, depends: Sequence[object], like: Array) -> Array | None:
        """As `Kept` says."""
        found = self._known.get((what, repr(tuple(depends))))
        return found if found is not None and found.shape == like.shape else None

    def write(self, what: str, depends: Sequence[object], array: Array) -> None:
        """As `Kept` says."""
        self._known[what, repr(tuple(depends))] = array

    def of(self, _features: Features, /) -> Kept:
        """As `Kept` says."""
        return Remembered()


def content_of(array: NDArray[Any]) -> str:
    """The same for the same numbers, in practice for those alone: their shape and their CRC-32."""
    return f"{array.shape} {zlib.crc32(np.ascontiguousarray(array).data):08x}"


def once(
    kept: Kept, what: str, depends: Sequence[object], like: Array, compute: Callable[[], Array]
) -> Array:
    """The array that is known, or what `compute` gives, from then on known."""
    found = kept.read(what, depends, like)
    if found is None:
        found = compute()
        kept.write(what, depends, found)
    return found
