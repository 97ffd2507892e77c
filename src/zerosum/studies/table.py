"""How the settings of a study are laid out: rows and columns of axes, and what stands beside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from zerosum.comparing.setting_words import NAME, Value, setting_words, shown
from zerosum.studies.cells import LONGER
from zerosum.studies.ranking import Ranking, rankings
from zerosum.studies.results import CellResult, SettingResult
from zerosum.studies.settings import Published, Study

OUTSIDE = (LONGER, NAME)
"""Axes that a published number must name to be of a setting that has them."""
Point = tuple[Value, ...]
"""A value of each of some axes."""


@dataclass(frozen=True)
class SettingRow:
    """One row of the table."""

    head: tuple[str, ...]
    """The values of the axes down the side, as text; of a setting beside the grid its words."""
    entries: tuple[SettingResult | None, ...]
    """Of each column; None where no cell of the study has these axes."""


@dataclass(frozen=True)
class Layout:
    """All that a study tells of one score."""

    study: Study
    score: str
    entries: tuple[SettingResult, ...]
    """Every setting, in the order of the study."""
    row_axes: tuple[str, ...]
    column_axes: tuple[str, ...]
    columns: tuple[Point, ...]
    """The values of the axes along the top; one empty point where there are none."""
    grid: tuple[SettingRow, ...]
    beside: tuple[SettingRow, ...]
    """Settings outside of the grid, and those trained for longer; one entry each."""
    rankings: tuple[Ranking, ...]
    unmatched: tuple[Published, ...]
    """Published numbers of no setting of the study."""

    @property
    def results(self) -> tuple[CellResult, ...]:
        """Every cell, those of a setting together."""
        return tuple(cell for entry in self.entries for cell in entry.cells)

    @property
    def scores(self) -> tuple[str, ...]:
        """Every score that was measured somewhere, the table's first."""
        lines = [cell.scores for entry in self.entries for cell in entry.scored]
        names = [name for line in lines if line is not None for name in line.scores]
        return tuple(sorted(dict.fromkeys(names), key=lambda name: name != self.score))

    @property
    def groups(self) -> int:
        """How many kinds of measurements there are, which may not be compared with each other."""
        return len({entry.group for entry in self.entries if entry.group is not None})

    @property
    def unlike(self) -> tuple[SettingResult, ...]:
        """The settings that were scored and are not like the data: nothing ranks them."""
        return tuple(entry for entry in self.entries if entry.like is False)

    @property
    def nothing_like(self) -> bool:
        """Whether no setting is like the data of those that were scored; False before any was."""
        return _none_like(self.entries)

    @property
    def nothing_like_in_grid(self) -> bool:
        """As `nothing_like`, of the settings of the grid alone."""
        return _none_like([entry for entry in self.entries if not entry.beside])

    def is_best(self, entry: SettingResult) -> bool:
        """Whether a setting is better than every other that it may be compared with, by more than
        chance."""
        return any(ranking.best is entry for ranking in self.rankings)


def lay_out(study: Study, settings: Sequence[SettingResult], score: str = "") -> Layout:
    """The table of a study as it stands, of its table's score or another one.

    Of a study whose settings are drawn, every setting is a row, the best ones first.
    """
    score = score or study.table.score
    found = [
        replace(
            setting,
            published=tuple(own for own in study.published if is_of(own, setting.published_axes)),
        )
        for setting in settings
    ]
    matched = [each for entry in found for each in entry.published]
    ranked = rankings(found, score)
    row_axes, column_axes = table_axes(study)
    inside = [entry for entry in found if not entry.beside]
    if study.drawn:
        order = [entry for ranking in ranked for entry in ranking.entries if not entry.beside]
        inside = order + [entry for entry in inside if entry not in order]
    columns = _points(inside, column_axes) or [()]
    rows = _points(inside, row_axes)
    by_place = {
        (_point(entry.axes, row_axes), _point(entry.axes, column_axes)): entry for entry in inside
    }
    grid = [
        SettingRow(tuple(map(shown, row)), tuple(by_place.get((row, column)) for column in columns))
        for row in rows
    ]
    beside = [SettingRow((entry.words,), (entry,)) for entry in found if entry.beside]
    return Layout(
        study,
        score,
        tuple(found),
        row_axes,
        column_axes,
        tuple(columns),
        tuple(grid),
        tuple(beside),
        tuple(ranked),
        tuple(each for each in study.published if each not in matched),
    )


def _none_like(entries: Sequence[SettingResult]) -> bool:
    scored = [entry for entry in entries if entry.scored]
    return bool(scored) and all(entry.like is False for entry in scored)


def table_axes(study: Study) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The axes down the side and along the top: as the study says; where it does not, the last
    axis along the top and the others down the side; an axis alone, or drawn ones, down the side."""
    axes = study.axes
    rows = tuple(axis for axis in study.table.rows if axis in axes)
    columns = tuple(axis for axis in study.table.columns if axis in axes and axis not in rows)
    if study.drawn or len(axes) < 2:
        return axes, ()
    left = tuple(axis for axis in axes if axis not in (*rows, *columns))
    if not rows and not columns:
        return axes[:-1], axes[-1:]
    if rows and not columns:
        return rows, left
    return (*rows, *left), columns


def row_words(layout: Layout, row: SettingRow) -> str:
    """A row of the grid in words, such as "dcgan, optimizer adam"."""
    for entry in row.entries:
        if entry is not None:
            return setting_words({axis: entry.axes[axis] for axis in layout.row_axes})
    return ", ".join(row.head)


def axis_name(axis: str) -> str:
    """An axis as a table's head: the last part of a dotted name."""
    return axis.rpartition(".")[2].replace("_", " ") if "." in axis else axis


def _point(axes: Mapping[str, Value], names: Sequence[str]) -> Point:
    # Values that were written down and read again are lists, which cannot be looked up.
    return tuple(_hashable(axes[name]) for name in names)


def _hashable(value: Value) -> Value:
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value


def _points(inside: Sequence[SettingResult], names: Sequence[str]) -> list[Point]:
    """Every combination of values there is, in the order of first appearance."""
    return list(dict.fromkeys(_point(entry.axes, names) for entry in inside))


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
