"""What the scores of a study's settings say: which is the best, and what mattered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from zerosum.comparing.best import Why, better, order_by_seeds
from zerosum.comparing.effects import Effects, split
from zerosum.studies.results import SettingResult


@dataclass(frozen=True)
class Ranking:
    """One group of settings that may be compared, from the best mean to the worst."""

    entries: tuple[SettingResult, ...]
    longer: bool
    """Whether these are the settings that were trained for longer, which are ranked apart."""
    why: Why
    """Why there is a best, or none."""

    @property
    def best(self) -> SettingResult | None:
        """The one that is better than every other by more than chance; None where none is."""
        return self.entries[0] if self.why == "clear" else None


def rankings(found: Sequence[SettingResult], score: str) -> list[Ranking]:
    """The settings that have the score, ranked where they may be: measured alike, and with the
    study's budget (these first) or all with the longer one. Those that are not like the data are in
    none."""
    kinds: dict[tuple[bool, int], list[SettingResult]] = {}
    for entry in found:
        if entry.group is None or entry.like is False:
            continue
        if entry.measured(score).values:
            kinds.setdefault((entry.longer, entry.group), []).append(entry)
    ranked = []
    for (longer, _), own in sorted(kinds.items(), key=lambda kind: kind[0]):
        values = [entry.measured(score).values for entry in own]
        places, why = order_by_seeds(values, better(score))
        ranked.append(Ranking(tuple(own[place] for place in places), longer, why))
    return ranked


def effects(found: Sequence[SettingResult], axes: Sequence[str], score: str) -> list[Effects]:
    """What mattered in each group of cells that were measured alike, the largest group first.

    Settings beside the grid and those trained for longer are no part of it. Deterministic.
    """
    inside = [entry for entry in found if not entry.beside]
    numbers = [entry.group for entry in inside if entry.group is not None]
    ordered = sorted(dict.fromkeys(numbers), key=numbers.count, reverse=True)
    groups = [[entry for entry in inside if entry.group == number] for number in ordered]
    unscored = [entry for entry in inside if entry.group is None]
    if not groups:
        return []  # nothing was scored
    groups[0] += unscored
    return [effects_of(group, axes, score) for group in groups]


def effects_of(group: Sequence[SettingResult], axes: Sequence[str], score: str) -> Effects:
    """What mattered in one group."""
    rows: list[tuple[SettingResult, float]] = []
    left_out: list[str] = []
    unlike: list[str] = []
    for entry in group:
        values = {cell.cell.name: cell.value(score) for cell in entry.scored}
        for cell in entry.cells:
            value = values.get(cell.cell.name)
            if value is None or not np.isfinite(value):
                left_out.append(cell.cell.name)
            elif entry.like is False:
                unlike.append(cell.cell.name)
            else:
                rows.append((entry, value))
    scores = np.array([value for _, value in rows], dtype=np.float64)
    names = [[entry.axes[axis] for entry, _ in rows] for axis in axes]
    settings = [repr(dict(entry.axes)) for entry, _ in rows]
    number = next((entry.group for entry in group if entry.group is not None), None)
    return replace(
        split(scores, axes, names, settings),
        score=score, group=number, left_out=tuple(left_out), unlike=tuple(unlike),
    )  # fmt: skip
