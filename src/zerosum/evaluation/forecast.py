"""How long features will take, from a few images of the very work, before it begins."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from logging import getLogger

import torch

from zerosum.evaluation.extractors import Extractor
from zerosum.evaluation.features import features_path
from zerosum.evaluation.growing import rows_written, unfinished
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.evaluation.opening import is_digits
from zerosum.words import about

LOG = getLogger(__name__)

LONG = 120.0
"""Seconds of work beyond which it is told before it begins."""
MEASURING = "measuring how long it takes"
FEW = 4
"""Batches that are computed sooner than measured."""


@dataclass(frozen=True)
class Work:
    """Images whose features somebody wants."""

    what: str
    """"generated", "real", "training"."""
    images: Images
    layers: tuple[str, ...]


@dataclass(frozen=True)
class Forecast:
    """What of a work is not in the cache yet, and how long that takes."""

    work: Work
    missing: int
    """Images."""
    seconds: float


def forecast(
    works: Sequence[Work], extractor: Extractor, stage: Stage = no_stage
) -> list[Forecast]:
    """The works that are not done yet, measured by a batch after one that warms up: the network on
    the first of them, how images are read or made on each.

    Of works on the same images one is named. Those of a few batches are not measured: 0 seconds.
    """
    found: dict[str, tuple[Work, int]] = {}
    for work in works:
        if missing := missing_images(work, extractor):
            found.setdefault(work.images.fingerprint, (work, missing))
    long = [work for work, missing in found.values() if missing > FEW * extractor.batch]
    reading = {work.images.fingerprint: seconds_to_read(work.images, extractor) for work in long}
    computing = seconds_to_compute(long[0], extractor, stage) if long else 0.0
    return [
        Forecast(work, missing, missing * (reading[name] + computing) if name in reading else 0.0)
        for name, (work, missing) in found.items()
    ]


def missing_images(work: Work, extractor: Extractor) -> int:
    """How many images' features are still to be computed."""
    layers = [layer for layer in work.layers if layer not in work.images.features]
    places = [features_path(work.images, extractor, layer) for layer in layers]
    rows = [rows_written(unfinished(place)) for place in places if not place.exists()]
    return len(work.images) - min(rows, default=len(work.images))


def seconds_to_read(images: Images, extractor: Extractor) -> float:
    """Seconds for an image that is read, or made."""
    began = 0.0
    for first in (0, extractor.batch):
        began = time.monotonic()
        images.read(first, extractor.batch)
    return (time.monotonic() - began) / extractor.batch


def seconds_to_compute(work: Work, extractor: Extractor, stage: Stage) -> float:
    """Seconds for an image's features."""
    pixels = torch.from_numpy(work.images.read(0, extractor.batch))
    seconds = 0.0
    stage(MEASURING, 0, 2)
    for done in (1, 2):
        began = time.monotonic()
        extractor.compute(pixels, work.layers)
        seconds = time.monotonic() - began
        stage(MEASURING, done, 2)
    return seconds / extractor.batch


def tell_if_long(
    works: Sequence[Work],
    extractor: Extractor,
    shorter: str,
    stage: Stage = no_stage,
    *,
    training: float = 0.0,
) -> None:
    """Say before works that take more than two minutes how long they take, and what is shorter;
    `training` classifiers takes so many seconds besides."""
    there = forecast(works, extractor, stage)
    seconds = sum(each.seconds for each in there)
    if seconds + training <= LONG:
        return
    if training > seconds:
        LOG.warning(
            f"this takes {about(seconds + training)}, of which training classifiers on generated "
            f"and on real images takes {about(training)}\n"
            "  shorter: leave train-on-generated out of the scores"
        )
        return
    images = sum(each.missing for each in there)
    *parts, last = (f"{each.missing:,} {each.work.what}" for each in there)
    listed = f"{', '.join(parts)} and {last}" if parts else last
    then = f", and then training classifiers, {about(training)}" if training else ""
    LOG.warning(
        f"this takes {about(seconds + training)}: {extractor.name} features of {listed} images, "
        f"{images / seconds:.2g} a second{then}\n"
        f"  shorter: {shorter}\n"
        "  it may be stopped at any time: the same command goes on with what is there"
    )


def fewer_images(count: int, reals: Images | None, extractor: Extractor) -> str:
    """What makes a command shorter that scores so many generated images, in its own options."""
    words = [f"--images {count // 5}" if count >= 1000 else "fewer images (--images)"]
    if reals is not None and is_digits(reals) and extractor.name != "digits":
        words.append("--extractor digits (seconds, and another number)")
    return " or ".join(words)
