"""Generated images against real ones: features, scores, the floor, and what to make of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from zerosum.errors import UsageError
from zerosum.evaluation.by_class import (
    class_counts,
    counts_in_words,
    layers_of,
    notes_on_classes,
    open_classes,
    too_few,
    with_found,
    without,
)
from zerosum.evaluation.features import extract_features, remove_features
from zerosum.evaluation.floor import Floor, measure_floor, some_of
from zerosum.evaluation.forecast import Work, tell_if_long
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import (
    Measure,
    Stage,
    features_of,
    no_stage,
    require_comparable,
    require_scores,
)
from zerosum.evaluation.named_protocol import name_of
from zerosum.evaluation.notes import notes_on
from zerosum.evaluation.protocol import Protocol
from zerosum.evaluation.real_cache import kept_of
from zerosum.evaluation.scores import Labelled, RealSide, Result, compute_scores
from zerosum.evaluation.side_notes import notes_on_sides
from zerosum.parts import written
from zerosum.recipe.image_size import ImageSize
from zerosum.recipe.scores import SCORES, of_classes
from zerosum.records.logs import ClassScores, ScoreLine
from zerosum.versions import versions


@dataclass(frozen=True, repr=False)
class Scores:
    """What was measured, how, and what a reader should know."""

    values: Mapping[str, Result]
    protocol: Protocol
    floor: Floor | None
    notes: tuple[str, ...]
    versions: Mapping[str, Mapping[str, Result]] = field(default_factory=dict)
    """Of a run that restores pictures: all scores, with "psnr" and "ssim", of the versions
    "damaged", "pretrained" and "restored". `values` are those of the last."""
    class_counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Generated and real images of each class, where scores were measured within them."""

    def __getitem__(self, name: str) -> float:
        """The value of a score."""
        return self.values[name].value

    def __repr__(self) -> str:
        """A line a score with its error, then what was compared with what."""
        lines = [f"{name:<12} {got.value:9.4g}{_error(got)}" for name, got in self.values.items()]
        told = self.protocol
        against = f"{told.fakes:,} images against {told.reals:,} of {told.real_data}"
        return "\n".join([*lines, f"{against}, by {told.extractor}"])

    def line(self, kind: str, images: int = 0) -> ScoreLine:
        """As a line of scores.jsonl. `images` are the real ones that the generator had seen."""
        floor = self.floor
        generated = None if floor is None else floor.generated
        return ScoreLine(
            kind,
            images,
            _plain(self.values),
            self.protocol.as_dict(),
            floor={} if floor is None else _plain(floor.scores),
            floor_words="" if floor is None else floor.words,
            floor_size="" if floor is None else floor.size,
            floor_generated={} if generated is None else _plain(generated),
            notes=self.notes,
            versions={name: _plain(values) for name, values in self.versions.items()},
            classes={name: self._of_class(name) for name in self.class_counts},
        )

    def _of_class(self, kind: str) -> ClassScores:
        """What is known of one class."""
        fakes, reals = self.class_counts[kind]
        floor = {} if self.floor is None else self.floor.scores
        return {
            "fakes": fakes,
            "reals": reals,
            "scores": _plain(_each(self.values, kind)),
            "floor": _plain(_each(floor, kind)),
        }


def _each(values: Mapping[str, Result], kind: str) -> dict[str, Result]:
    """Of the scores within classes those of one."""
    return {name: got.classes[kind] for name, got in values.items() if kind in got.classes}


def _error(got: Result) -> str:
    return "" if got.error is None else f" ± {got.error:.2g}"


def _plain(values: Mapping[str, Result]) -> dict[str, dict[str, float | None]]:
    """An infinite value (a PSNR's) is null: JSON has no word for it."""
    plain: dict[str, dict[str, float | None]] = {}
    for name, got in values.items():
        value = got.value if math.isfinite(got.value) else None
        plain[name] = {"value": value, "error": got.error, "freedom": got.freedom}
        if got.deviation is not None:
            plain[name]["deviation"] = got.deviation
    return plain


def score_images(
    fakes: Images,
    reals: Images,
    measure: Measure,
    *,
    train: Images | None = None,
    others: Images | None = None,
    paired: bool = False,
    keep: bool = True,
    shorter: str = "",
    stage: Stage = no_stage,
) -> Scores:
    """Score generated images against real ones.

    `train` are the training images, for the score `copying`. `others` are real images that are not
    among `reals`: with them the floor is measured at the size of the scores; without, between
    halves of `reals`, and the fakes are scored at that size as well. `paired` says that the fakes
    are versions of the very `reals`: no floor then, since they may well be nearer to these than
    other real images are. A score that a class has too few images for is left out, and a note says
    so. With `keep` the features of the fakes stay in the cache; otherwise they go once the scores
    are there. `shorter` says what takes less time, to whoever is told before it begins that it
    takes minutes; "" tells nobody. Raises UsageError where the two sides cannot be compared, and
    ZerosumError where a score is no finite number.
    """
    require_scores(measure.scores, measure.extractor, measure.own)
    require_comparable(fakes, reals)
    needs = {need for name in measure.scores for need in SCORES[name].needs}
    if "training images" in needs and train is None:
        raise UsageError(
            "the share of copies needs the training images", "score a run, or leave `copying` out"
        )
    measure, labelled, notes = _classes(fakes, reals, measure, stage)
    extractor, layer = measure.extractor, measure.layer
    wants_logits = "class logits" in needs
    layers = (layer, extractor.logits) if wants_logits else layers_of(measure)

    if shorter:
        works = [Work("real", reals, (layer,)), Work("generated", fakes, layers)]
        if train is not None:
            works.append(Work("training", train, (layer,)))
        if others is not None and not paired:
            works.append(Work("other real", some_of(others, len(fakes)), (layer,)))
        seconds = _seconds_to_train(labelled, measure, others)
        tell_if_long(works, extractor, shorter, stage, training=seconds)

    real = features_of(reals, "real", extractor, (layer,), stage)
    told = partial(stage, "features of the generated images")
    fake = extract_features(fakes, extractor, layers, progress=told)
    if labelled is not None:
        labelled = with_found(labelled, measure, stage)
    training = None
    if "copying" in measure.scores and train is not None:
        training = features_of(train, "training", extractor, (layer,), stage)
    against = RealSide(real, kept_of(reals, extractor, layer, real))
    values = compute_scores(
        measure.scores,
        fake[layer],
        against,
        train=training,
        fake_logits=fake[extractor.logits] if wants_logits else None,
        labelled=labelled,
        seed=measure.seed,
        own=measure.own,
        progress=partial(stage, "scores"),
    )
    floor = None
    if not paired:
        floor = measure_floor(
            fake[layer], against, measure, labelled=labelled, others=others, stage=stage
        )
    protocol = describe(fakes, reals, measure)
    if labelled is not None:
        protocol = replace(protocol, classes=counts_in_words(labelled))
    notes = (*notes_on(values, fake[layer], real, protocol, floor), *notes)
    about_sides = notes_on_sides(fakes, reals, fake[layer], real, paired=paired)
    if not keep:
        remove_features(fakes, extractor, layers)
    counts = {} if labelled is None else class_counts(labelled)
    return Scores(values, protocol, floor, (*about_sides, *notes), class_counts=counts)


def _classes(
    fakes: Images, reals: Images, measure: Measure, stage: Stage
) -> tuple[Measure, Labelled | None, tuple[str, ...]]:
    """The measure without scores that a class has too few images for, both sides with their
    classes, and what to know. Raises UsageError where nothing is left to be measured."""
    labelled = open_classes(fakes, reals, measure, stage)
    if labelled is None:
        return measure, None, ()
    missing = too_few(measure, labelled)
    left = without(measure, set(missing))
    if not left.scores:
        name, why = next(iter(missing.items()))
        raise UsageError(
            f"{SCORES[name].title}: {why}",
            "score more images (--images), or another score: class-kid takes 10 of each class",
        )
    told = [f"{SCORES[name].title} is left out: {why}" for name, why in missing.items()]
    if not of_classes(left.scores):
        return left, None, tuple(told)
    return left, labelled, (*told, *notes_on_classes(left, labelled))


def _seconds_to_train(labelled: Labelled | None, measure: Measure, others: Images | None) -> float:
    """How long the classifiers take that learn from images, generated and real ones, and where the
    floor is smaller as many generated ones; 0 of none."""
    if labelled is None or "train-on-generated" not in measure.scores:
        return 0.0
    trainings = 2 if others is not None and len(others) >= len(labelled.fakes) else 3
    from zerosum.evaluation.scores.train_on_generated import seconds_to_train

    return trainings * seconds_to_train(labelled.fakes.shape[2], len(labelled.names))


def describe(fakes: Images, reals: Images, measure: Measure) -> Protocol:
    """The protocol of a measurement, under its name where it has one."""
    extractor = measure.extractor
    protocol = Protocol(
        name="",
        fakes=len(fakes),
        reals=len(reals),
        real_data=reals.name,
        real_part=reals.part,
        real_fingerprint=reals.fingerprint,
        resolution=ImageSize.of_shape(fakes.shape).written,
        channels=fakes.shape[2],
        extractor=extractor.label(measure.layer),
        weights=extractor.weights,
        resize=extractor.resize,
        precision=extractor.precision,
        approximate=measure.layer in extractor.approximate,
        source=fakes.name,
        fit=reals.fit,
        checkpoint=fakes.checkpoint,
        generator=fakes.weights,
        first=fakes.number,
        seed=measure.seed,
        version=versions()["zerosum"],
        own_extractor=extractor.file,
        own_scores="; ".join(
            f"{name} of {written(digest)}" for name, digest in measure.used.items()
        ),
    )
    return replace(protocol, name=name_of(protocol))
