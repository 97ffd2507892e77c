"""Which class each image is of, by a classifier, and how the same classifier sees real images.

A classifier errs, and not evenly: with five neighbours, real birds of CIFAR-10 are called birds
less often than real frogs frogs. So what is expected of generated images is not how the labels
divide, but how the classifier divides real images that are as new to it as the generated ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from zerosum.errors import ZerosumError
from zerosum.evaluation.extractors import Extractor
from zerosum.evaluation.extractors.digits import TEN_DIGITS
from zerosum.evaluation.features import Features, extract_features
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage, features_of
from zerosum.evaluation.scores import nearest
from zerosum.evaluation.scores.classified import (
    NEIGHBOURS,
    Labels,
    most_likely,
    neighbours_vote,
    renumbered,
    vote,
)

FEWEST_LABELLED = 3
"""A class with fewer labelled images never has the majority of five neighbours."""
REAL = 10_000
"""Real images, at most, that are classified by their neighbours: they tell every share to half a
percentage point, and a search of 300,000 among each other would take hours."""
MISREAD = 0.01
"""Of digits without labels, a class with a smaller share may be others, misread."""


@dataclass(frozen=True)
class RealClasses:
    """Real images by class, as the classifier sees them."""

    class_names: tuple[str, ...]
    """Those that the classifier tells apart."""
    counts: NDArray[np.int64]
    """Real images that it calls so (classes,)."""
    known: NDArray[np.bool_]
    """Whether the data has the class (classes,): by its labels, where it has some."""
    countable: NDArray[np.bool_]
    """Whether the classifier can find images of it at all (classes,)."""
    how: str
    """Who classified, in words."""
    right: float | None = None
    """The share of them whose own class the classifier finds; None where they have none, or it
    knows other ones."""


def share_right(
    found: NDArray[np.int64], names: Sequence[str], own: NDArray[np.int64], own_names: Sequence[str]
) -> float | None:
    """The share of images that are found to be of their own class, whose names are compared; None
    where there are no images, or the classifier does not know each of their classes."""
    if not len(own) or not set(own_names) <= set(names):
        return None
    return float((found == renumbered(own, own_names, names)).mean())


# ---- The bundled digit classifier ----


def classify_digits(
    images: Images, extractor: Extractor, *, stage: Stage, keep: bool = True
) -> Labels:
    """Grey images by the digit classifier."""
    logits = extract_features(
        images,
        extractor,
        (extractor.logits,),
        keep=keep,
        progress=partial(stage, "classifying"),
    )[extractor.logits]
    return most_likely(logits)


def real_digits(found: Labels, reals: Images) -> RealClasses:
    """What the digit classifier says of real images (all of `reals`, in their order).

    The data has the digits that its class folders are called by; where these have other names, or
    there are none, those of which there are more than could be misread.
    """
    counts = np.bincount(found.classes, minlength=len(TEN_DIGITS))
    known = counts > MISREAD * counts.sum()
    if reals.labels is not None:
        own = np.bincount(reals.labels, minlength=len(reals.class_names))
        there = {name for name, count in zip(reals.class_names, own, strict=True) if count}
        if there <= set(TEN_DIGITS):
            known = np.array([name in there for name in TEN_DIGITS])
    how = f"the bundled digit classifier; real: {len(found.classes):,} of {reals.name}"
    right = None
    if reals.labels is not None:
        right = share_right(found.classes, TEN_DIGITS, reals.labels, reals.class_names)
    return RealClasses(TEN_DIGITS, counts, known, known & (counts > 0), how, right)


# ---- The nearest labelled images ----


def by_neighbours(
    images: Images, labelled: Images, extractor: Extractor, layer: str, *, stage: Stage
) -> tuple[Labels, RealClasses]:
    """Images by the majority of their 5 nearest labelled images in feature space; the share of
    votes is the confidence, ties go to the nearer. And the labelled images, each classified by the
    others: held out in its turn.

    Raises ZerosumError where these images have no classes.
    """
    classes, names = labelled.labels, labelled.class_names
    if classes is None:
        raise ZerosumError(
            f"{labelled.name} has no classes to count",
            "put its images into one folder a class, or use grey handwritten digits",
        )
    known = features_of(labelled, "real", extractor, (layer,), stage)
    queries = features_of(images, "generated", extractor, (layer,), stage)
    how = (
        f"the {NEIGHBOURS} nearest of {len(labelled):,} labelled images in features of "
        f"{extractor.label(layer)}"
    )
    found = neighbours_vote(queries, known, classes, len(names))
    return found, others_vote(known, classes, names, how)


def others_vote(
    known: Features, classes: NDArray[np.int64], class_names: Sequence[str], how: str
) -> RealClasses:
    """The labelled images of `by_neighbours`, from features (count, dimension) and their classes
    (count,)."""
    rows = np.linspace(0, len(known) - 1, min(REAL, len(known))).astype(np.int64)
    own = np.bincount(classes, minlength=len(class_names))
    counts, right = np.zeros_like(own), None
    k = min(NEIGHBOURS, len(known) - 1)
    if k:
        distances, near = nearest(
            np.ascontiguousarray(known[rows]), known, min(2 * k + 1, len(known))
        )
        # No image votes for itself; identical ones vote where there are no others, because a new
        # image has no twin.
        behind = np.where(near == rows[:, None], 2, distances == 0)
        order = behind.argsort(1, kind="stable")[:, :k]
        found = vote(classes[np.take_along_axis(near, order, 1)], len(class_names))
        counts = np.bincount(found.classes, minlength=len(class_names))
        right = share_right(found.classes, class_names, classes[rows], class_names)
    countable = (own >= FEWEST_LABELLED) & (counts > 0)
    return RealClasses(tuple(class_names), counts, own > 0, countable, how, right)
