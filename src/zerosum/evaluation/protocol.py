"""How a number was measured. Scores may be laid side by side only where their protocols agree."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any

from zerosum.data.fit import Fitting
from zerosum.errors import UsageError, ZerosumError
from zerosum.suggest import did_you_mean

FOLDER = Path(__file__).parent / "protocols"
CUSTOM = "custom"
OPTIONS = {"part": "split"}
"""The options of the command that are called otherwise than the parts that they set."""
FREELY = "choose freely without --protocol: the numbers are shown as custom, with their parts"
WORDS = {"held out": "test"}
"""What --split calls a part of the images."""


def fit_name(fitting: Fitting) -> str:
    """How pictures become squares, as a protocol says it: "crop", "pad", "squash", "box 178"."""
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
    fit: str = ""
    """How the real images, and those of a folder, became squares: "crop", "pad", "squash" or
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
        network = f"{self.extractor}, weights {self.weights}"
        if self.resize != "none":
            network += f", resize {self.resize}"
        network += f", {self.precision}"
        if self.approximate:
            network += "; approximate: not quite the network of this name"
        size = f"{self.resolution}×{self.resolution}, {'grey' if self.channels == 1 else 'colour'}"
        if self.fit:
            size += f", fit {self.fit}"
        sides = [f"generated  {made}", f"real       {real}"]
        if self.damage:
            sides = [
                f"restored   {made}",
                f"damaged    {self.damage}",
                f"originals  {real}, the same pictures before the damage",
            ]
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
)
"""The parts in which two protocols must agree before their numbers may be compared."""


def disagreements(one: Protocol, other: Protocol) -> dict[str, tuple[Any, Any]]:
    """The decisive parts in which two protocols differ, with both values; empty: comparable."""
    pairs = {name: (getattr(one, name), getattr(other, name)) for name in DECISIVE}
    if not (one.fit and other.fit):
        # An old line does not say; the fingerprint of the real images holds their fit as well.
        del pairs["fit"]
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

    @property
    def fit_name(self) -> str:
        """As `Protocol.fit`; empty where it is free."""
        return f"box {self.box}" if self.fit == "box" else self.fit


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
    # Those of one data set first: 50,000 of LSUN's are "every image" of a folder as well.
    named = sorted(map(named_protocol, protocol_names()), key=lambda each: not each.data)
    return next((each.name for each in named if not departures(protocol, each)), CUSTOM)


def departures(protocol: Protocol, named: NamedProtocol) -> dict[str, tuple[Any, Any]]:
    """The parts that a named protocol fixes and this one has otherwise: what it is, what it should
    be."""
    network = named.extractor if named.extractor == "digits" else f"{named.extractor}-{named.layer}"
    pairs: dict[str, tuple[Any, Any]] = {
        "real images": (protocol.real_data, named.data or protocol.real_data),
        "part": (protocol.real_part, named.part),
        "number of real images": (protocol.reals, named.reals or protocol.reals),
        "number of generated images": (protocol.fakes, named.count_fakes(protocol.reals)),
        "size": (protocol.resolution, named.resolution or protocol.resolution),
        "fit": (protocol.fit, named.fit_name or protocol.fit),
        "features": (protocol.extractor, network),
        "resize": (protocol.resize, named.resize),
        "precision": (protocol.precision, named.precision),
        "damage": (protocol.damage, ""),
    }
    if 0 < named.most_reals < protocol.reals:
        pairs["number of real images"] = (protocol.reals, named.most_reals)
    return {part: pair for part, pair in pairs.items() if pair[0] != pair[1]}


def require_free(named: NamedProtocol, given: Mapping[str, Any]) -> None:
    """Raise UsageError where `given` sets a part that the protocol fixes to something else.

    Its keys are those of `NamedProtocol` and `count`, the generated images; what is empty, None or
    "auto" was not given.
    """
    for part, value in given.items():
        if part == "count" or value in ("", None, 0, "auto"):
            continue
        fixed = getattr(named, part)
        if fixed and value != fixed:
            fixed = named.fit_name if part == "fit" else fixed
            option = OPTIONS.get(part, part)
            raise UsageError(
                f"protocol {named.name} fixes --{option} as {WORDS.get(fixed, fixed)}, and "
                f"{WORDS.get(value, value)} was given",
                f"leave --{option} out, or choose freely without --protocol",
            )
    count = given.get("count", 0)
    if count and count != named.fakes and not named.fakes_at_least_reals:
        raise _other_count(named, named.fakes, count)


def require_data(named: NamedProtocol, name: str) -> None:
    """Raise UsageError where real images of that name are not those of a protocol."""
    if named.data not in ("", name):
        raise UsageError(
            f"protocol {named.name} compares with {named.data}, and this is {name}", FREELY
        )


def require_size(named: NamedProtocol, resolution: int) -> None:
    """Raise UsageError where images of that side are not of a protocol's size."""
    if named.resolution not in (0, resolution):
        raise UsageError(
            f"protocol {named.name} is for images of {named.resolution}×{named.resolution} pixels, "
            f"and these have {resolution}×{resolution}",
            f"bring those of a folder to it with --resolution {named.resolution}, or {FREELY}",
        )


def require_side(named: NamedProtocol, name: str, part: str, count: int, asked: int) -> None:
    """Raise UsageError where real images, or `asked` generated ones (0: not said), are not those of
    a protocol.

    More real images than it has are none of that: its number of them is taken.
    """
    require_data(named, name)
    if part != named.part:
        raise UsageError(
            f"protocol {named.name} compares with {_part(named.part)} images of {name}, and these "
            f"are {_part(part)}",
            FREELY,
        )
    if named.most_reals and count > named.most_reals:
        raise UsageError(
            f"protocol {named.name} is for up to {named.most_reals:,} real images, "
            f"and {name} has {count:,}",
            "use --protocol=folder-all",
        )
    if count < named.reals:
        raise UsageError(
            f"protocol {named.name} needs {named.reals:,} real images ({_part(named.part)}), "
            f"and {name} has {count:,}",
            FREELY,
        )
    if asked and asked != named.count_fakes(count):
        raise _other_count(named, named.count_fakes(count), asked)


def _part(part: str) -> str:
    return f"{part} (all of them)" if part == "all" else part


def _other_count(named: NamedProtocol, fixed: int, given: int) -> UsageError:
    return UsageError(
        f"protocol {named.name} has {fixed:,} generated images, and {given:,} were asked for",
        "leave --images out, or choose freely without --protocol",
    )
