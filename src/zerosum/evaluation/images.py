"""What is scored: images in a fixed order, from a pack on disk or from whoever makes them."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerosum.data import Split

Read = Callable[[int, int], NDArray[np.uint8]]


@dataclass(frozen=True)
class FileKind:
    """What the files of a set are: shares of 0 to 1."""

    lossy: float
    """Compressed with loss: JPEG, or WebP that says so."""
    grey: float
    """Without colours, however they are stored."""


@dataclass(frozen=True)
class Images:
    """`count` images of shape (H, W, C), uint8.

    `read(first, n)` gives the images numbered `first` to `first + n - 1`, (n, H, W, C).
    `fingerprint` is the same for the same images and differs for others; features are cached under
    it. `labels` (int64, count) number the `class_names`, where the images have classes. `fit` is
    how pictures became these squares, as `fit_name` says it; "" where nothing was done to them.
    `kind` is what their files are; None where they have none, or it was not looked at. `notes` are
    what to know of how they were read.
    """

    name: str
    count: int
    shape: tuple[int, int, int]
    fingerprint: str
    read: Read
    labels: NDArray[np.int64] | None = None
    class_names: tuple[str, ...] = ()
    fit: str = ""
    kind: FileKind | None = None
    notes: tuple[str, ...] = ()
    part: str = ""
    """Of real images: "train", "held out" or "all" of their data, or as a reference says."""
    features: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """By layer (count, dimension): of a saved reference, which has no pixels to compute them of."""
    checkpoint: str = ""
    """Images that their generator had seen, nine digits; empty for images from elsewhere."""
    weights: str = ""
    """Of the generator: "average" or "last"; empty for images from elsewhere."""
    number: int = 0
    """Of the first picture, among those of the generator and seed."""

    def __len__(self) -> int:
        return self.count

    def batches(self, size: int, start: int = 0) -> Iterator[NDArray[np.uint8]]:
        """The images from number `start` on: (n, H, W, C) with n = `size` but for the last."""
        for first in range(start, self.count, size):
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
            features={},
            fingerprint=digest(self.fingerprint, "first", count),
        )

    def chosen(self, rows: NDArray[np.int64]) -> "Images":
        """The images of these numbers, in this order."""
        rows = np.asarray(rows, dtype=np.int64)

        def read(first: int, count: int) -> NDArray[np.uint8]:
            wanted = rows[first : first + count]
            if not len(wanted):
                return np.empty((0, *self.shape), np.uint8)
            return np.concatenate([self.read(int(row), 1) for row in wanted])

        return replace(
            self,
            count=len(rows),
            labels=None if self.labels is None else self.labels[rows],
            fingerprint=digest(
                self.fingerprint, "chosen", hashlib.sha256(rows.tobytes()).hexdigest()
            ),
            features={},
            read=read,
        )


def split_images(
    split: Split, name: str, pack_fingerprint: str, fit: str = "", part: str = ""
) -> Images:
    """The images of a split, in its order. `pack_fingerprint` is that of its `PackedData`, `fit`
    how its pictures got their size, `part` which split it is."""
    rows = hashlib.sha256(np.ascontiguousarray(split.rows).tobytes()).hexdigest()
    _, height, width, channels = split.pixels.shape

    def read(first: int, count: int) -> NDArray[np.uint8]:
        return split.take(np.arange(first, min(first + count, len(split))))

    return Images(
        name,
        len(split),
        (height, width, channels),
        digest(pack_fingerprint, rows),
        read,
        None if split.labels is None else split.labels[split.rows],
        split.class_names,
        fit,
        part=part,
    )


def require_pixels(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """The same array. Raises TypeError unless it is (n, height, width, channels) uint8, of 1
    channel or 3."""
    if pixels.dtype != np.uint8:
        raise TypeError(
            f"an array of images is uint8, 0 to 255, and this is {pixels.dtype}: "
            "(255 * images).round().astype('uint8') makes it of values from 0 to 1"
        )
    if pixels.ndim != 4 or 0 in pixels.shape[1:3] or pixels.shape[3] not in (1, 3):
        shape = " × ".join(map(str, pixels.shape))
        raise TypeError(
            f"an array of images is n × height × width × 1 or 3 channels, and this is {shape}"
        )
    return pixels


def array_images(pixels: NDArray[np.uint8], name: str = "array") -> Images:
    """An array of images (n, height, width, channels) uint8, of 1 channel or 3; (n, height, width)
    is grey. Raises TypeError for any other."""
    shape = " × ".join(map(str, pixels.shape))
    content = np.ascontiguousarray(
        require_pixels(pixels[..., None] if pixels.ndim == 3 else pixels)
    )
    fingerprint = digest("array", shape, hashlib.sha256(content.data).hexdigest())
    _, height, width, channels = content.shape

    def read(first: int, count: int) -> NDArray[np.uint8]:
        return content[first : first + count]

    return Images(name, len(content), (height, width, channels), fingerprint, read)


def digest(*parts: object) -> str:
    """A fingerprint of parts: the same for the same ones alone."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()
