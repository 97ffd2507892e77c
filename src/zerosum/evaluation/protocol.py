"""How a number was measured. Scores may be laid side by side only where their protocols agree."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

from zerosum.data.fit import Fitting
from zerosum.errors import ZerosumError
from zerosum.recipe.image_size import parse_size


def fit_name(fitting: Fitting) -> str:
    """How pictures are brought to one size, as a protocol says it: "crop", "pad", "squash",
    "box 178"."""
    return f"box {fitting.box}" if fitting.fit == "box" else fitting.fit


@dataclass(frozen=True)
class Protocol:
    """Everything that a score depends on besides the generator."""

    name: str
    """Of a named protocol whose every part this has, or "custom"."""
    fakes: int
    """Generated images."""
    reals: int
    """Real images."""
    real_data: str
    """What the real images are called."""
    real_part: str
    """"train", "held out", "all" or "file"."""
    real_fingerprint: str
    """SHA-256 that is the same for the same real images."""
    resolution: int | str
    """Of the images, as recipes have it."""
    channels: int
    extractor: str
    """The network and layer: "inception-2048", "inception-2048-approx", "digits"."""
    weights: str
    """The first digits of the SHA-256 of the network's weights."""
    resize: str
    """How images reach the network's size: "tf1", "clean" or "none"."""
    precision: str
    """"float32" or "bf16", of the network."""
    approximate: bool
    """Whether the network is not quite the one whose name it bears."""
    source: str
    """Where the generated images come from: a run's name, or a folder's."""
    fit: str = ""
    """How the real images, and those of a folder, got their size: "crop", "pad", "squash" or
    "box 178"; empty in lines that were written before protocols held it."""
    checkpoint: str = ""
    """Images that the generator had seen, nine digits; empty for images from elsewhere."""
    generator: str = ""
    """"average" or "last" weights; empty for images from elsewhere."""
    first: int = 0
    """Number of the first picture."""
    seed: int = 0
    """Of the pictures."""
    version: str = ""
    """zerosum's."""
    damage: str = ""
    """Of the real images, which the others are restored from, in words; empty for images that were
    not made from the real ones."""
    classes: str = ""
    """How many classes, and images of each, where scores were measured within them; else empty."""
    own_extractor: str = ""
    """The file of the user's that the network is from, with its digest, which `weights` holds too;
    empty for one of zerosum's."""
    own_scores: str = ""
    """The scores that a file of the user's computed, each with the file and its digest."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Protocol":
        """From JSON; fields that another version wrote and this one does not know are dropped.

        Raises ZerosumError where one is missing.
        """
        known = [field.name for field in fields(cls)]
        needed = [field.name for field in fields(cls) if field.default is MISSING]
        if missing := [name for name in needed if name not in content]:
            raise ZerosumError(
                f"a line of scores does not say how it was measured: it lacks {', '.join(missing)}",
                "delete that line of the run's scores.jsonl, and evaluate again",
            )
        return cls(**{name: content[name] for name in known if name in content})

    def lines(self) -> list[str]:
        """The parts in words, for under a table."""
        made = f"{self.fakes:,} images of {self.source}"
        if self.checkpoint:
            weights = "averaged weights" if self.generator == "average" else "last weights"
            made += f", checkpoint {self.checkpoint}, {weights}"
            if not self.damage:
                made += f", seed {self.seed}"
            if self.first:
                made += f", pictures from number {self.first:,}"
        real = f"{self.reals:,} images of {self.real_data} ({self.real_part})"
        whose = f" of {self.own_extractor}" if self.own_extractor else ""
        network = f"{self.extractor}{whose}, weights {self.weights}"
        if self.resize != "none":
            network += f", resize {self.resize}"
        network += f", {self.precision}"
        if self.approximate:
            network += "; approximate: not quite the network of this name"
        size = parse_size(self.resolution).in_words
        size += f", {'grey' if self.channels == 1 else 'colour'}"
        if self.fit:
            size += f", fit {self.fit}"
        sides = [f"generated  {made}", f"real       {real}"]
        if self.damage:
            sides = [
                f"restored   {made}",
                f"damaged    {self.damage}",
                f"originals  {real}, the same pictures before the damage",
            ]
        if self.classes:
            sides.append(f"classes    {self.classes}")
        if self.own_scores:
            sides.append(f"own scores {self.own_scores}")
        return [
            f"protocol   {self.name}",
            *sides,
            f"features   {network}",
            f"images     {size}; zerosum {self.version}",
        ]


DECISIVE = (
    "fakes",
    "reals",
    "real_fingerprint",
    "resolution",
    "channels",
    "fit",
    "extractor",
    "weights",
    "resize",
    "precision",
    "damage",
    "classes",
    "own_scores",
)
"""The parts in which two protocols must agree before their numbers may be compared."""
OF_SOME = ("classes", "own_scores")
"""Parts that not all scores have, and those that lack them do not depend on."""


def disagreements(one: Protocol, other: Protocol) -> dict[str, tuple[Any, Any]]:
    """The decisive parts in which two protocols differ, with both values; empty: comparable."""
    pairs = {name: (getattr(one, name), getattr(other, name)) for name in DECISIVE}
    if not (one.fit and other.fit):
        # An old line does not say; the fingerprint of the real images holds their fit as well.
        del pairs["fit"]
    for part in OF_SOME:
        if not (getattr(one, part) and getattr(other, part)):
            del pairs[part]
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
