"""Curves of a log: chunk means, spans of phases, which values lie in the frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from zerosum.records.logs import LogLine

POINTS = 100  # chunk means on a curve, at most
LINES_PER_POINT = 4  # fewer points where that leaves fewer lines than this in each of them
DECADES_FOR_LOG = 2
FINITE_LIMIT = 1e100  # beyond it the ticks of an axis overflow: as good as infinite


@dataclass(frozen=True)
class Span:
    """A phase of a training as far as it is logged."""

    phase: str
    begin: float
    """Images seen at the last log line of the phase before; 0 for the first."""
    lines: Sequence[LogLine]

    @property
    def end(self) -> float:
        """Images seen at its newest log line."""
        return float(self.lines[-1]["images"])


def spans(lines: Sequence[LogLine]) -> list[Span]:
    """The phases of a training in order; one without a name where it has none."""
    found: list[Span] = []
    for phase, own in groupby(lines, key=lambda line: str(line.get("phase", ""))):
        found.append(Span(phase, found[-1].end if found else 0.0, list(own)))
    return found


def column(lines: Sequence[LogLine], field: str) -> NDArray[np.float64]:
    """One field of all lines, float64; NaN where it is missing or not finite."""
    values = [line.get(field) for line in lines]
    numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    numbers[~(np.abs(numbers) < FINITE_LIMIT)] = np.nan
    return numbers


def chunk_means(
    images: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means over at most `POINTS` chunks of neighbouring lines: (chunks,) images and values.

    A chunk's value is the mean of its finite values, NaN (a gap) where it has none.
    """
    points = min(POINTS, max(len(values) // LINES_PER_POINT, min(len(values), 20)))
    if points == 0:
        return images, values
    chunks = np.array_split(np.arange(len(values)), points)
    return (
        np.array([images[chunk].mean() for chunk in chunks]),
        np.array([mean_of_finite(values[chunk]) for chunk in chunks]),
    )


def by_phase(
    lines: Sequence[LogLine], field: str, means: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Images and values of the lines that have the field, or their chunk means, phase after phase,
    with a gap between two: (points,) each.

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


def mean_of_finite(values: NDArray[np.float64]) -> float:
    """The mean without the NaNs; NaN when nothing is left."""
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else np.nan


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


def wants_log(lines: Sequence[LogLine], fields: Sequence[str]) -> bool:
    """Whether the positive values of the fields span more than `DECADES_FOR_LOG` decades."""
    values = np.concatenate([column(lines, field) for field in fields])
    positive = values[values > 0]
    if not len(positive):
        return False
    return bool(np.log10(positive.max()) - np.log10(positive.min()) > DECADES_FOR_LOG)
