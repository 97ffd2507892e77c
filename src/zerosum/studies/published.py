"""Published numbers and the settings that they are of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zerosum.comparing.setting_words import NAME, setting_words
from zerosum.studies.cells import LONGER
from zerosum.studies.results import SettingResult
from zerosum.studies.settings import Published

OUTSIDE = (LONGER, NAME)
"""Axes that a published number must name to be of a setting that has them."""


@dataclass(frozen=True)
class Beside:
    """Published numbers, matched."""

    by_setting: tuple[tuple[Published, ...], ...]
    """Those of each setting, in the order of the settings."""
    unmatched: tuple[Published, ...]
    """Those of no setting of the study."""


def match_published(published: Sequence[Published], settings: Sequence[SettingResult]) -> Beside:
    """Lay published numbers beside the settings that they are of."""
    by_setting = tuple(
        tuple(each for each in published if is_of(each, setting)) for setting in settings
    )
    matched = [each for own in by_setting for each in own]
    return Beside(by_setting, tuple(each for each in published if each not in matched))


def is_of(published: Published, setting: SettingResult) -> bool:
    """Whether every axis that the published number names has that value in the setting.

    A setting beside the grid, or one that was trained for longer, must be named as such; and a
    number that has a name but no axes is of no setting.
    """
    axes = setting.published_axes
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
