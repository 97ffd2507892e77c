"""Charts of metrics.jsonl: chunk means, the raw values behind them, phases."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from zerosum.recipe.phases import PHASE_WORDS
from zerosum.records.logs import LogLine
from zerosum.report.chart import Chart, Level, Phase, Series
from zerosum.report.curves import bulk, by_phase, column, spans, wants_log
from zerosum.words import value

RAW_POINTS = 600
"""Of a raw curve, at most; of more values each piece gives its lowest and its highest."""
DIGITS = 8
"""Of raw values, which are only drawn. What is told is a text beside each value, rounded once, from
the full number."""
LOST = 50
"""Marks of values that are not finite, at most."""

Lines = Sequence[LogLine]


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
    axis: str = "",
    x_first: float = 0.0,
) -> Chart:
    """A chart of fields of metrics.jsonl, each with its label: of those that were measured.

    Without `limits` rare spikes are left out of the frame, and `note` says so.
    """
    rows = [dict(line) for line in lines]
    there = [(field, label) for field, label in curves if any(field in line for line in rows)]
    x_last = float(rows[-1]["images"]) if rows else 0.0
    if not there:
        return Chart(key, title, unit, [], axis=axis, x_first=x_first, x_last=x_last)
    # Its numbers are those of the summary and of the terminal's last lines.
    at_rest = f"last log line, at {rows[-1]['images']:,} images"
    series = [
        logged_series(rows, field, label, place) for place, (field, label) in enumerate(there)
    ]
    fields = [field for field, _ in there]
    log = may_be_log and wants_log(rows, fields)
    low, high = limits or (None, None)
    spikes = None
    values = np.concatenate([column(rows, field) for field in fields])
    if limits is None and not log and (frame := bulk(values)) is not None:
        heights = [level.value for level in levels]
        low, high = min([frame[0], *heights]), max([frame[1], *heights])
        spikes = float(np.nanmin(values)), float(np.nanmax(values))
    images = column(rows, "images")
    lost = np.zeros(len(rows), dtype=bool)
    for field in fields:
        known = np.array([field in line for line in rows])
        lost |= known & np.isnan(column(rows, field))
    marks = images[lost]
    if len(marks) > LOST:
        marks = marks[np.linspace(0, len(marks) - 1, LOST).astype(int)]
    return Chart(
        key, title, unit, series, levels, phases(rows), low, high, log, axis,
        x_first=x_first, x_last=x_last, at_rest=at_rest, spikes=spikes, lost=marks.tolist(),
        lost_lines=(int(lost.sum()), len(rows)),
    )  # fmt: skip


def logged_series(lines: Sequence[LogLine], field: str, label: str, look: int) -> Series:
    """The chunk means of a field, its raw values thinned out, and what the last line has of it."""
    x, y = by_phase(lines, field, means=True)
    raw_x, raw_y = thinned(*by_phase(lines, field, means=False))
    if len(raw_x) <= len(x):
        raw_x, raw_y = np.empty(0), np.empty(0)
    told = [value(each) if np.isfinite(each) else "" for each in y]
    last = lines[-1]
    newest = value(last[field]) if field in last else ""
    return Series(label, look, x.tolist(), _gaps(y), told, _short(raw_x), _gaps(_short(raw_y)),
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


def phases(lines: Sequence[LogLine]) -> list[Phase]:
    """The phases of a training, named; none where it has only one."""
    found = spans(lines)
    if {span.phase for span in found} <= {"", "adversarial"}:
        return []
    return [Phase(PHASE_WORDS.get(span.phase, span.phase), span.begin, span.end) for span in found]


def _short(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{each:.{DIGITS}g}") for each in values]


def _gaps(values: Iterable[float]) -> list[float | None]:
    return [float(each) if np.isfinite(each) else None for each in values]
