"""Generated images against real ones: features, scores, the floor, and what to make of them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from zerosum.errors import UsageError
from zerosum.evaluation.extractors import Extractor
from zerosum.evaluation.features import Features, extract_features
from zerosum.evaluation.images import Images
from zerosum.evaluation.protocol import Protocol, name_of
from zerosum.evaluation.scores import SCORES, Result, compute_scores, total_variance
from zerosum.randomness import random_for
from zerosum.suggest import did_you_mean
from zerosum.versions import versions

FEWEST = 10
"""Images on each side, at least."""
FLOOR_SCORES = ("fid", "kid", "precision", "recall", "coverage")
FEW_FOR_DIMENSION = 10
"""FID's bias is worth a note where there are fewer images than this times the dimensions."""
NO_VARIETY = 1e-3
"""Generated features that vary less than this share of the real ones are those of one image."""

Stage = Callable[[str, int, int], None]
"""Hears how far it is: what is done ("features of the real images"), how much, of how much."""


@dataclass(frozen=True)
class RealSide:
    """The real images: as images, or as features that somebody saved."""

    name: str
    part: str
    count: int
    fingerprint: str
    shape: tuple[int, int, int]
    images: Images | None
    features: Mapping[str, Features]
    """By layer; what is not here is computed from the images."""
    fit: str = ""
    """How the pictures became squares, as `fit_name` says it."""

    @classmethod
    def of(cls, images: Images, part: str) -> "RealSide":
        """Real images whose features are still to be computed."""
        return cls(
            images.name,
            part,
            len(images),
            images.fingerprint,
            images.shape,
            images,
            {},
            images.fit,
        )


@dataclass(frozen=True)
class Floor:
    """Scores of real images against other real images: what no generator needs to beat."""

    scores: Mapping[str, Result]
    words: str
    """Which images against which."""


@dataclass(frozen=True)
class Scores:
    """What was measured, how, and what a reader should know."""

    values: Mapping[str, Result]
    protocol: Protocol
    floor: Floor | None
    notes: tuple[str, ...]
    versions: Mapping[str, Mapping[str, Result]] = field(default_factory=dict)
    """Of a run that restores pictures: all scores, with "psnr" and "ssim", of the versions
    "damaged", "pretrained" and "restored". `values` are those of the last."""

    def __getitem__(self, name: str) -> float:
        """The value of a score."""
        return self.values[name].value

    def as_dict(self) -> dict[str, Any]:
        """For JSON: scores with their errors, protocol, floor, notes; `restoration` where there are
        versions."""
        line = {
            "scores": _plain(self.values),
            "protocol": self.protocol.as_dict(),
            "floor": {} if self.floor is None else _plain(self.floor.scores),
            "floor_words": "" if self.floor is None else self.floor.words,
            "notes": list(self.notes),
        }
        if self.versions:
            versions = {name: _plain(values) for name, values in self.versions.items()}
            line["restoration"] = {"count": self.protocol.fakes, "versions": versions}
        return line


def _plain(values: Mapping[str, Result]) -> dict[str, dict[str, float | None]]:
    """An infinite value (a PSNR's) is null: JSON has no word for it."""
    return {
        name: {"value": got.value if math.isfinite(got.value) else None, "error": got.error}
        for name, got in values.items()
    }


@dataclass(frozen=True)
class Measure:
    """What is measured, and with which network."""

    extractor: Extractor
    layer: str
    scores: tuple[str, ...]
    seed: int = 0


def require_scores(names: Sequence[str], extractor: Extractor | None = None) -> None:
    """Raise UsageError for a score that there is not, or that the extractor cannot give."""
    for name in names:
        if name not in SCORES:
            raise UsageError(
                f"there is no score {name!r}",
                did_you_mean(name, list(SCORES)) or f"choose from: {', '.join(SCORES)}",
            )
    if "is" in names and extractor is not None and not extractor.logits:
        raise UsageError(
            f"the Inception Score needs class logits, and these {extractor.name} weights have none",
            "leave `is` out, or name a weights file with the last layer: --weights FILE",
        )


def score_images(
    fakes: Images,
    reals: RealSide,
    measure: Measure,
    *,
    train: Images | None = None,
    others: RealSide | None = None,
    paired: bool = False,
    checkpoint: str = "",
    weights: str = "",
    first: int = 0,
    keep: bool = True,
    cache: Path | None = None,
    stage: Stage = lambda _what, _done, _total: None,
) -> Scores:
    """Score generated images against real ones.

    `train` are the training images, for the score `copying`. `others` are real images that are not
    among `reals`: with them the floor is measured at the same size as the scores; without, from
    halves of `reals`. `paired` says that the fakes are versions of the very `reals`: no floor then,
    since they may well be nearer to these than other real images are. `checkpoint`, `weights`
    ("average" or "last") and `first` say where the fakes come from. With `keep` their features are
    kept in the cache. Raises UsageError where the two sides cannot be compared.
    """
    require_scores(measure.scores, measure.extractor)
    require_comparable(fakes, reals)
    if "copying" in measure.scores and train is None:
        raise UsageError(
            "the share of copies needs the training images", "score a run, or leave `copying` out"
        )
    extractor, layer = measure.extractor, measure.layer
    wants_logits = "is" in measure.scores
    layers = (layer, extractor.logits) if wants_logits and extractor.logits else (layer,)

    def features(images: Images, what: str, wanted: Sequence[str], kept: bool) -> Any:
        return extract_features(
            images,
            extractor,
            wanted,
            cache=cache,
            keep=kept,
            progress=lambda done, total: stage(f"features of the {what} images", done, total),
        )

    real = real_features(reals, measure, cache=cache, stage=stage)
    fake = features(fakes, "generated", layers, keep)
    training = None
    if "copying" in measure.scores and train is not None:
        training = features(train, "training", (layer,), True)[layer]
    values = compute_scores(
        measure.scores,
        fake[layer],
        real,
        train=training,
        fake_logits=fake[extractor.logits] if wants_logits else None,
        seed=measure.seed,
        progress=lambda done, total: stage("scores", done, total),
    )
    floor = None
    if not paired:
        floor = measure_floor(real, len(fakes), measure, others=others, cache=cache, stage=stage)
    protocol = describe(fakes, reals, measure, checkpoint=checkpoint, weights=weights, first=first)
    notes = _notes(values, fake[layer], real, protocol, floor)
    return Scores(values, protocol, floor, notes)


def real_features(
    reals: RealSide,
    measure: Measure,
    *,
    cache: Path | None = None,
    stage: Stage = lambda _what, _done, _total: None,
) -> Features:
    """The features of the real side at the measure's layer, float32 (count, dimension)."""
    if measure.layer in reals.features:
        return reals.features[measure.layer]
    assert reals.images is not None
    found = extract_features(
        reals.images,
        measure.extractor,
        (measure.layer,),
        cache=cache,
        progress=lambda done, total: stage("features of the real images", done, total),
    )
    return found[measure.layer]


def describe(
    fakes: Images,
    reals: RealSide,
    measure: Measure,
    *,
    checkpoint: str = "",
    weights: str = "",
    first: int = 0,
) -> Protocol:
    """The protocol of a measurement, under its name where it has one."""
    extractor = measure.extractor
    approximate = measure.layer in extractor.approximate
    protocol = Protocol(
        name="",
        fakes=len(fakes),
        reals=reals.count,
        real_data=reals.name,
        real_part=reals.part,
        real_fingerprint=reals.fingerprint,
        resolution=fakes.shape[0],
        channels=fakes.shape[2],
        extractor=extractor.label(measure.layer),
        weights=extractor.weights,
        resize=extractor.resize,
        precision=extractor.precision,
        approximate=approximate,
        source=fakes.name,
        fit=reals.fit,
        checkpoint=checkpoint,
        generator=weights,
        first=first,
        seed=measure.seed,
        version=versions()["zerosum"],
    )
    return replace(protocol, name=name_of(protocol))


def measure_floor(
    real: Features,
    fakes: int,
    measure: Measure,
    *,
    others: RealSide | None = None,
    cache: Path | None = None,
    stage: Stage = lambda _what, _done, _total: None,
) -> Floor | None:
    """Real images against real images: `others`, as many as the fakes, or halves of `real`.

    Of a half, too, no more than there are fakes: few images make FID larger, real ones as well.
    None where there are too few to divide.
    """
    names = [name for name in measure.scores if name in FLOOR_SCORES]
    if not names:
        return None
    if others is not None and others.count >= FEWEST:
        features = real_features(others, measure, cache=cache, stage=stage)
        chosen = random_for(measure.seed, "floor").permutation(len(features))[:fakes]
        features = features[np.sort(chosen)]
        against, words = real, f"{len(features):,} of {others.name} ({others.part}) against these"
    else:
        half = len(real) // 2
        if half < FEWEST:
            return None
        few = min(half, fakes)
        order = random_for(measure.seed, "floor").permutation(len(real))
        features, against = real[np.sort(order[:few])], real[np.sort(order[half : 2 * half])]
        words = f"the real images in halves of {half:,}"
        if few < half:
            words = f"{few:,} of the real images against {half:,} others"
    results = compute_scores(
        names,
        features,
        against,
        seed=measure.seed,
        progress=lambda done, total: stage("the floor", done, total),
    )
    return Floor(results, words)


def require_comparable(fakes: Images, reals: RealSide) -> None:
    """Raise UsageError for too few images, and for sides of different size or colour."""
    for count, whose in ((len(fakes), "generated"), (reals.count, "real")):
        if count < FEWEST:
            raise UsageError(
                f"{count:,} {whose} images are too few to score",
                f"give {FEWEST} at least; below 1,000 every score is rough",
            )
    if fakes.shape[2] != reals.shape[2]:
        kinds = {1: "grey", 3: "colour"}
        raise UsageError(
            f"{fakes.name} is {kinds[fakes.shape[2]]} and {reals.name} is {kinds[reals.shape[2]]}",
            "say how both are to be read: --channels 3 or --channels 1",
        )
    if fakes.shape != reals.shape:
        sizes = [f"{shape[1]}×{shape[0]}" for shape in (fakes.shape, reals.shape)]
        raise UsageError(
            f"{fakes.name} has {sizes[0]} pixels and {reals.name} has {sizes[1]}",
            "bring both to one size: --resolution SIDE",
        )


def _notes(
    values: Mapping[str, Result],
    fake: Features,
    real: Features,
    protocol: Protocol,
    floor: Floor | None,
) -> tuple[str, ...]:
    notes = []
    varies, should = total_variance(fake), total_variance(real)
    if varies < NO_VARIETY * should:
        notes.append("collapsed: the generated images are all but the same one")
    dimension, fewest = real.shape[1], min(len(fake), len(real))
    if "fid" in values and fewest < FEW_FOR_DIMENSION * dimension:
        note = (
            f"{fewest:,} images are few for {dimension:,} dimensions: FID is too large by an "
            "amount that depends on the number"
        )
        if floor is not None and "fid" in floor.scores:
            note += (
                f"; between real images it is {floor.scores['fid'].value:.3g} already "
                f"({floor.words})"
            )
        if fewest <= dimension:
            note += "; its covariance has not even full rank: read KID first"
        notes.append(note)
    if protocol.approximate:
        notes.append(
            f"approximate: the weights of {protocol.extractor} are close to the network of that "
            "name, and not it: never put these numbers beside published ones"
        )
    return tuple(notes)
