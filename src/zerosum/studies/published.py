"""Published numbers and the settings that they are of."""

from collections.abc import Mapping
from typing import Any

from zerosum.comparing.setting_words import NAME, Value, setting_words
from zerosum.studies.cells import LONGER
from zerosum.studies.settings import Published

OUTSIDE = (LONGER, NAME)
"""Axes that a published number must name to be of a setting that has them."""


def is_of(published: Published, axes: Mapping[str, Value]) -> bool:
    """Whether every axis that the published number names has that value among a setting's.

    A setting beside the grid, or one that was trained for longer, must be named as such; and a
    number that has a name but no axes is of no setting.
    """
    if any(axis in axes and axis not in published.where for axis in OUTSIDE):
        return False
    if published.name and not published.where:
        return False
    return all(
        axis in axes and same_value(value, axes[axis]) for axis, value in published.where.items()
    )


def published_name(published: Published) -> str:
    """What a list calls it."""
    return published.name or setting_words(published.where) or "all settings"


def same_value(one: Any, other: Any) -> bool:
    """Whether two values of an axis are the same: numbers by their value, lists by their items."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same_value, one, other))
    return bool(one == other)
