"""A heat map of two axes, or of more with several of them down the side, as a value."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import matplotlib
from matplotlib.colors import to_hex, to_rgb, to_rgba

from zerosum.comparing.best import better
from zerosum.comparing.setting_words import setting_words
from zerosum.report.document import Block
from zerosum.report.study.texts import (
    UNLIKE,
    letter,
    none_is_like,
    score_decimals,
    score_text,
    score_title,
    short,
    what_spread_is,
)
from zerosum.studies.results import Measured, SettingResult
from zerosum.studies.table import Layout, axis_name, row_words

COLOURS = matplotlib.colormaps["cividis"]
"""Lightness rises all along it, so that it reads in grey as well."""
PLAIN = to_rgba("#ededed")
"""Of settings that are not like the data."""
ERRORS_APART = 10
"""The fewest errors of a score from the darkest colour to the lightest."""


@dataclass(frozen=True)
class Square:
    """One setting of a heat map."""

    value: str
    """"" where it has no score."""
    below: tuple[str, ...]
    """Lines under it: the spread, the group, what goes wrong."""
    standing: tuple[str, ...]
    """How the cells stand that have no score; each stands under it too."""
    best: bool = False
    ground: str = ""
    """Its colour as #rrggbb; "" without a score."""

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines under its number."""
        return self.below + tuple(map(short, self.standing))

    @property
    def ink(self) -> str:
        """The colour of what is written on it."""
        return ink(to_rgb(self.ground)) if self.ground else ""


@dataclass(frozen=True)
class Heat(Block):
    """A heat map: a square for each setting, None where the study has none."""

    title: str
    row_heads: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Square | None, ...]], ...]
    names: tuple[str, ...]
    """Each row in words."""
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
    legend += f" {what_spread_is(layout)}."
    return Heat(score_title(layout, layout.score), tuple(map(axis_name, layout.row_axes)), columns,
                tuple(rows),
                tuple(row_words(layout, line) for line in layout.grid), legend)  # fmt: skip


def scales_of(layout: Layout) -> dict[int, tuple[float, float]]:
    """Of each group the worst and the best mean of the grid, of the settings that are like the
    data; farther apart where those lie within `ERRORS_APART` of their usual error, so that what may
    be chance is hardly a difference of colour."""
    found: dict[int, list[Measured]] = {}
    for entry in (each for line in layout.grid for each in line.entries if each is not None):
        measured = entry.measured(layout.score)
        if measured.mean is not None and entry.group is not None and entry.like is not False:
            found.setdefault(entry.group, []).append(measured)
    lower = better(layout.score) == "lower"
    scales = {}
    for group, every in found.items():
        means = [each.mean for each in every if each.mean is not None]
        error = median([each.bar or 0.0 for each in every])
        wider = max(0.0, ERRORS_APART * error - (max(means) - min(means))) / 2
        low, high = min(means) - wider, max(means) + wider
        scales[group] = (high, low) if lower else (low, high)
    return scales


def lightness(value: float, worst: float, best: float) -> float:
    """0 for the worst to 1 for the best; by the logarithm where they are far apart."""
    if worst == best:
        return 0.6
    if min(worst, best) > 0 and max(worst, best) / min(worst, best) > 5:
        value, worst, best = math.log(value), math.log(worst), math.log(best)
    return (value - worst) / (best - worst)


def _square(
    layout: Layout,
    entry: SettingResult,
    scales: dict[int, tuple[float, float]],
    decimals: int | None,
) -> Square:
    mean = entry.measured(layout.score).mean
    if mean is None or entry.group is None:
        return Square("", (), entry.standing or ("not measured",))
    value, _, spread = score_text(entry, layout.score, decimals).partition(" ± ")
    below = [f"± {spread}" if spread else ""]
    below.append(f"[{letter(entry.group)}]" if layout.groups > 1 else "")
    below += [UNLIKE] * (entry.like is False and not layout.nothing_like)
    below += entry.marks
    colour = PLAIN
    if entry.like is not False:
        colour = COLOURS(0.08 + 0.9 * lightness(mean, *scales[entry.group]))
    ground, best = to_hex(colour), layout.is_best(entry)
    return Square(value, tuple(filter(None, below)), entry.standing, best, ground)


def ink(ground: Sequence[float]) -> str:
    """Black or white, whichever stands out more from a colour of red, green and blue from 0 to 1,
    by the ratio of luminances of the Web Content Accessibility Guidelines."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
              for part in ground]  # fmt: skip
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#ffffff"
