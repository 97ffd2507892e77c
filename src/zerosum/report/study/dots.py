"""A study's settings as a table that shows their scores also by place."""

import math
from dataclasses import dataclass

from zerosum.comparing.best import better
from zerosum.recipe.scores import ALL_SCORES
from zerosum.report.document import Block
from zerosum.report.score_chart import spans_much
from zerosum.report.scores import number
from zerosum.report.study.texts import (
    group_mark,
    score_decimals,
    score_text,
    score_title,
    short,
    what_spread_is,
)
from zerosum.studies.results import Measured, SettingResult
from zerosum.studies.table import Layout


@dataclass(frozen=True)
class Dots:
    """One setting on a line of its own. Places are shares of the line from the left, 0 to 1."""

    words: str
    text: str
    """Its score, or how it stands."""
    measured: Measured
    best: bool
    beside: bool
    """Whether it stands outside of the grid."""
    mean: float | None
    """Its place; None without a score."""
    low: float
    """The place where the spread begins."""
    high: float
    """The place where it ends."""
    seeds: tuple[float, ...]
    """The places of several seeds."""


@dataclass(frozen=True)
class DotPlot(Block):
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
    score = layout.score
    lines = [*layout.grid, *layout.beside]
    entries = [entry for line in lines for entry in line.entries if entry is not None]
    places = [end for entry in entries for end in _ends(entry.measured(score))]
    if sum(len(entry.measured(score).values) for entry in entries) < 2:
        return None
    ends = min(places), max(places)
    log = not ALL_SCORES[score].bounds and spans_much(ends)
    decimals = score_decimals(layout.entries, score)

    def place(value: float) -> float:
        low, high, value = (math.log(each) if log else each for each in (*ends, clipped(value)))
        return 0.5 if low == high else (value - low) / (high - low)

    def clipped(value: float) -> float:
        return min(max(value, ends[0]), ends[1])

    def row(entry: SettingResult) -> Dots:
        measured, several = entry.measured(score), len(entry.measured(score).values) > 1
        mean, bar = measured.mean, measured.bar or 0.0
        return Dots(
            entry.words + (group_mark(entry.group) if layout.groups > 1 else ""),
            score_text(entry, score, decimals) or "; ".join(map(short, entry.standing)),
            measured, layout.is_best(entry), entry.beside,
            None if mean is None else place(mean), place((mean or 0.0) - bar),
            place((mean or 0.0) + bar), tuple(map(place, measured.values if several else ())),
        )  # fmt: skip

    legend = f"{better(score).capitalize()} is better. Rings: single seeds."
    if layout.nothing_like:
        legend = "No setting is like the data, so none is better. Rings: single seeds."
    legend += f" {what_spread_is(layout)}."
    low, high = (number(score, end, decimals) for end in ends)
    return DotPlot(score_title(layout, score), low, high, log, tuple(map(row, entries)), legend)


def _ends(measured: Measured) -> list[float]:
    """All that must find its place: seeds, and the ends of the spread."""
    if measured.mean is None:
        return []
    spread = measured.bar or 0.0
    ends = [measured.mean, measured.mean + spread, *measured.values]
    # What would lie below 0 has no place on a logarithmic line.
    return ends if measured.mean - spread <= 0 < measured.mean else [*ends, measured.mean - spread]
