"""Pictures of more than 8 bits a channel → 8 bits, by a range that is decided for the whole set.

A range that each picture chose for itself would make a black one white. The type of the values
says the range where it can (16 bits: 0 to 65535); then tags in which all files agree; otherwise
the lowest and highest value of all files together choose among the ranges that are in use.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zerosum.errors import ZerosumError
from zerosum.recipe.value_range import ValueRange
from zerosum.words import counted

Kind = Literal["12-bit", "16-bit", "whole-number", "floating-point"]
Ranges = Mapping[Kind, ValueRange]

TYPE_RANGES: Ranges = {"12-bit": ValueRange(0, 4095), "16-bit": ValueRange(0, 65535)}
USUAL: Mapping[Kind, tuple[ValueRange, ...]] = {
    "whole-number": (ValueRange(0, 255), ValueRange(0, 65535)),
    "floating-point": (
        ValueRange(0, 1),
        ValueRange(-1, 1),
        ValueRange(0, 255),
        ValueRange(0, 65535),
    ),
}
"""Ranges that are in use where the type says none, the first that holds the set's values counts."""
PRESUMED: Ranges = {**TYPE_RANGES, **{kind: ranges[0] for kind, ranges in USUAL.items()}}
"""What is taken before the whole set was seen."""
BEYOND = 0.1
"""Share of a range by which floating-point values may go beyond it: resizing and compression
overshoot a little."""
DARK = 0.1
"""Values of 0 to 255, or to 65535, that all stay below this share of white have another range."""
DIM = 0.25
"""What stays below this share of white is told as rather dark."""


@dataclass(frozen=True)
class Values:
    """The deep values of one picture, or of several of a kind.

    `stated` is the range (black, white) that the tags of all of them agree on, or None; `files`
    is how many they are.
    """

    kind: Kind
    lowest: float
    highest: float
    stated: tuple[float, float] | None = None
    files: int = 1

    def joined(self, other: "Values") -> "Values":
        """Those of both."""
        return replace(
            self,
            lowest=min(self.lowest, other.lowest),
            highest=max(self.highest, other.highest),
            stated=self.stated if self.stated == other.stated else None,
            files=self.files + other.files,
        )


def measured(pixels: NDArray[np.generic], kind: Kind, stated: tuple[float, float] | None) -> Values:
    """The extremes of a picture's values. Raises ValueError where some are not finite."""
    if not np.isfinite(pixels).all():
        raise ValueError("it has values that are not finite")
    return Values(kind, float(pixels.min()), float(pixels.max()), stated)


def gather(found: dict[Kind, Values], more: Iterable[Values | None]) -> None:
    """Add the values of more pictures to those of a set, in place."""
    for values in more:
        if values is not None:
            known = found.get(values.kind)
            found[values.kind] = known.joined(values) if known else values


def decided(found: Mapping[Kind, Values], wanted: ValueRange | None) -> dict[Kind, ValueRange]:
    """The range of each kind of values in a set; `wanted`, where it is given, for all of them.

    Raises ZerosumError where neither the type nor the tags nor the values tell it.
    """
    return {kind: wanted or range_of(values) for kind, values in found.items()}


def range_of(values: Values) -> ValueRange:
    """The range of all values of a kind in a set. Raises ZerosumError where it cannot be told."""
    if values.stated is not None:
        return ValueRange(*values.stated)
    if values.kind in TYPE_RANGES:
        return TYPE_RANGES[values.kind]
    for usual in USUAL[values.kind]:
        beyond = BEYOND * (usual.white - usual.black) if values.kind == "floating-point" else 0.0
        if usual.black - beyond <= values.lowest and values.highest <= usual.white + beyond:
            if usual.white > 1 and 0 < values.highest < DARK * usual.white:
                break
            return usual
    likely = ValueRange(
        *(float(f"{each:.3g}") for each in (min(0.0, values.lowest), values.highest))
    )
    raise ZerosumError(
        f"it cannot be told what is white: {_extent(values)}",
        f"say which values are black and white: --data.range {likely}, if that is so (evaluate: "
        f"--range={likely})",
    )


def sentences(found: Mapping[Kind, Values], ranges: Ranges) -> tuple[str, ...]:
    """What to know of how deep pictures were read, a line for each kind of values."""
    return tuple(_sentence(values, ranges[kind]) for kind, values in sorted(found.items()))


def _sentence(values: Values, chosen: ValueRange) -> str:
    text = f"{_extent(values)}; black to white is {chosen}"
    if values.lowest < chosen.black or values.highest > chosen.white:
        text += ", values beyond are clipped"
    reached = (values.highest - chosen.black) / (chosen.white - chosen.black)
    if values.highest > values.lowest and reached < DIM:
        text += f", so that the brightest has {reached:.0%} of white; data.range sets it"
    return text


def _extent(values: Values) -> str:
    files = counted(values.files, "file")
    return f"{values.kind} values in {files} run from {values.lowest:.6g} to {values.highest:.6g}"


def eight_bits(
    pixels: NDArray[np.generic], chosen: ValueRange, white_is_low: bool = False
) -> NDArray[np.uint8]:
    """Values of any type and shape → uint8, black → 0 and white → 255, clipped beyond.

    `white_is_low` turns them round, as TIFF's photometric interpretation MinIsWhite demands.
    """
    scaled = pixels.astype(np.float64)
    scaled -= chosen.black
    scaled *= 255 / (chosen.white - chosen.black)
    np.rint(scaled, out=scaled)
    result = np.clip(scaled, 0, 255, out=scaled).astype(np.uint8)
    return 255 - result if white_is_low else result
