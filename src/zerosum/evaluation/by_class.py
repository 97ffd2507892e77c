"""Whether two sides can be scored class by class, and what such scores are given."""

from dataclasses import replace
from functools import partial

import numpy as np

from zerosum.errors import UsageError
from zerosum.evaluation.extractors import Extractor
from zerosum.evaluation.features import extract_features
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import FEWEST, Measure, Stage
from zerosum.evaluation.scores.classified import most_likely, renumbered
from zerosum.evaluation.scores.fid import FEW_FOR_DIMENSION
from zerosum.evaluation.scores.labelled import Labelled
from zerosum.recipe.scores import SCORES, of_classes
from zerosum.words import counted

NAMED = 3
"""Classes that a sentence names."""


def trouble(fakes: Images, reals: Images) -> str:
    """Why these images cannot be compared class by class, in words; "" where they can."""
    for images in (fakes, reals):
        if images.labels is None or not images.class_names:
            return f"the images of {images.name} have no classes"
    for one, other in ((fakes, reals), (reals, fakes)):
        if missing := sorted(_classes_there(one) - _classes_there(other)):
            shown = ", ".join(missing[:NAMED]) + (", …" if len(missing) > NAMED else "")
            return f"{one.name} has images of {shown}, and {other.name} has none"
    if len(_classes_there(reals)) < 2:
        return f"all images of {reals.name} are of one class"
    return ""


def _classes_there(images: Images) -> set[str]:
    assert images.labels is not None
    return {images.class_names[number] for number in np.unique(images.labels)}


def open_classes(
    fakes: Images, reals: Images, measure: Measure, stage: Stage, whose: str = "generated"
) -> Labelled | None:
    """Both sides with their classes, where the measure has scores of classes. `whose` images a
    classifier would learn from is said of them.

    Raises UsageError where the two cannot be compared class by class, or have no pixels to learn.
    """
    scores = of_classes(measure.scores)
    if not scores:
        return None
    if why := trouble(fakes, reals):
        raise UsageError(
            f"{SCORES[scores[0]].title}: {why}",
            f"leave {', '.join(scores)} out, or score what has the same classes on both sides: "
            "a run that learnt them, or a folder for each class",
        )
    if reals.features and (seeing := [s for s in scores if "pixels" in SCORES[s].needs]):
        raise UsageError(
            f"a saved reference has no pixels, which {seeing[0]} needs",
            f"leave {seeing[0]} out, or name the images themselves with --against",
        )
    there = _classes_there(reals)
    names = tuple(name for name in reals.class_names if name in there)
    assert fakes.labels is not None and reals.labels is not None
    return Labelled(
        names,
        fakes,
        reals,
        renumbered(fakes.labels, fakes.class_names, names),
        renumbered(reals.labels, reals.class_names, names),
        progress=partial(stage, learning(whose)),
    )


def fitting_classes(
    measure: Measure, fakes: Images, reals: Images
) -> tuple[Measure, tuple[str, ...]]:
    """What a recipe measures, without the scores of classes that these images have none for, and a
    note that says so: nobody asked for each of them."""
    missing = set(of_classes(measure.scores))
    if missing and (why := trouble(fakes, reals)):
        titles = ", ".join(SCORES[name].title for name in measure.scores if name in missing)
        return without(measure, missing), (f"{titles}: left out, because {why}",)
    return measure, ()


def learning(whose: str) -> str:
    """What is done while a classifier learns from images, which `whose` is said of."""
    return f"training a classifier on {whose} images"


def knows(extractor: Extractor, names: tuple[str, ...]) -> bool:
    """Whether the feature network's own classifier tells all of these classes apart."""
    return set(names) <= set(extractor.class_names)


def layers_of(measure: Measure) -> tuple[str, ...]:
    """The layer that is measured, and with it, in one pass, the logits where these may tell which
    class an image is of."""
    extractor = measure.extractor
    classifies = "class-accuracy" in measure.scores and extractor.class_names
    return (measure.layer, extractor.logits) if classifies else (measure.layer,)


def with_found(sides: Labelled, measure: Measure, stage: Stage) -> Labelled:
    """The sides with what the feature network's own classifier says of the generated images, where
    that is wanted and it knows these classes."""
    extractor = measure.extractor
    if "class-accuracy" not in measure.scores or not knows(extractor, sides.names):
        return sides
    told = partial(stage, "features of the generated images")
    features = extract_features(sides.fakes, extractor, layers_of(measure), progress=told)
    classes = most_likely(features[extractor.logits]).classes
    return replace(sides, found=renumbered(classes, extractor.class_names, sides.names))


def too_few(measure: Measure, sides: Labelled) -> dict[str, str]:
    """The scores that the smallest class is too small for, each with the reason in words."""
    found = {}
    dimension = measure.extractor.layers[measure.layer]
    for name in of_classes(measure.scores):
        least = dimension + 1 if SCORES[name].full_rank else FEWEST
        for counts, whose in zip(sides.counts(), ("generated", "real"), strict=True):
            if (fewest := int(counts.min())) >= least:
                continue
            kind = sides.names[int(counts.argmin())]
            why = f"{counted(fewest, f'{whose} image')} of class {kind}"
            why += f" {'is' if fewest == 1 else 'are'} too few: it takes {least:,} of each class"
            if SCORES[name].full_rank:
                why += f", or a covariance of {dimension:,} dimensions has not full rank"
            found[name] = why
            break
    return found


def without(measure: Measure, names: set[str]) -> Measure:
    """The measure without these scores."""
    return replace(measure, scores=tuple(name for name in measure.scores if name not in names))


def notes_on_classes(measure: Measure, sides: Labelled) -> tuple[str, ...]:
    """What to know of scores within classes: FID's bias, and images that the generator knew."""
    notes = []
    dimension = measure.extractor.layers[measure.layer]
    fewest = min(int(counts.min()) for counts in sides.counts())
    if "class-fid" in measure.scores and fewest < FEW_FOR_DIMENSION * dimension:
        notes.append(
            f"{fewest:,} images of a class are few for {dimension:,} dimensions: FID within "
            "classes is too large by an amount that depends on the number"
        )
    if "train-on-generated" in measure.scores and sides.reals.part != "held out":
        notes.append(
            "the classifier is tested on images that the generator may have learnt from: "
            "--split test tests it on those that were held out"
        )
    return tuple(notes)


def class_counts(sides: Labelled) -> dict[str, tuple[int, int]]:
    """Generated and real images of each class, by its name."""
    fakes, reals = (counts.tolist() for counts in sides.counts())
    return dict(zip(sides.names, zip(fakes, reals, strict=True), strict=True))


def counts_in_words(sides: Labelled) -> str:
    """How many classes, and images of each, as a protocol says it: "10 classes: 1,000 generated and
    169 to 234 real images of each"."""
    parts = []
    for counts in sides.counts():
        low, high = int(counts.min()), int(counts.max())
        parts.append(f"{low:,}" if low == high else f"{low:,} to {high:,}")
    return f"{len(sides.names)} classes: {parts[0]} generated and {parts[1]} real images of each"
