"""What a generator covers: its images counted by class, beside the data's own."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.extractors import Extractor
from zerosum.evaluation.features import Features, extract_features
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage
from zerosum.evaluation.scores import nearest

FEWEST = 50
STACKED_SAMPLES = 25_600
"""As in Metz et al. 2017 (arXiv 1611.02163), appendix D, and Lin et al. 2018 (arXiv 1712.04086)."""
DIGITS = 10
STACKED = DIGITS**3
NEIGHBOURS = 5
MISSED = 0.1
"""A class is missed that has less than this share of the images that the data would give it."""
LITTLE = 0.5
"""A class is under-represented that has less than this share of them, and by more than chance."""
UNSURE = 0.5
"""Images whose likeliest class has a lower probability look like none."""
EXPECTED = 3.0
"""Of a class of which fewer images are expected, none at all comes by chance too: with a
probability of e^-3, 5 %, or more."""
SAMPLED = 5_000
"""Real images, at most, that generated ones are compared with to see whether they are like any."""
USUAL = 0.99
"""So many real images are no farther than that from another one."""
UNLIKE = 0.8
"""What a classifier says of images means little where this share of them is farther."""
FEW_MODES = 0.5
"""Collapsed: fewer than this share of the classes are covered."""


@dataclass(frozen=True)
class Labels:
    """The class of each image (count,) int64, and the classifier's probability for it."""

    classes: NDArray[np.int64]
    confidence: NDArray[np.float64]


@dataclass(frozen=True)
class Modes:
    """Generated images by class."""

    class_names: tuple[str, ...]
    counts: tuple[int, ...]
    shares: tuple[float, ...]
    """Of the data's images, by class."""
    total_variation: float
    """Half the sum of the differences of both shares: 0 alike, 1 nothing in common."""
    chi_square: float
    p_value: float
    """Of counts at least as far from the data's shares, if they were drawn from these."""
    missed: tuple[str, ...]
    untold: tuple[str, ...]
    """As rare as if they were missed, but too few are expected to tell that from chance."""
    under_represented: tuple[str, ...]
    confidence: float
    """The classifier's mean probability for the class that it chose."""
    unsure: float
    """The share of images whose class has a probability below a half."""
    how: str
    """Who classified, in words."""
    unlike: float | None = None
    """The share of images that are like no real one (`unlike_share`); None where that is not known.
    """

    @property
    def images(self) -> int:
        """How many images were classified."""
        return sum(self.counts)

    @property
    def covered(self) -> int:
        """Classes of which there are enough images to say that they are not missed."""
        return len(self.class_names) - len(self.missed) - len(self.untold)

    def verdict(self) -> str:
        """In words: what is covered and what is not."""
        absent = {*self.missed, *self.untold}
        covered = [name for name in self.class_names if name not in absent]
        total = len(self.class_names)
        if self.unlike is not None and self.unlike > UNLIKE:
            return (
                f"{self.unlike:.0%} of the images are like no real one: their classes "
                f"({len(covered)} of {total}) say little"
            )
        left = total - len(self.missed)  # only classes that are surely missed make a collapse
        parts = [f"covers all {total} classes"] if not absent else []
        if self.missed and (left < FEW_MODES * total or left == 1):
            modes = "1 mode" if len(covered) == 1 else f"{len(covered)} modes"
            parts.append(f"collapsed to {modes} of {total}: {_listed(covered)}")
        elif self.missed:
            parts.append(f"misses {_listed(self.missed)}")
        if self.under_represented:
            parts.append(f"under-represents {_listed(self.under_represented)}")
        if self.untold:
            parts.append(f"{self.images:,} images are too few to tell of {_listed(self.untold)}")
        return "; ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"images": self.images, "verdict": self.verdict()}


def _listed(names: Sequence[str]) -> str:
    if len(names) > 12:
        return f"{', '.join(names[:12])}, … ({len(names)} in all)"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _require_enough(count: int) -> None:
    if count < FEWEST:
        images = "1 image is" if count == 1 else f"{count} images are"
        raise UsageError(f"{images} too few to count classes", f"classify {FEWEST} at least")


def count_modes(
    labels: Labels,
    class_names: Sequence[str],
    shares: NDArray[np.float64],
    how: str,
    unlike: float | None = None,
) -> Modes:
    """Counts by class against the data's shares (classes,), which sum to 1.

    Raises UsageError for fewer than 50 images: with ten classes, a smaller number misses one by
    chance alone.
    """
    _require_enough(len(labels.classes))
    counts = np.bincount(labels.classes, minlength=len(class_names))
    expected = shares * counts.sum()
    present = expected > 0
    statistic = float(((counts - expected)[present] ** 2 / expected[present]).sum())
    freedom = int(present.sum()) - 1
    p_value = float(
        torch.special.gammaincc(
            torch.tensor(max(freedom, 1) / 2, dtype=torch.float64),
            torch.tensor(statistic / 2, dtype=torch.float64),
        )
    )
    absent = present & (counts < MISSED * expected)
    told = expected >= EXPECTED
    by_chance = counts >= expected - 3 * np.sqrt(expected)
    little = present & ~absent & (counts < LITTLE * expected) & ~by_chance
    names = np.array(class_names)
    return Modes(
        class_names=tuple(class_names),
        counts=tuple(int(count) for count in counts),
        shares=tuple(float(share) for share in shares),
        total_variation=float(np.abs(counts / counts.sum() - shares).sum() / 2),
        chi_square=statistic,
        p_value=p_value,
        missed=tuple(str(name) for name in names[absent & told]),
        untold=tuple(str(name) for name in names[absent & ~told]),
        under_represented=tuple(str(name) for name in names[little]),
        confidence=float(labels.confidence.mean()),
        unsure=float((labels.confidence < UNSURE).mean()),
        how=how,
        unlike=unlike,
    )


def unlike_share(fake: Features, real: Features) -> float:
    """The share of generated images, by features (count, dimension), that are farther from their
    nearest real one than 99 of 100 real images are from theirs.

    A classifier must name a class for every picture, and is often sure of what it has never seen.
    """
    rows = np.linspace(0, len(real) - 1, min(SAMPLED, len(real))).astype(np.int64)
    sample = np.ascontiguousarray(real[rows])
    if len(sample) < 2:
        return 0.0
    own, _ = nearest(sample, sample, 1, exclude_self=True)
    found, _ = nearest(fake[:SAMPLED], sample, 1)
    return float((found[:, 0] > np.quantile(own[:, 0], USUAL)).mean())


def classify_digits(
    images: Images, extractor: Extractor, *, stage: Stage, keep: bool = True
) -> Labels:
    """Grey images by the digit classifier."""
    logits = extract_features(
        images,
        extractor,
        (extractor.logits,),
        keep=keep,
        progress=lambda done, total: stage("classifying", done, total),
    )[extractor.logits]
    return most_likely(logits)


def most_likely(logits: NDArray[np.float32]) -> Labels:
    """The likeliest class of each row of logits (count, classes), and its probability."""
    probabilities = torch.from_numpy(np.array(logits)).double().softmax(1)
    confidence, classes = probabilities.max(1)
    return Labels(classes.numpy(), confidence.numpy())


def classify_by_neighbours(
    images: Images, labelled: Images, extractor: Extractor, layer: str, *, stage: Stage
) -> Labels:
    """Images by the majority of their 5 nearest labelled images in feature space; the share of
    votes is the confidence, ties go to the nearer."""
    if labelled.labels is None:
        raise ZerosumError(
            f"{labelled.name} has no classes to count",
            "put its images into one folder a class, or use grey handwritten digits",
        )

    def features(of: Images, what: str) -> NDArray[np.float32]:
        return extract_features(
            of, extractor, (layer,), progress=lambda done, total: stage(what, done, total)
        )[layer]

    k = min(NEIGHBOURS, len(labelled))
    known = features(labelled, "features of the real images")
    _, rows = nearest(features(images, "features of the generated images"), known, k)
    votes = np.zeros((len(images), len(labelled.class_names)))
    for place in range(k):
        # A little more weight for the nearer, and for each more than for all behind it: enough to
        # break ties, too little to turn a majority.
        weight = 1 + 1e-3 * 2.0 ** (k - place)
        votes[np.arange(len(images)), labelled.labels[rows[:, place]]] += weight
    classes = votes.argmax(1)
    return Labels(classes, np.floor(votes[np.arange(len(images)), classes]) / k)


def shares_of(images: Images) -> NDArray[np.float64]:
    """How the labelled images divide among their classes (classes,); sums to 1."""
    assert images.labels is not None
    counts = np.bincount(images.labels, minlength=len(images.class_names))
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares


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
        """In words."""
        return f"covers {self.covered:,} of {STACKED:,} modes"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"verdict": self.verdict()}


def count_stacked(images: Images, extractor: Extractor, *, stage: Stage) -> StackedModes:
    """Each channel of colour images is classified as a digit; red, green and blue make the mode.

    Raises UsageError for fewer than 50 images.
    """
    _require_enough(len(images))
    labels = classify_digits(_channels(images), extractor, stage=stage, keep=False)
    modes = labels.classes.reshape(-1, 3) @ np.array([DIGITS**2, DIGITS, 1])
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
