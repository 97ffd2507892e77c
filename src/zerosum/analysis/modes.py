"""Classes counted for a run or a folder: which classifier, the picture, and the JSON beside it."""

from dataclasses import dataclass
from pathlib import Path

import torch

from zerosum.analysis.class_counts import Modes, count_modes, unlike_share
from zerosum.analysis.extraction import run_extractor
from zerosum.analysis.kept import keep
from zerosum.analysis.requests import ModesRequest
from zerosum.analysis.stacked_modes import STACKED, STACKED_SAMPLES, StackedModes, count_stacked
from zerosum.data.fit import Fitting
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.classes import (
    Labels,
    classify_by_neighbours,
    classify_digits,
    real_by_neighbours,
    real_digits,
)
from zerosum.evaluation.extractors import Extractor, open_extractor
from zerosum.evaluation.features import Features, extract_features
from zerosum.evaluation.forecast import Work, fewer_images, tell_if_long
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.evaluation.opening import find_run, is_digits, open_images, open_run_data, real_images
from zerosum.files import write_atomically
from zerosum.generation import run_images
from zerosum.networks import choose_device
from zerosum.records.run import RunFolder
from zerosum.records.runs import named_path
from zerosum.report.charts import png, png_path, printable
from zerosum.report.modes_picture import MOST_CLASSES, first_examples, modes_figure

IMAGES = 10_000
NAME = "modes"
"""Of the files in a run."""


@dataclass(frozen=True)
class Counted:
    """What was counted, one of both kinds, and the files that tell of it."""

    plain: Modes | None
    stacked: StackedModes | None
    written: tuple[Path, ...]

    @property
    def modes(self) -> Modes | StackedModes:
        """Whichever it is."""
        found = self.plain or self.stacked
        assert found is not None
        return found


@dataclass(frozen=True)
class _Sides:
    fakes: Images
    reals: Images | None
    run: RunFolder | None = None
    checkpoint: str = ""
    weights: str = ""


def count_classes(asked: ModesRequest, stage: Stage = no_stage) -> Counted:
    """Count the classes of a run's or a folder's images.

    Raises UsageError or ZerosumError where nothing can be counted.
    """
    if asked.out is not None:
        png_path(asked.out)
    sides = _open(asked, stage)
    device = choose_device(asked.device)
    if _is_stacked(sides):
        if asked.out is not None:
            raise UsageError("there is no picture of 1,000 classes", "leave --out out")
        stacked = count_stacked(sides.fakes, open_extractor("digits", device=device), stage=stage)
        if sides.run is None:
            return Counted(None, stacked, ())
        content = stacked.as_dict() | _basis(sides, asked, "digits")
        return Counted(None, stacked, keep(sides.run, NAME, content, None, None))
    labels, modes, features = _classify(sides, asked, device, stage)
    if sides.run is None and asked.out is None:
        return Counted(modes, None, ())
    classes = len(modes.class_names)
    examples = first_examples(sides.fakes, labels, classes) if classes <= MOST_CLASSES else None
    heading = f"Classes of {printable(sides.fakes.name)}"
    if sides.checkpoint:
        heading += f" at {int(sides.checkpoint):,} images"
    picture = png(modes_figure(modes, heading, examples))
    if sides.run is not None:
        content = modes.as_dict() | _basis(sides, asked, features)
        return Counted(modes, None, keep(sides.run, NAME, content, picture, asked.out))
    assert asked.out is not None
    write_atomically(asked.out, picture)
    return Counted(modes, None, (asked.out,))


def _open(asked: ModesRequest, stage: Stage) -> _Sides:
    def packed(done: int, total: int) -> None:
        stage("packing the images", done, total)

    root = asked.data_root
    found = None if asked.array is not None else find_run(named_path(asked.images))
    if found is None:
        folder = asked.array
        if folder is None:
            folder, _, _ = open_images(asked.images, part="all", data_root=root, progress=packed)
        reals = None
        if asked.against:
            fitting = Fitting(folder.shape[0], folder.shape[2], "crop")
            reals, _, _ = open_images(
                asked.against, fitting, part="all", data_root=root, progress=packed
            )
        return _Sides(folder.first(asked.count) if asked.count else folder, reals)
    run, checkpoint = found
    if asked.against:
        raise UsageError(
            "a run is compared with the images that it was trained on",
            "leave --against out, or save its pictures first: zerosum sample RUN --out FOLDER",
        )
    data = open_run_data(run, data_root=root, progress=packed)
    reals, _ = real_images(data, "train")
    stacked = _stacked_names(reals)
    side = run_images(
        run,
        asked.count or (STACKED_SAMPLES if stacked else IMAGES),
        checkpoint=checkpoint or asked.checkpoint,
        averaged=asked.average,
        seed=asked.seed,
        device=asked.device,
    )
    return _Sides(side.images, reals, run, side.checkpoint, side.weights)


def _stacked_names(images: Images) -> bool:
    return images.shape[2] == 3 and len(images.class_names) == STACKED


def _is_stacked(sides: _Sides) -> bool:
    return _stacked_names(sides.reals or sides.fakes)


def _classify(
    sides: _Sides, asked: ModesRequest, device: torch.device, stage: Stage
) -> tuple[Labels, Modes, str]:
    """The classes of the generated images, what they come to, and the classifier's features."""
    fakes, reals = sides.fakes, sides.reals
    chosen = asked.extractor
    digits = is_digits(reals) if reals is not None else fakes.shape[2] == 1
    if chosen == "digits" or (not chosen and digits):
        extractor = open_extractor("digits", device=device)
        unlike = None
        if reals is not None:
            unlike = _unlike(fakes, reals, extractor, extractor.default_layer, stage)
        else:
            # Nobody knows better what grey images without a name are to be compared with.
            reals, _, _ = open_images("digits", part="held out")
        found = real_digits(classify_digits(reals, extractor, stage=stage), reals)
        labels = classify_digits(fakes, extractor, stage=stage)
        return labels, count_modes(labels, found, unlike), "digits"
    if reals is None or reals.labels is None:
        whose = reals.name if reals is not None else fakes.name
        raise ZerosumError(
            f"there are no classes to count: {whose} has no labels",
            "put the real images into one folder a class, and name them: "
            "`zerosum modes RUN --against DATA`; grey handwritten digits need no labels",
        )
    extractor, layer = run_extractor(reals, asked)
    works = [Work("real", reals, (layer,)), Work("generated", fakes, (layer,))]
    tell_if_long(works, extractor, fewer_images(len(fakes), reals, extractor), stage=stage)
    labels = classify_by_neighbours(fakes, reals, extractor, layer, stage=stage)
    found = real_by_neighbours(reals, extractor, layer, stage=stage)
    unlike = _unlike(fakes, reals, extractor, layer, stage)
    return labels, count_modes(labels, found, unlike), extractor.label(layer)


def _unlike(fakes: Images, reals: Images, extractor: Extractor, layer: str, stage: Stage) -> float:
    layers = (layer, extractor.logits) if extractor.logits else (layer,)  # both in one pass

    def features(images: Images, what: str) -> Features:
        return extract_features(
            images, extractor, layers, progress=lambda done, total: stage(what, done, total)
        )[layer]

    fake = features(fakes, "features of the generated images")
    real = features(reals, "features of the real images")
    return unlike_share(fake, real)


def _basis(sides: _Sides, asked: ModesRequest, features: str) -> dict[str, object]:
    """What the classes were counted on, beside the number of images."""
    return {
        "checkpoint": sides.checkpoint,
        "weights": sides.weights,
        "seed": asked.seed,
        "features": features,
    }
