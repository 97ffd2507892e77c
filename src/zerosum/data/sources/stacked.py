"""Stacked digits: three handwritten digits as red, green and blue, 1,000 modes.

The set on which mode collapse is counted (Metz et al. 2017, arXiv 1611.02163, appendix D), here
made of the bundled digits.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from zerosum.data.sources.idx import (
    DIGITS,
    DIGITS_FOR_TRAINING,
    open_digits,
    read_idx,
)
from zerosum.data.sources.source import File, Source
from zerosum.randomness import random_for

PARTS = {"train": 40_000, "test": 10_000}
"""Images to train on, made of the digits that train, and held out, made of the others."""
FORMAT = 1  # of the choice; another number makes new packs


def open_stacked_digits() -> Source:
    """50,000 colour images of three digits each; the class is their number, 000 to 999.

    Which digits stand in which image is fixed for ever.
    """
    labels = _digits("labels-idx1")
    chosen = {part: _chosen(part) for part in PARTS}

    def names() -> list[str]:
        listed = []
        for part, rows in chosen.items():
            modes = labels[part][rows].astype(int) @ np.array([100, 10, 1])
            listed += [f"{part}/{mode:03d}/{index:05d}.ppm" for index, mode in enumerate(modes)]
        return listed

    def read(wanted: Sequence[str]) -> Iterator[File]:
        pixels = _digits("images-idx3")
        for file in wanted:
            part, _, name = file.split("/")
            three = pixels[part][chosen[part][int(name.removesuffix(".ppm"))]]
            _, height, width = three.shape
            content = np.ascontiguousarray(three.transpose(1, 2, 0)).tobytes()
            yield File(file, b"P6 %d %d 255\n" % (width, height) + content)

    return Source("stacked-digits", f"stacked {FORMAT} {open_digits().signature}", names, read)


def _chosen(part: str) -> NDArray[np.int64]:
    """The rows of the digits of each image, (images, 3)."""
    digits = {"train": DIGITS_FOR_TRAINING, "test": 10_000 - DIGITS_FOR_TRAINING}[part]
    random = random_for(0, f"stacked-digits {part}")
    rows: NDArray[np.int64] = random.integers(0, digits, (PARTS[part], 3))
    return rows


def _digits(kind: str) -> dict[str, NDArray[np.uint8]]:
    """The bundled images or labels, by part."""
    everything = read_idx(DIGITS / f"{kind}-ubyte.xz")
    return {
        "train": everything[:DIGITS_FOR_TRAINING],
        "test": everything[DIGITS_FOR_TRAINING:],
    }
