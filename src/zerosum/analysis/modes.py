"""Classes counted for a run or a folder, by the classifier that fits its images."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.analysis.asked_classes import asked_and_found, unmatched
from zerosum.analysis.class_counts import Modes, count_modes, unlike_share
from zerosum.analysis.opening import (
    Source,
    feature_network,
    generated_side,
    training_data,
)
from zerosum.analysis.requests import ModesRequest
from zerosum.analysis.stacked_modes import STACKED, STACKED_SAMPLES, StackedModes, count_stacked
from zerosum.data.fit import Fitting
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.classes import (
    RealClasses,
    by_neighbours,
    classify_digits,
    real_digits,
)
from zerosum.evaluation.extractors import Extractor, open_extractor
from zerosum.evaluation.forecast import Work, fewer_images, tell_if_long
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage, features_of, no_stage
from zerosum.evaluation.opening import is_digits, open_images, real_images
from zerosum.evaluation.scores.classified import Labels
from zerosum.networks.device import choose_device
from zerosum.recipe.image_size import ImageSize
from zerosum.records.run import RunFolder
from zerosum.records.runs import find_run, named_path

IMAGES = 10_000
EXAMPLES = 8
MOST_SHOWN = 40
"""With more classes no examples are shown."""


@dataclass(frozen=True)
class CountedClasses:
    """What was counted, and of which images."""

    modes: Modes | StackedModes
    source: Source
    features: str
    """What the classifier looked at."""
    run: RunFolder | None
    """None for images of no run."""
    examples: NDArray[np.uint8] | None = None
    """The first images of each class (classes, 8, H, W, C), white where there are fewer; None with
    more than 40 classes, and where no picture is wanted."""

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return self.modes.as_dict() | self.source.as_dict() | {"features": self.features}


@dataclass(frozen=True)
class _Classified:
    """The generated images that are classified, and real ones."""

    fakes: Images
    reals: Images | None
    source: Source
    run: RunFolder | None = None


def count_classes(asked: ModesRequest, stage: Stage = no_stage) -> CountedClasses:
    """Count the classes of a run's or a folder's images.

    Raises UsageError or ZerosumError where nothing can be counted.
    """
    found = _open(asked, stage)
    device = choose_device(asked.device)
    if _stacked_names(found.reals or found.fakes):
        if asked.out is not None:
            raise UsageError("there is no picture of 1,000 classes", "leave --out out")
        stacked = count_stacked(found.fakes, open_extractor("digits", device=device), stage=stage)
        return CountedClasses(stacked, found.source, "digits", found.run)
    labels, modes, features = _classify(found, asked, device, stage)
    examples = None
    if len(modes.class_names) <= MOST_SHOWN and (found.run is not None or asked.out is not None):
        examples = np.full((len(modes.class_names), EXAMPLES, *found.fakes.shape), 255, np.uint8)
        for kind, own in enumerate(examples):
            for place, index in enumerate(np.flatnonzero(labels.classes == kind)[:EXAMPLES]):
                own[place] = found.fakes.read(int(index), 1)[0]
    return CountedClasses(modes, found.source, features, found.run, examples)


def _open(asked: ModesRequest, stage: Stage) -> _Classified:
    found = None if asked.array is not None else find_run(named_path(asked.images))
    if found is None:
        return _open_folder(asked, stage)
    run, checkpoint = found
    if asked.against:
        raise UsageError(
            "a run is compared with the images that it was trained on",
            "leave --against out, or save its pictures first: zerosum sample RUN --out FOLDER",
        )
    reals = real_images(training_data(run, asked, stage), "train")
    count = asked.count or (STACKED_SAMPLES if _stacked_names(reals) else IMAGES)
    fakes = generated_side(run, count, asked, checkpoint=checkpoint)
    return _Classified(fakes, reals, Source.of(fakes, asked.seed), run)


def _open_folder(asked: ModesRequest, stage: Stage) -> _Classified:
    def opened(source: str, fitting: Fitting | None = None) -> Images:
        return open_images(
            source,
            fitting,
            part="all",
            data_root=asked.data_root,
            progress=partial(stage, "packing the images"),
        )

    folder = opened(asked.images) if asked.array is None else asked.array
    reals = None
    if asked.against:
        size = ImageSize.of_shape(folder.shape).written
        reals = opened(asked.against, Fitting(size, folder.shape[2], "crop"))
    if asked.count:
        folder = folder.first(asked.count)
    return _Classified(folder, reals, Source.of(folder))


def _stacked_names(images: Images) -> bool:
    return images.shape[2] == 3 and len(images.class_names) == STACKED


def _classify(
    found: _Classified, asked: ModesRequest, device: torch.device, stage: Stage
) -> tuple[Labels, Modes, str]:
    """The classes of the generated images, what they come to, and the classifier's features."""
    fakes, reals = found.fakes, found.reals
    chosen = asked.extractor
    digits = is_digits(reals) if reals is not None else fakes.shape[2] == 1
    if chosen == "digits" or (not chosen and digits):
        extractor = open_extractor("digits", device=device)
        return *count_digits(fakes, reals, extractor, stage), "digits"
    if reals is None or reals.labels is None:
        whose = reals.name if reals is not None else fakes.name
        raise ZerosumError(
            f"there are no classes to count: {whose} has no labels",
            "put the real images into one folder a class, and name them: "
            "`zerosum modes RUN --against DATA`; grey handwritten digits need no labels",
        )
    extractor, layer = feature_network(reals, asked, found.run)
    works = [Work("real", reals, (layer,)), Work("generated", fakes, (layer,))]
    tell_if_long(works, extractor, fewer_images(len(fakes), reals, extractor), stage)
    labels, real = by_neighbours(fakes, reals, extractor, layer, stage=stage)
    unlike = _unlike(fakes, reals, extractor, (layer,), stage)
    modes = with_asked(count_modes(labels, real, unlike), labels, real, fakes)
    return labels, modes, extractor.label(layer)


def count_digits(
    fakes: Images, reals: Images | None, extractor: Extractor, stage: Stage
) -> tuple[Labels, Modes]:
    """Digits by the bundled classifier, and what they come to beside real ones; held-out ones of
    the bundled set, where there are none: nobody knows better."""
    unlike = None
    if reals is not None:
        layers = (extractor.default_layer, extractor.logits)  # both in one pass
        unlike = _unlike(fakes, reals, extractor, layers, stage)
    else:
        reals = open_images("digits", part="held out")
    real = real_digits(classify_digits(reals, extractor, stage=stage), reals)
    labels = classify_digits(fakes, extractor, stage=stage)
    return labels, with_asked(count_modes(labels, real, unlike), labels, real, fakes)


def with_asked(modes: Modes, labels: Labels, real: RealClasses, fakes: Images) -> Modes:
    """With which classes were asked for and which came out; the same of images that have no classes
    of their own."""
    if fakes.labels is None:
        return modes
    asked = asked_and_found(labels, real, fakes.labels, fakes.class_names)
    return replace(modes, asked=asked, unmatched=unmatched(real, fakes.class_names))


def _unlike(
    fakes: Images, reals: Images, extractor: Extractor, layers: tuple[str, ...], stage: Stage
) -> float:
    fake = features_of(fakes, "generated", extractor, layers, stage)
    return unlike_share(fake, features_of(reals, "real", extractor, layers, stage))
