"""One curve on one pair of axes: chunk means in bold, the raw values faint behind.

Curves differ in lightness, line and marker, so that they can be told apart without colour. Of a
training in phases, a curve is broken where one phase ends: what follows is another game.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from zerosum.recipe.phases import PHASE_WORDS

POINTS = 100  # chunk means on a curve, at most
LINES_PER_POINT = 4  # fewer points where that leaves fewer lines than this in each of them
DECADES_FOR_LOG = 2
FINITE_LIMIT = 1e100  # beyond it the ticks of an axis overflow: as good as infinite
LETTER = 0.0095  # width of a letter of a phase's name, as a share of the axes' width
NAME_HEIGHT = 13  # points
ROW_LETTERS = 66  # of three labels of a legend, at most, in one row


@dataclass(frozen=True)
class Look:
    """How a curve is drawn; the lightness of `colour` is its second name."""

    colour: str
    line: str
    marker: str


DARK = Look("#08306b", "-", "o")
MIDDLE = Look("#d95f02", "--", "s")
LIGHT = Look("#e6ab02", ":", "^")
DUSKY = Look("#7b4fa3", "-.", "D")


@dataclass(frozen=True)
class Curve:
    """A field of metrics.jsonl and how it is shown."""

    field: str
    label: str
    look: Look


@dataclass(frozen=True)
class Level:
    """A value that curves are held against: a thin line over the whole width."""

    value: float
    label: str


@dataclass(frozen=True)
class Span:
    """A phase of a training as far as it is logged."""

    phase: str
    begin: float
    """Images seen at the last log line of the phase before; 0 for the first."""
    lines: Sequence[dict[str, Any]]

    @property
    def end(self) -> float:
        """Images seen at its newest log line."""
        return float(self.lines[-1]["images"])


def spans(lines: Sequence[dict[str, Any]]) -> list[Span]:
    """The phases of a training in order; one without a name where it has none."""
    found: list[Span] = []
    for phase, own in groupby(lines, key=lambda line: str(line.get("phase", ""))):
        found.append(Span(phase, found[-1].end if found else 0.0, list(own)))
    return found


def column(lines: Sequence[dict[str, Any]], field: str) -> NDArray[np.float64]:
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
    lines: Sequence[dict[str, Any]], field: str, means: bool
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


def marked_points(values: NDArray[np.float64]) -> list[int]:
    """Which points carry a marker: about a dozen, and every one that no line reaches."""
    finite = np.isfinite(values)
    neighbours = np.zeros(len(values), dtype=bool)
    neighbours[1:] |= finite[:-1]
    neighbours[:-1] |= finite[1:]
    regular = np.arange(len(values)) % max(1, len(values) // 12) == 0
    return [int(point) for point in np.flatnonzero(finite & (regular | ~neighbours))]


def draw(
    axes: Axes,
    lines: Sequence[dict[str, Any]],
    curves: Sequence[Curve],
    *,
    level: Level | None = None,
    names: bool = True,
) -> None:
    """Draw the curves over the images seen, the phases and, where `names`, what they are called;
    then a legend above the axes."""
    images = column(lines, "images")
    lost = np.zeros(len(lines), dtype=bool)
    for order, curve in enumerate(curves):
        # Where no step measured it, nothing is lost.
        there = np.array([curve.field in line for line in lines], dtype=bool)
        lost |= there & np.isnan(column(lines, curve.field))
        look = curve.look
        raw = by_phase(lines, curve.field, means=False)
        axes.plot(*raw, color=look.colour, alpha=0.28, linewidth=0.8, zorder=1)
        chunk_images, means = by_phase(lines, curve.field, means=True)
        axes.plot(
            chunk_images,
            means,
            color=look.colour,
            linestyle=look.line,
            linewidth=2.2,
            marker=look.marker,
            markersize=7,
            markeredgecolor="white",
            markeredgewidth=0.8,
            markevery=marked_points(means),
            label=curve.label,
            zorder=3 + order,
        )
    if lost.any():
        axes.plot(
            images[lost],
            np.full(int(lost.sum()), 0.97),
            transform=axes.get_xaxis_transform(),
            color="black",
            linestyle="none",
            marker="x",
            markersize=7,
            clip_on=False,
            label=f"not finite ({int(lost.sum())} of {len(lines)} log lines)",
        )
    axes.set_xlabel("images seen in training")
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.grid(color="0.9", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    if not lines:
        axes.text(0.5, 0.5, "nothing logged yet", transform=axes.transAxes, ha="center")
        axes.set(xlim=(0, 1), xticks=[0], yticks=[])
        return
    if level is not None:
        axes.axhline(level.value, color="0.2", linewidth=1.2, linestyle=(0, (6, 3)),
                     label=level.label)  # fmt: skip
    axes.set_xlim(0, 1.01 * float(images[-1]))
    # The legend stands above the rows of phases' names.
    rows = draw_phases(axes, lines, names)
    lifted = ScaledTranslation(0, rows * NAME_HEIGHT / 72, axes.figure.dpi_scale_trans)
    labels = axes.get_legend_handles_labels()[1]
    wide = len(labels) > 3 or sum(map(len, labels)) > ROW_LETTERS
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        bbox_transform=axes.transAxes + lifted,
        ncols=2 if wide else 3,
        frameon=False,
        handlelength=3.4,
        columnspacing=1.6,
        borderaxespad=0.2,
    )


def draw_phases(axes: Axes, lines: Sequence[dict[str, Any]], names: bool) -> int:
    """A thin line where a phase ends and, where `names`, what each is called, above the axes; the
    rows that the names take. Nothing for a training of one phase."""
    found = spans(lines)
    if {span.phase for span in found} <= {"", "adversarial"}:
        return 0
    for span in found[1:]:
        axes.axvline(span.begin, color="0.35", linewidth=1, zorder=2)
    if not names:
        return 0
    left, right = axes.get_xlim()
    ends = [-1.0, -1.0]  # of the names in each row
    for span in found:
        name = PHASE_WORDS.get(span.phase, span.phase)
        width = LETTER * len(name)
        middle = ((span.begin + span.end) / 2 - left) / (right - left)
        # A phase that has only begun is narrower than its name.
        middle = min(max(middle, width / 2), 1 - width / 2)
        row = 0 if middle - width / 2 > ends[0] else 1
        ends[row] = middle + width / 2 + LETTER
        axes.annotate(
            name,
            (middle, 1.0),
            xycoords="axes fraction",
            xytext=(0, 2 + row * NAME_HEIGHT),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=9.5,
            color="0.25",
        )
    return 1 if ends[1] < 0 else 2


def leave_spikes_out(axes: Axes, lines: Sequence[dict[str, Any]], curves: Sequence[Curve]) -> None:
    """Frame the bulk of the values where rare ones would squeeze it flat, and say so.

    Rare: outside of the middle 98 %. Flat: less than a third of the height.
    """
    values = np.concatenate([column(lines, curve.field) for curve in curves])
    values = values[np.isfinite(values)]
    if not len(values):
        return
    low, high = np.percentile(values, [1, 99])
    if values.max() - values.min() <= 3 * (high - low) or high == low:
        return
    margin = 0.3 * (high - low)
    axes.set_ylim(max(low - margin, values.min()), min(high + margin, values.max()))
    axes.text(
        1.0,
        0.98,
        f"all values: {values.min():.3g} to {values.max():.3g}",
        transform=axes.transAxes,
        ha="right",
        va="top",
        fontsize=8.5,
        color="0.3",
    )


def wants_log(lines: Sequence[dict[str, Any]], fields: Sequence[str]) -> bool:
    """Whether the positive values of the fields span more than `DECADES_FOR_LOG` decades."""
    values = np.concatenate([column(lines, field) for field in fields])
    positive = values[values > 0]
    if not len(positive):
        return False
    return bool(np.log10(positive.max()) - np.log10(positive.min()) > DECADES_FOR_LOG)
