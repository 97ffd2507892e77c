"""How a number was measured. Scores may be laid side by side only where their protocols agree."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from zerosum.errors import UsageError
from zerosum.suggest import did_you_mean

FOLDER = Path(__file__).parent / "protocols"
CUSTOM = "custom"


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
    resolution: int
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

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Protocol":
        """From JSON; fields that another version wrote and this one does not know are dropped."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in content.items() if name in known})

    def lines(self) -> list[str]:
        """The parts in words, for under a table."""
        made = f"{self.fakes:,} images of {self.source}"
        if self.checkpoint:
            weights = "averaged weights" if self.generator == "average" else "last weights"
            made += f", checkpoint {self.checkpoint}, {weights}, seed {self.seed}"
            if self.first:
                made += f", pictures from number {self.first:,}"
        real = f"{self.reals:,} images of {self.real_data} ({self.real_part})"
        network = f"{self.extractor}, weights {self.weights}"
        if self.resize != "none":
            network += f", resize {self.resize}"
        network += f", {self.precision}"
        if self.approximate:
            network += "; approximate: not quite the network of this name"
        size = f"{self.resolution}×{self.resolution}, {'grey' if self.channels == 1 else 'colour'}"
        return [
            f"protocol   {self.name}",
            f"generated  {made}",
            f"real       {real}",
            f"features   {network}",
            f"images     {size}; zerosum {self.version}",
        ]


DECISIVE = (
    "fakes",
    "reals",
    "real_fingerprint",
    "resolution",
    "channels",
    "extractor",
    "weights",
    "resize",
    "precision",
)
"""The parts in which two protocols must agree before their numbers may be compared."""


def disagreements(one: Protocol, other: Protocol) -> dict[str, tuple[Any, Any]]:
    """The decisive parts in which two protocols differ, with both values; empty: comparable."""
    pairs = {name: (getattr(one, name), getattr(other, name)) for name in DECISIVE}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@dataclass(frozen=True)
class NamedProtocol:
    """A protocol that others use too, as its file in protocols/ says."""

    name: str
    title: str
    """One sentence: who uses it."""
    data: str
    """The name of the reference data; empty: that of the run, or --against."""
    part: str
    """"train", "held out" or "all"."""
    reals: int
    """How many of them; 0: all."""
    fakes: int
    """How many generated images."""
    fakes_at_least_reals: bool
    """Whether there are as many generated images as real ones, if that is more."""
    most_reals: int
    """The most real images that it is meant for; 0: any number."""
    extractor: str
    layer: str
    resize: str
    precision: str
    fit: str
    """How reference images become squares; empty: as the run does it."""
    box: int
    resolution: int
    """Side of the images in pixels; 0: as the run has them."""

    def count_fakes(self, reals: int) -> int:
        """Generated images to score against so many real ones."""
        return max(self.fakes, reals) if self.fakes_at_least_reals else self.fakes


DEFAULTS: dict[str, Any] = {
    "data": "",
    "reals": 0,
    "fakes_at_least_reals": False,
    "most_reals": 0,
    "fit": "",
    "box": 0,
    "resolution": 0,
}


def protocol_names() -> list[str]:
    """The names of the protocols that come with zerosum."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def named_protocol(name: str) -> NamedProtocol:
    """The protocol of that name. Raises UsageError with the nearest one."""
    path = FOLDER / f"{name}.toml"
    if name not in protocol_names():
        raise UsageError(
            f"there is no protocol {name!r}",
            did_you_mean(name, protocol_names()) or f"choose one of: {', '.join(protocol_names())}",
        )
    text = path.read_text(encoding="utf-8")
    title = text.splitlines()[0].removeprefix("# ")
    return NamedProtocol(name=name, title=title, **DEFAULTS | tomllib.loads(text))


def name_of(protocol: Protocol) -> str:
    """The named protocol whose every part this one has, or "custom"."""
    for name in protocol_names():
        named = named_protocol(name)
        wanted_reals = named.reals or protocol.reals
        layer = (
            named.extractor if named.extractor == "digits" else (f"{named.extractor}-{named.layer}")
        )
        if (
            named.data in ("", protocol.real_data)
            and named.part == protocol.real_part
            and wanted_reals == protocol.reals
            and not 0 < named.most_reals < protocol.reals
            and named.count_fakes(protocol.reals) == protocol.fakes
            and layer == protocol.extractor
            and named.resize == protocol.resize
            and named.precision == protocol.precision
            and named.resolution in (0, protocol.resolution)
            and not named.fit
        ):
            return name
    return CUSTOM
