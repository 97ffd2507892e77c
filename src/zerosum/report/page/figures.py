"""Curves as data for the page's own script: chunk means, the raw values behind them, phases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerosum.recipe.phases import PHASE_WORDS
from zerosum.report.curves import by_phase, column, spans, wants_log
from zerosum.report.summary import value

RAW_POINTS = 600
"""Of a raw curve, at most; of more values each piece gives its lowest and its highest."""
DIGITS = 8
"""Of raw values, which are only drawn. What is told is a text beside each value, rounded once, from
the full number."""
LOST = 50
"""Marks of values that are not finite, at most."""

Lines = Sequence[Mapping[str, Any]]
Values = list[float | None]


@dataclass(frozen=True)
class Series:
    """One curve: y over x, None where it is broken; faint raw values and errors if there are."""

    label: str
    look: int
    """0 to 7: colour, dashes and marker; 8: one of those that are not told apart."""
    x: list[float]
    y: Values
    raw_x: list[float]
    raw_y: Values
    error: Values
    """Half the height of the interval at each point; empty where none is known."""
    told: list[str]
    """Each point's value and error as the page tells them; "" where there is no value."""
    line: bool = True
    """Whether the points are joined."""
    rings: bool = False
    """Whether the points are drawn hollow: single seeds beside their mean."""
    newest: str | None = None
    """What is told of it at rest, "" where that is nothing; None: its last point's text."""


@dataclass(frozen=True)
class Level:
    """A value that curves are held against."""

    value: float
    label: str
    told: str
    """The value as the page tells it."""


@dataclass(frozen=True)
class Phase:
    """Where a phase of a training begins and ends, in images seen."""

    name: str
    begin: float
    end: float


@dataclass(frozen=True)
class Chart:
    """One pair of axes, over the images seen unless `x_label` says otherwise.

    `key` is unique on its page. Series of one label share a place in the legend.
    """

    key: str
    title: str
    unit: str
    """What the y axis says, and which direction is better where one is."""
    series: list[Series]
    levels: list[Level]
    phases: list[Phase]
    lost: list[float]
    """Where a value was not finite."""
    low: float | None = None
    """The lowest value shown; None: that of the curves."""
    high: float | None = None
    log: bool = False
    note: str = ""
    x_label: str = "images seen in training"
    x_unit: str = "images"
    """What x counts, from 0 on; "" where it is the value of `x_label`, such as a learning rate."""
    x_log: bool = False
    x_ticks: Sequence[float] = ()
    """Where the x axis has ticks; empty: at round numbers."""
    x_names: Sequence[str] = ()
    """What these ticks are called."""
    at_rest: str = ""
    """What is read while nobody points at the chart, where that is the newest of every curve; "":
    the values at the newest place."""

    def as_dict(self) -> dict[str, Any]:
        """For the page's script."""
        return asdict(self)

    def in_words(self) -> str:
        """Where each curve begins and ends: what stands in for the drawing where none is seen."""
        told = [_ends(each) for each in self.series]
        return f"{self.title}, over the {self.x_label}. " + ". ".join(filter(None, told))


def logged_chart(
    key: str,
    title: str,
    unit: str,
    lines: Lines,
    curves: Sequence[tuple[str, str]],
    *,
    levels: Sequence[Level] = (),
    limits: tuple[float, float] | None = None,
    may_be_log: bool = False,
    look: int = 0,
) -> Chart | None:
    """A chart of fields of metrics.jsonl, each with its label; None where none was measured.

    Without `limits` rare spikes are left out of the frame, and `note` says so.
    """
    rows = [dict(line) for line in lines]
    there = [(field, label) for field, label in curves if any(field in line for line in rows)]
    if not there:
        return None
    # Its numbers are those of the summary and of the terminal's last lines.
    at_rest = f"last log line, at {rows[-1]['images']:,} images"
    series = [
        logged_series(rows, field, label, look + place)
        for place, (field, label) in enumerate(there)
    ]
    fields = [field for field, _ in there]
    log = may_be_log and wants_log(rows, fields)
    low, high = limits or (None, None)
    note = ""
    if limits is None and not log:
        low, high, note = _bulk(rows, fields, [level.value for level in levels])
    images = column(rows, "images")
    lost = np.zeros(len(rows), dtype=bool)
    for field in fields:
        known = np.array([field in line for line in rows])
        lost |= known & np.isnan(column(rows, field))
    if lost.any():
        count = f"× not finite in {int(lost.sum()):,} of {len(rows):,} log lines"
        note = f"{note}; {count}" if note else count
    marks = images[lost]
    if len(marks) > LOST:
        marks = marks[np.linspace(0, len(marks) - 1, LOST).astype(int)]
    return Chart(key, title, unit, series, list(levels), phases(rows), [float(at) for at in marks],
                 low, high, log, note, at_rest=at_rest)  # fmt: skip


def logged_series(lines: list[dict[str, Any]], field: str, label: str, look: int) -> Series:
    """The chunk means of a field, its raw values thinned out, and what the last line has of it."""
    x, y = by_phase(lines, field, means=True)
    raw_x, raw_y = thinned(*by_phase(lines, field, means=False))
    if len(raw_x) <= len(x):
        raw_x, raw_y = np.empty(0), np.empty(0)
    told = [value(each) if np.isfinite(each) else "" for each in y]
    last = lines[-1]
    newest = value(last[field]) if field in last else ""
    return Series(label, look, x.tolist(), _gaps(y), _short(raw_x), _gaps(_short(raw_y)), [], told,
                  newest=newest)  # fmt: skip


def thinned(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At most RAW_POINTS of the points (n,): of each piece its lowest and its highest, in order.

    Gaps (NaN) stay.
    """
    if len(x) <= RAW_POINTS:
        return x, y
    kept = [0, len(x) - 1, *np.flatnonzero(np.isnan(y))[: RAW_POINTS // 4]]
    for piece in np.array_split(np.arange(len(x)), RAW_POINTS * 3 // 8):
        finite = piece[np.isfinite(y[piece])]
        if len(finite):
            kept += [finite[y[finite].argmin()], finite[y[finite].argmax()]]
    places = np.unique(kept)
    return x[places], y[places]


def phases(lines: list[dict[str, Any]]) -> list[Phase]:
    """The phases of a training, named; none where it has only one."""
    found = spans(lines)
    if {span.phase for span in found} <= {"", "adversarial"}:
        return []
    return [Phase(PHASE_WORDS.get(span.phase, span.phase), span.begin, span.end) for span in found]


def _bulk(
    lines: list[dict[str, Any]], fields: Sequence[str], levels: Sequence[float]
) -> tuple[float | None, float | None, str]:
    """The range that frames the middle 98 % of the values, and a sentence, where the others would
    squeeze these into less than a third of the height; else (None, None, "")."""
    values = np.concatenate([column(lines, field) for field in fields])
    values = values[np.isfinite(values)]
    if not len(values):
        return None, None, ""
    low, high = np.percentile(values, [1, 99])
    if values.max() - values.min() <= 3 * (high - low) or high == low:
        return None, None, ""
    margin = 0.3 * (high - low)
    bottom = min([max(low - margin, values.min()), *levels])
    top = max([min(high + margin, values.max()), *levels])
    note = f"rare spikes are cut off: all values lie between {values.min():.3g} and "
    return float(bottom), float(top), f"{note}{values.max():.3g}"


def _short(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{each:.{DIGITS}g}") for each in values]


def _gaps(values: Iterable[float]) -> Values:
    return [float(each) if np.isfinite(each) else None for each in values]


def _ends(series: Series) -> str:
    known = [(at, text) for at, text in zip(series.y, series.told, strict=True) if at is not None]
    if not known:
        return ""
    newest = series.newest if series.newest != known[-1][1] else ""
    last = f"; in the last log line {newest}" if newest else ""
    if len(known) == 1:
        return f"{series.label}: {known[0][1]}{last}"
    by_value = sorted(known, key=lambda each: each[0])
    return (
        f"{series.label}: from {known[0][1]} to {known[-1][1]}, "
        f"lowest {by_value[0][1]}, highest {by_value[-1][1]}{last}"
    )
