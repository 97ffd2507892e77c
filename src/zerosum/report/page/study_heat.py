"""A study's settings as tables that show their scores also by colour or by place."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from zerosum.comparing.best import better
from zerosum.comparing.setting_words import setting_words
from zerosum.report.scores import number
from zerosum.report.study.heat_map import COLOURS, PLAIN, lightness, scales_of
from zerosum.report.study.scales import DECADES_FOR_LOG
from zerosum.report.study.texts import (
    UNLIKE,
    letter,
    none_is_like,
    score_decimals,
    score_text,
    score_title,
    short,
)
from zerosum.studies.entries import Entry
from zerosum.studies.table import Layout, axis_name


@dataclass(frozen=True)
class Square:
    """One setting of a heat map."""

    value: str
    """"" where it has no score."""
    below: tuple[str, ...]
    """Lines under it: the spread, the group, what goes wrong."""
    best: bool
    ground: str = ""
    """Its colour as #rrggbb; "" without a score."""
    ink: str = ""


@dataclass(frozen=True)
class Heat:
    """A heat map: a square for each setting, None where the study has none."""

    title: str
    row_heads: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Square | None, ...]], ...]
    legend: str


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


def heat_table(layout: Layout) -> Heat | None:
    """A heat map of the grid; None where the table has no columns."""
    if not layout.column_axes:
        return None
    scales, decimals = scales_of(layout), score_decimals(layout.entries, layout.score)
    rows = []
    for line in layout.grid:
        squares = tuple(
            None if entry is None else _square(layout, entry, scales, decimals)
            for entry in line.entries
        )
        heads = (*line.head, *("",) * len(layout.row_axes))[: max(len(layout.row_axes), 1)]
        rows.append((heads, squares))
    columns = tuple(
        setting_words(dict(zip(layout.column_axes, point, strict=True))) for point in layout.columns
    )
    legend = f"Lighter: better ({better(layout.score)}). Hatched: without a score."
    if layout.unlike:
        legend += f" Grey: {UNLIKE}."
    if none := none_is_like(layout):
        legend = f"No colours, as {none}."
    elif layout.groups > 1:
        legend += " Colours compare only scores of the same letter."
    legend += f" {_what_spread_is(layout)}."
    return Heat(score_title(layout, layout.score), tuple(map(axis_name, layout.row_axes)), columns,
                tuple(rows), legend)  # fmt: skip


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
    legend += f" {_what_spread_is(layout)}."
    return DotPlot(score_title(layout, layout.score), number(layout.score, low, decimals),
                   number(layout.score, high, decimals), log, tuple(rows), legend)  # fmt: skip


def _square(
    layout: Layout, entry: Entry, scales: dict[int, tuple[float, float]], decimals: int | None
) -> Square:
    mean = entry.measured(layout.score).mean
    standing = tuple(short(each) for each in entry.standing)
    if mean is None or entry.group is None:
        return Square("", standing or ("not measured",), False)
    value, _, spread = score_text(entry, layout.score, decimals).partition(" ± ")
    below = [f"± {spread}" if spread else ""]
    below.append(f"[{letter(entry.group)}]" if layout.groups > 1 else "")
    below += [UNLIKE] * (entry.like is False and not layout.nothing_like)
    shade = PLAIN[:3]
    if entry.like is not False:
        shade = COLOURS(0.08 + 0.9 * lightness(mean, *scales[entry.group]))[:3]
    red, green, blue = (round(255 * part) for part in shade)
    return Square(
        value,
        tuple(line for line in (*below, *entry.marks, *standing) if line),
        layout.is_best(entry),
        f"#{red:02x}{green:02x}{blue:02x}",
        ink(shade),
    )


def ink(ground: Sequence[float]) -> str:
    """Black or white, whichever stands out more from a colour of red, green and blue from 0 to 1,
    by the ratio of luminances of the Web Content Accessibility Guidelines."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
              for part in ground]  # fmt: skip
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#ffffff"


def _ends(entry: Entry, score: str) -> list[float]:
    """All that must find its place: seeds, and the ends of the spread."""
    measured = entry.measured(score)
    if measured.mean is None:
        return []
    spread = (measured.spread if len(measured.values) > 1 else measured.error) or 0.0
    ends = [measured.mean, measured.mean + spread, *measured.values]
    # What would lie below 0 has no place on a logarithmic line.
    return ends if measured.mean - spread <= 0 < measured.mean else [*ends, measured.mean - spread]


def _what_spread_is(layout: Layout) -> str:
    several = any(len(entry.measured(layout.score).values) > 1 for entry in layout.entries)
    return "± is the standard deviation over seeds" if several else "± is its own error (one seed)"
