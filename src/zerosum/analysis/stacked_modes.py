"""The 1,000 modes of stacked digits, counted (Metz et al. 2017, arXiv 1611.02163, appendix D)."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from zerosum.analysis.class_counts import UNSURE, require_enough
from zerosum.evaluation.classes import classify_digits
from zerosum.evaluation.extractors import Extractor
from zerosum.evaluation.extractors.digits import TEN_DIGITS
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage

STACKED_SAMPLES = 25_600
"""As in Metz et al. 2017 (arXiv 1611.02163), appendix D, and Lin et al. 2018 (arXiv 1712.04086)."""
STACKED = len(TEN_DIGITS) ** 3


@dataclass(frozen=True)
class StackedModes:
    """Images of three digits, one a colour channel: 1,000 modes."""

    images: int
    counts: tuple[int, ...]
    """Images of the modes 000 to 999: red, green, blue."""
    covered: int
    """Modes with one image at least."""
    divergence: float
    """KL(generated ‖ uniform over 1,000 modes) in nats: 0 when each is made alike, 6.9 for one."""
    confidence: float
    unsure: float

    def verdict(self) -> str:
        """In words: modes with an image, and how many so many images could show."""
        words = f"covers {self.covered:,} of {STACKED:,} modes"
        if self.expected > STACKED - 1:
            return words
        return (
            f"{words}; {self.images:,} images are too few to show all: real ones would show about "
            f"{self.expected:,.0f}"
        )

    @property
    def expected(self) -> float:
        """Modes with an image among so many that are spread evenly, on average."""
        return float(STACKED * (1 - (1 - 1 / STACKED) ** self.images))

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self) | {"verdict": self.verdict()}


def count_stacked(images: Images, extractor: Extractor, *, stage: Stage) -> StackedModes:
    """Each channel of colour images is classified as a digit; red, green and blue make the mode.

    Raises UsageError for fewer than 50 images.
    """
    require_enough(len(images))
    labels = classify_digits(_channels(images), extractor, stage=stage, keep=False)
    modes = labels.classes.reshape(-1, 3) @ np.array([100, 10, 1])
    counts = np.bincount(modes, minlength=STACKED)
    shares = counts[counts > 0] / counts.sum()
    return StackedModes(
        images=len(images),
        counts=tuple(int(count) for count in counts),
        covered=int((counts > 0).sum()),
        divergence=float((shares * np.log(shares * STACKED)).sum()),
        confidence=float(labels.confidence.mean()),
        unsure=float((labels.confidence < UNSURE).mean()),
    )


def _channels(images: Images) -> Images:
    """The channels of colour images as grey ones: red, green and blue of the first, and so on."""
    height, width, channels = images.shape

    def read(first: int, count: int) -> NDArray[np.uint8]:
        before, behind = first // channels, -(-(first + count) // channels)
        pixels = images.read(before, behind - before).transpose(0, 3, 1, 2)
        planes = pixels.reshape(-1, height, width, 1)
        start = first - before * channels
        return planes[start : start + count]

    return Images(
        images.name,
        len(images) * channels,
        (height, width, 1),
        f"{images.fingerprint} channels",
        read,
    )
