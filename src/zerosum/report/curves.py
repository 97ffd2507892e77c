"""One curve on one pair of axes: chunk means in bold, the raw values faint behind.

Curves differ in lightness, line and marker, so that they can be told apart without colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter
from numpy.typing import NDArray

POINTS = 100  # chunk means on a curve, at most
LINES_PER_POINT = 4  # fewer points where that leaves fewer lines than this in each of them
DECADES_FOR_LOG = 2
FINITE_LIMIT = 1e100  # beyond it the ticks of an axis overflow: as good as infinite


@dataclass(frozen=True)
class Look:
    """How a curve is drawn; the lightness of `colour` is its second name."""

    colour: str
    line: str
    marker: str


DARK = Look("#08306b", "-", "o")
MIDDLE = Look("#d95f02", "--", "s")
LIGHT = Look("#e6ab02", ":", "^")


@dataclass(frozen=True)
class Curve:
    """A field of metrics.jsonl and how it is shown."""

    field: str
    label: str
    look: Look


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


def draw(axes: Axes, lines: Sequence[dict[str, Any]], curves: Sequence[Curve]) -> None:
    """Draw the curves over the images seen, with a legend above the axes."""
    images = column(lines, "images")
    lost = np.zeros(len(lines), dtype=bool)
    for order, curve in enumerate(curves):
        values = column(lines, curve.field)
        lost |= np.isnan(values)
        look = curve.look
        axes.plot(images, values, color=look.colour, alpha=0.28, linewidth=0.8, zorder=1)
        chunk_images, means = chunk_means(images, values)
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
    axes.set_xlim(0, 1.01 * float(images[-1]))
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=4,
        frameon=False,
        handlelength=3.4,
        columnspacing=1.6,
        borderaxespad=0.2,
    )


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
