"""What is scored: images in a fixed order, from a pack on disk or straight from a generator."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zerosum.data import Split
from zerosum.generation import TrainedGenerator

Read = Callable[[int, int], NDArray[np.uint8]]


@dataclass(frozen=True)
class Images:
    """`count` images of shape (H, W, C), uint8.

    `read(first, n)` gives the images numbered `first` to `first + n - 1`, (n, H, W, C).
    `fingerprint` is the same for the same images and differs for others; features are cached under
    it. `labels` (int64, count) number the `class_names`, where the images have classes. `fit` is
    how pictures became these squares, as `fit_name` says it; "" where nothing was done to them.
    """

    name: str
    count: int
    shape: tuple[int, int, int]
    fingerprint: str
    read: Read
    labels: NDArray[np.int64] | None = None
    class_names: tuple[str, ...] = ()
    fit: str = ""

    def __len__(self) -> int:
        return self.count

    def batches(self, size: int) -> Iterator[NDArray[np.uint8]]:
        """All images in order, (n, H, W, C) with n = `size` but for the last."""
        for first in range(0, self.count, size):
            yield self.read(first, min(size, self.count - first))

    def first(self, count: int) -> "Images":
        """The first `count` of them (all, where there are fewer)."""
        if count >= self.count:
            return self
        labels = None if self.labels is None else self.labels[:count]
        return replace(
            self,
            count=count,
            labels=labels,
            fingerprint=_digest(self.fingerprint, "first", count),
        )


def split_images(split: Split, name: str, pack_fingerprint: str, fit: str = "") -> Images:
    """The images of a split, in its order. `pack_fingerprint` is that of its `PackedData`, `fit`
    how its pictures became squares."""
    rows = hashlib.sha256(np.ascontiguousarray(split.rows).tobytes()).hexdigest()
    _, height, width, channels = split.pixels.shape

    def read(first: int, count: int) -> NDArray[np.uint8]:
        return split.pixels[split.rows[first : first + count]]

    return Images(
        name,
        len(split),
        (height, width, channels),
        _digest(pack_fingerprint, rows),
        read,
        None if split.labels is None else split.labels[split.rows],
        split.class_names,
        fit,
    )


def generated_images(
    generator: TrainedGenerator, count: int, *, seed: int = 0, first: int = 0, weights: str
) -> Images:
    """The pictures numbered `first` to `first + count - 1` of `zerosum sample --seed SEED`.

    `weights` is a checksum of the generator's weights file: with it the fingerprint says which
    pictures these are without making them.
    """
    side, channels = generator.recipe.data.resolution, generator.recipe.data.channels
    network = generator.recipe.network.model_dump(mode="json")
    device = str(generator.device)

    def read(start: int, number: int) -> NDArray[np.uint8]:
        numbers = range(first + start, first + start + number)
        return generator(generator.latents(seed, numbers))

    fingerprint = _digest("generated", weights, json.dumps(network), device, seed, first, count)
    return Images(generator.run, count, (side, side, channels), fingerprint, read)


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()
