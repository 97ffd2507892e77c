"""Protocols that others use too: what each fixes, and which of them a measurement followed."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zerosum.errors import UsageError
from zerosum.evaluation.protocol import Protocol
from zerosum.recipe.image_size import ImageSize
from zerosum.suggest import did_you_mean

FOLDER = Path(__file__).parent / "protocols"
CUSTOM = "custom"
OPTIONS = {"part": "split"}
"""The options of the command that are called otherwise than the parts that they set."""
FREELY = "choose freely without --protocol: the numbers are shown as custom, with their parts"
WORDS = {"held out": "test"}
"""What --split calls a part of the images."""


@dataclass(frozen=True, kw_only=True)
class NamedProtocol:
    """A protocol that others use too, as its file in protocols/ says."""

    name: str
    title: str
    """One sentence: who uses it."""
    data: str = ""
    """The name of the reference data; empty: that of the run, or --against."""
    part: str
    """"train", "held out" or "all"."""
    reals: int = 0
    """How many of them; 0: all."""
    fakes: int
    """How many generated images."""
    fakes_at_least_reals: bool = False
    """Whether there are as many generated images as real ones, if that is more."""
    most_reals: int = 0
    """The most real images that it is meant for; 0: any number."""
    extractor: str
    layer: str
    resize: str
    precision: str
    fit: str = ""
    """How reference images are brought to their size; empty: as the run does it."""
    box: int = 0
    resolution: int = 0
    """Side of the images in pixels; 0: as the run has them."""

    def count_fakes(self, reals: int) -> int:
        """Generated images to score against so many real ones."""
        return max(self.fakes, reals) if self.fakes_at_least_reals else self.fakes

    @property
    def fit_name(self) -> str:
        """As `Protocol.fit`; empty where it is free."""
        return f"box {self.box}" if self.fit == "box" else self.fit


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
    return NamedProtocol(name=name, title=title, **tomllib.loads(text))


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


def require_size(named: NamedProtocol, size: ImageSize) -> None:
    """Raise UsageError where images of that size are not of a protocol's."""
    if named.resolution not in (0, size.written):
        raise UsageError(
            f"protocol {named.name} is for images of {named.resolution}×{named.resolution} pixels, "
            f"and these have {size.in_words}",
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
