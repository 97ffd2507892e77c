"""A setting by what tells it from others, in words: axes and their values."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zerosum.checksums import with_checksum

Value = str | int | float | bool | tuple[Any, ...]
"""What a field of a recipe may be set to."""
OWN_AXES = ("recipe", "data")
"""Axes that are no fields of a recipe."""
NAME = "name"
"""The axis of the settings outside of the grid."""


def shown(value: Value) -> str:
    """An axis's value as tables show it: 0.002, 2e-05, adam, photos.zip."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int):
        return f"{value:,}" if value >= 10_000 else str(value)
    if isinstance(value, tuple | list):
        return " ".join(map(shown, value))
    if isinstance(value, Mapping):  # a file of parts, whose text is long
        return with_checksum(value["name"], value["sha256"])
    path = Path(value)
    return path.name if len(path.parts) > 1 else value


def setting_words(axes: Mapping[str, Value]) -> str:
    """Axes and values in words; a recipe, data set or name stands for itself."""
    alone = (*OWN_AXES, NAME)
    return ", ".join(
        shown(value) if axis in alone else f"{axis} {shown(value)}" for axis, value in axes.items()
    )
