"""Stacked digits: three handwritten digits as red, green and blue, 1,000 modes.

The set on which mode collapse is counted (Metz et al. 2017, arXiv 1611.02163, appendix D), made of
the bundled digits or of MNIST.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zerosum.data.sources.idx import (
    LabelledPart,
    bundled_digits,
    require_images,
    standard_files,
)
from zerosum.data.sources.source import File, Source
from zerosum.randomness import random_for

OF_DIGITS = {"train": 40_000, "test": 10_000}
"""Images to train on, made of the digits that train, and held out, made of the others."""
OF_MNIST = {"train": 128_000, "test": 10_000}
"""To train on as many as Lin et al. 2018 have (arXiv 1712.04086, section 4.1)."""
FORMAT = 1  # of the choice; another number makes new packs


def open_stacked_digits() -> Source:
    """50,000 colour images of three bundled digits each."""
    return _stacked("stacked-digits", OF_DIGITS, *bundled_digits())


def open_stacked_mnist(folder: Path) -> Source:
    """138,000 colour images of three digits each, of MNIST's four standard files in `folder`."""
    return _stacked("stacked-mnist", OF_MNIST, *standard_files(folder))


def _stacked(
    name: str, counts: Mapping[str, int], signature: str, parts: Mapping[str, LabelledPart]
) -> Source:
    """Colour images of three digits each; the class is their number, 000 to 999.

    Which digits stand in which image is fixed for ever.
    """

    def rows(part: str, digits: int) -> NDArray[np.int64]:
        """The rows of the digits of each image, (images, 3)."""
        random = random_for(0, f"{name} {part}")
        chosen: NDArray[np.int64] = random.integers(0, digits, (counts[part], 3))
        return chosen

    def names() -> list[str]:
        listed = []
        for part in counts:
            labels = parts[part].labels()
            modes = labels[rows(part, len(labels))].astype(int) @ np.array([100, 10, 1])
            listed += [f"{part}/{mode:03d}/{index:05d}.ppm" for index, mode in enumerate(modes)]
        return listed

    def read(wanted: Sequence[str]) -> Iterator[File]:
        pixels, chosen = {}, {}
        for part in counts:
            digits = len(parts[part].labels())
            pixels[part], chosen[part] = parts[part].images(), rows(part, digits)
            require_images(pixels[part], digits, parts[part])
        for file in wanted:
            part, _, index = file.split("/")
            three = pixels[part][chosen[part][int(index.removesuffix(".ppm"))]]
            _, height, width = three.shape
            content = np.ascontiguousarray(three.transpose(1, 2, 0)).tobytes()
            yield File(file, b"P6 %d %d 255\n" % (width, height) + content)

    return Source(name, f"stacked {FORMAT} idx {signature}", names, read)
