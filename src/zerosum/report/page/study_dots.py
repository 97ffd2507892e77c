"""A study's settings as a table that shows their scores also by place."""

import math
from dataclasses import dataclass

from zerosum.comparing.best import better
from zerosum.report.scores import number
from zerosum.report.study.scales import DECADES_FOR_LOG
from zerosum.report.study.texts import (
    letter,
    score_decimals,
    score_text,
    score_title,
    short,
    what_spread_is,
)
from zerosum.studies.entries import Entry
from zerosum.studies.table import Layout


@dataclass(frozen=True)
class Dots:
    """One setting on a line of its own. Places are shares of the width from the left, 0 to 1."""

    words: str
    text: str
    mean: float | None
    low: float
    """Where the spread begins."""
    high: float
    seeds: tuple[float, ...]
    best: bool


@dataclass(frozen=True)
class DotPlot:
    """Settings below each other, their scores by place."""

    title: str
    low: str
    """The score at the left end."""
    high: str
    log: bool
    rows: tuple[Dots, ...]
    legend: str


def dot_plot(layout: Layout) -> DotPlot | None:
    """Every setting on a line of its own; None where there are no two scores."""
    lines = [*layout.grid, *layout.beside]
    entries = [entry for line in lines for entry in line.entries if entry is not None]
    ends = [end for entry in entries for end in _ends(entry, layout.score)]
    if sum(len(entry.measured(layout.score).values) for entry in entries) < 2:
        return None
    low, high = min(ends), max(ends)
    log = low > 0 and math.log10(high / low) > DECADES_FOR_LOG

    def place(value: float) -> float:
        if low == high:
            return 0.5
        if log:
            return math.log(max(value, low) / low) / math.log(high / low)
        return (value - low) / (high - low)

    rows, decimals = [], score_decimals(layout.entries, layout.score)
    for entry in entries:
        measured = entry.measured(layout.score)
        around = _ends(entry, layout.score) or [low, low]
        words = entry.setting.words
        rows.append(
            Dots(
                f"{words} [{letter(entry.group)}]" if layout.groups > 1 else words,
                score_text(entry, layout.score, decimals) or "; ".join(map(short, entry.standing)),
                None if measured.mean is None else place(measured.mean),
                place(min(around)),
                place(max(around)),
                tuple(map(place, measured.values)) if len(measured.values) > 1 else (),
                layout.is_best(entry),
            )
        )
    legend = f"{better(layout.score).capitalize()} is better. Rings: single seeds."
    if layout.nothing_like:
        legend = "No setting is like the data, so none is better. Rings: single seeds."
    legend += f" {what_spread_is(layout)}."
    return DotPlot(score_title(layout, layout.score), number(layout.score, low, decimals),
                   number(layout.score, high, decimals), log, tuple(rows), legend)  # fmt: skip


def _ends(entry: Entry, score: str) -> list[float]:
    """All that must find its place: seeds, and the ends of the spread."""
    measured = entry.measured(score)
    if measured.mean is None:
        return []
    spread = measured.bar or 0.0
    ends = [measured.mean, measured.mean + spread, *measured.values]
    # What would lie below 0 has no place on a logarithmic line.
    return ends if measured.mean - spread <= 0 < measured.mean else [*ends, measured.mean - spread]
