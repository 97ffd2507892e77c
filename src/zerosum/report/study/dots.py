"""A study's settings as a table that shows their scores also by place."""

import math
from dataclasses import dataclass

from zerosum.comparing.best import better
from zerosum.recipe.scores import ALL_SCORES
from zerosum.report.document import Block
from zerosum.report.score_chart import spans_much
from zerosum.report.scores import number
from zerosum.report.study.texts import (
    letter,
    score_decimals,
    score_text,
    score_title,
    short,
    what_spread_is,
)
from zerosum.studies.results import Measured
from zerosum.studies.table import Layout


@dataclass(frozen=True)
class Dots:
    """One setting on a line of its own."""

    words: str
    text: str
    """Its score, or how it stands."""
    measured: Measured
    ends: tuple[float, float]
    """Of the line; 0 < low where it is logarithmic."""
    log: bool
    best: bool
    beside: bool
    """Whether it stands outside of the grid."""

    @property
    def mean(self) -> float | None:
        """Its place, as a share of the line from the left, 0 to 1; None without a score."""
        mean = self.measured.mean
        return None if mean is None else self._place(mean)

    @property
    def low(self) -> float:
        """The place where the spread begins."""
        return self._place((self.measured.mean or 0.0) - (self.measured.bar or 0.0))

    @property
    def high(self) -> float:
        """The place where it ends."""
        return self._place((self.measured.mean or 0.0) + (self.measured.bar or 0.0))

    @property
    def seeds(self) -> tuple[float, ...]:
        """The places of several seeds."""
        values = self.measured.values
        return tuple(map(self._place, values)) if len(values) > 1 else ()

    def _place(self, value: float) -> float:
        low, high = self.ends
        if low == high:
            return 0.5
        value = min(max(value, low), high)
        if self.log:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)


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
    rows = [
        Dots(
            entry.words + (f" [{letter(entry.group)}]" if layout.groups > 1 else ""),
            score_text(entry, score, decimals) or "; ".join(map(short, entry.standing)),
            entry.measured(score), ends, log, layout.is_best(entry), entry.beside,
        )
        for entry in entries
    ]  # fmt: skip
    legend = f"{better(score).capitalize()} is better. Rings: single seeds."
    if layout.nothing_like:
        legend = "No setting is like the data, so none is better. Rings: single seeds."
    legend += f" {what_spread_is(layout)}."
    low, high = (number(score, end, decimals) for end in ends)
    return DotPlot(score_title(layout, score), low, high, log, tuple(rows), legend)


def _ends(measured: Measured) -> list[float]:
    """All that must find its place: seeds, and the ends of the spread."""
    if measured.mean is None:
        return []
    spread = measured.bar or 0.0
    ends = [measured.mean, measured.mean + spread, *measured.values]
    # What would lie below 0 has no place on a logarithmic line.
    return ends if measured.mean - spread <= 0 < measured.mean else [*ends, measured.mean - spread]
