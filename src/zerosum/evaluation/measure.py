"""What is measured with which network, and whether it can be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from zerosum.errors import UsageError
from zerosum.evaluation.extractors import Extractor
from zerosum.evaluation.features import Features, extract_features
from zerosum.evaluation.images import Images
from zerosum.parts import owner
from zerosum.recipe.image_size import ImageSize
from zerosum.recipe.scores import SCORES
from zerosum.suggest import did_you_mean

FEWEST = 10
"""Images on each side, at least."""

Stage = Callable[[str, int, int], None]
"""Hears how far it is: what is done ("features of the real images"), how much, of how much."""


def no_stage(what: str, done: int, total: int) -> None:
    """A Stage where nobody listens."""


@dataclass(frozen=True)
class Measure:
    """What is measured, and with which network."""

    extractor: Extractor
    layer: str
    scores: tuple[str, ...]
    seed: int = 0
    own: Mapping[str, str] = field(default_factory=dict)
    """Of scores that can be asked for, from files of the user's: the digest of the file."""

    @property
    def used(self) -> dict[str, str]:
        """Of those that are measured."""
        return {name: self.own[name] for name in sorted(self.own) if name in self.scores}


def require_scores(
    names: Sequence[str],
    extractor: Extractor | None = None,
    own: Mapping[str, str] | None = None,
) -> None:
    """Raise UsageError for a score that neither zerosum nor a file has, whose digest `own` says, or
    that the extractor cannot give."""
    there = [name for name in SCORES if name in (own or {}) or not owner("score", name)]
    for name in names:
        if name not in there:
            yours = "one of yours comes from a file that the run keeps, or that --with names"
            hint = did_you_mean(name, there) or f"choose from: {', '.join(there)}; {yours}"
            raise UsageError(f"there is no score {name!r}", hint)
        logits = "class logits" in SCORES[name].needs
        if logits and extractor is not None and not extractor.logits:
            others = ", or name a weights file with the last layer: --weights FILE"
            others = "" if extractor.file else others
            raise UsageError(
                f"the {SCORES[name].title} needs class logits, and these {extractor.name} weights "
                "have none",
                f"leave `{name}` out{others}",
            )


def layer_of(extractor: Extractor, wanted: str) -> str:
    """The layer of that name; "": the extractor's usual one. Raises UsageError for none of its."""
    layer = wanted or extractor.default_layer
    if layer not in extractor.layers:
        layers = list(extractor.layers)
        raise UsageError(
            f"{extractor.name} has no layer {layer!r}",
            did_you_mean(layer, layers) or f"choose from: {', '.join(layers)}",
        )
    return layer


def require_comparable(fakes: Images, reals: Images) -> None:
    """Raise UsageError for too few images, and for sides of different size or colour."""
    for count, whose in ((len(fakes), "generated"), (len(reals), "real")):
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
        sizes = [ImageSize.of_shape(images.shape).in_words for images in (fakes, reals)]
        raise UsageError(
            f"{fakes.name} has {sizes[0]} pixels and {reals.name} has {sizes[1]}",
            "bring both to one size: --resolution SIDE, or WIDTHxHEIGHT",
        )


def features_of(
    images: Images, whose: str, extractor: Extractor, layers: Sequence[str], stage: Stage
) -> Features:
    """Those of the first layer, float32 (count, dimension); the others are kept in the same pass.
    `whose` is said of the images."""
    told = partial(stage, f"features of the {whose} images")
    return extract_features(images, extractor, layers, progress=told)[layers[0]]
