"""Charts of metrics.jsonl: chunk means, the raw values behind them, phases."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from zerosum.recipe.phases import PHASE_WORDS
from zerosum.records.logs import LogLine
from zerosum.report.chart import Chart, Level, Phase, Series
from zerosum.words import value

POINTS = 100
"""Chunk means on a curve, at most."""
LINES_PER_POINT = 4
"""Fewer points where that leaves fewer lines than this in each of them."""
RAW_POINTS = 600
"""Of a raw curve, at most; of more values each piece gives its lowest and its highest."""
DIGITS = 8
"""Of raw values, which are only drawn. What is told is a text beside each value, rounded once, from
the full number."""
LOST = 50
"""Marks of values that are not finite, at most."""
DECADES_FOR_LOG = 2
FINITE_LIMIT = 1e100
"""Beyond it the ticks of an axis overflow: as good as infinite."""

Lines = Sequence[LogLine]
Points = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Images seen and values at them, (points,) each; NaN breaks a curve."""


@dataclass(frozen=True)
class Curve:
    """A field of the log lines of a run, and how it is drawn."""

    lines: Lines
    field: str
    label: str
    look: int

    @property
    def values(self) -> NDArray[np.float64]:
        """Of all lines; NaN where it is missing or not finite."""
        return column(self.lines, self.field)


def logged_chart(
    key: str,
    title: str,
    unit: str,
    lines: Lines,
    fields: Sequence[tuple[str, str]],
    *,
    levels: Sequence[Level] = (),
    limits: tuple[float, float] | None = None,
    may_be_log: bool = False,
    axis: str = "",
    x_first: float = 0.0,
) -> Chart:
    """A chart of fields of one run, each with its label: of those that were measured."""
    there = [each for each in fields if any(each[0] in line for line in lines)]
    curves = [Curve(lines, field, label, look) for look, (field, label) in enumerate(there)]
    log = may_be_log and wants_log(curves)
    last = lines[-1]["images"] if lines else 0
    return replace(
        curves_chart(key, title, unit, curves, levels if there else (), limits, log),
        phases=phases(lines) if there else (),
        axis=axis,
        x_first=x_first,
        x_last=float(last),
        # Its numbers are those of the summary and of the terminal's last lines.
        at_rest=f"last log line, at {last:,} images" if there else "",
    )


def curves_chart(
    key: str,
    title: str,
    unit: str,
    curves: Sequence[Curve],
    levels: Sequence[Level],
    limits: tuple[float, float] | None,
    log: bool = False,
) -> Chart:
    """A chart of fields of one run or of several.

    Without `limits` rare spikes are left out of the frame, and `note` says so.
    """
    low, high = limits or (None, None)
    spikes = None
    values = np.concatenate([curve.values for curve in curves] or [np.empty(0)])
    if limits is None and not log and (frame := bulk(values)) is not None:
        heights = [level.value for level in levels]
        low, high = min([frame[0], *heights]), max([frame[1], *heights])
        spikes = float(np.nanmin(values)), float(np.nanmax(values))
    every, lost = {id(line) for curve in curves for line in curve.lines}, {}
    for curve in curves:
        for line, number in zip(curve.lines, curve.values, strict=True):
            if curve.field in line and np.isnan(number):
                lost[id(line)] = float(line["images"])
    marks = np.array(sorted(lost.values()))
    if len(marks) > LOST:
        marks = marks[np.linspace(0, len(marks) - 1, LOST).astype(int)]
    return Chart(
        key, title, unit, [_series(curve) for curve in curves], levels, (), low, high, log,
        x_last=max((float(curve.lines[-1]["images"]) for curve in curves), default=0.0),
        spikes=spikes, lost=marks.tolist(), lost_lines=(len(lost), len(every)),
    )  # fmt: skip


def _series(curve: Curve) -> Series:
    """The chunk means of a field, its raw values thinned out, and what the last line has of it."""
    x, y = by_phase(curve.lines, curve.field, means=True)
    raw_x, raw_y = thinned(*by_phase(curve.lines, curve.field, means=False))
    if len(raw_x) <= len(x):
        raw_x, raw_y = np.empty(0), np.empty(0)
    told = [value(each) if np.isfinite(each) else "" for each in y]
    last = curve.lines[-1]
    newest = value(last[curve.field]) if curve.field in last else ""
    return Series(curve.label, curve.look, x.tolist(), _gaps(y), told, _short(raw_x),
                  _gaps(_short(raw_y)), newest=newest)  # fmt: skip


@dataclass(frozen=True)
class Span:
    """A phase of a training as far as it is logged."""

    phase: str
    begin: float
    """Images seen at the last log line of the phase before; 0 for the first."""
    lines: Lines

    @property
    def end(self) -> float:
        """Images seen at its newest log line."""
        return float(self.lines[-1]["images"])


def spans(lines: Lines) -> list[Span]:
    """The phases of a training in order; one without a name where it has none."""
    found: list[Span] = []
    for phase, own in groupby(lines, key=lambda line: str(line.get("phase", ""))):
        found.append(Span(phase, found[-1].end if found else 0.0, list(own)))
    return found


def phases(lines: Lines) -> list[Phase]:
    """The phases of a training, named; none where it has only one."""
    found = spans(lines)
    if {span.phase for span in found} <= {"", "adversarial"}:
        return []
    return [Phase(PHASE_WORDS.get(span.phase, span.phase), span.begin, span.end) for span in found]


def column(lines: Lines, field: str) -> NDArray[np.float64]:
    """One field of all lines, float64; NaN where it is missing or not finite."""
    values = [line.get(field) for line in lines]
    numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    numbers[~(np.abs(numbers) < FINITE_LIMIT)] = np.nan
    return numbers


def by_phase(lines: Lines, field: str, means: bool) -> Points:
    """The lines that have the field, or their chunk means, phase after phase, with a gap between
    two.

    A line lacks what none of its steps measured: no gap, if the phase measures it at all.
    """
    images, values = [np.empty(0)], [np.empty(0)]
    for span in spans(lines):
        if span.begin:
            images.append(np.array([span.begin]))
            values.append(np.array([np.nan]))
        own = [line for line in span.lines if field in line]
        points = column(own, "images"), column(own, field)
        points = chunk_means(*points) if means else points
        images.append(points[0])
        values.append(points[1])
    return np.concatenate(images), np.concatenate(values)


def chunk_means(images: NDArray[np.float64], values: NDArray[np.float64]) -> Points:
    """Means over at most `POINTS` chunks of neighbouring lines.

    A chunk's value is the mean of its finite values, NaN (a gap) where it has none.
    """
    if not len(values):
        return images, values
    points = min(POINTS, max(len(values) // LINES_PER_POINT, min(len(values), 20)))
    finite = [piece[np.isfinite(piece)] for piece in np.array_split(values, points)]
    return (
        np.array([piece.mean() for piece in np.array_split(images, points)]),
        np.array([piece.mean() if len(piece) else np.nan for piece in finite]),
    )


def thinned(x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
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


def bulk(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """The range that frames the bulk of the values where rare ones would squeeze it flat; else
    None.

    Rare: outside of the middle 98 %. Flat: less than a third of the height.
    """
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    low, high = np.percentile(values, [1, 99])
    if values.max() - values.min() <= 3 * (high - low) or high == low:
        return None
    margin = 0.3 * (high - low)
    return float(max(low - margin, values.min())), float(min(high + margin, values.max()))


def wants_log(curves: Sequence[Curve]) -> bool:
    """Whether the positive values of curves span more than `DECADES_FOR_LOG` decades."""
    values = [curve.values for curve in curves]
    positive = np.concatenate([each[each > 0] for each in values] or [np.empty(0)])
    return len(positive) > 0 and float(np.ptp(np.log10(positive))) > DECADES_FOR_LOG


def _short(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{each:.{DIGITS}g}") for each in values]


def _gaps(values: Iterable[float]) -> list[float | None]:
    return [float(each) if np.isfinite(each) else None for each in values]
