"""Pictures of feature space: both sides on a plane, and what a classifier says of one image."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from zerosum.analysis.plane import Plane
from zerosum.report.heading import new_figure
from zerosum.report.looks import DARK, MIDDLE

DIGITS = tuple("0123456789")


def map_figure(plane: Plane, heading: str, space: str) -> Figure:
    """Real images as rings, generated ones as crosses: to be told apart without colour."""
    figure = new_figure(heading, 6.6, 7.5)
    axes = figure.add_subplot()
    size = float(np.clip(40_000 / (len(plane.real) + len(plane.fake)), 4, 30))
    axes.scatter(
        plane.real[:, 0], plane.real[:, 1], s=size, facecolors="none", edgecolors=MIDDLE.colour,
        linewidths=0.8, label=f"real ({len(plane.real):,})",
    )  # fmt: skip
    axes.scatter(
        plane.fake[:, 0], plane.fake[:, 1], s=size, color=DARK.colour, marker="x", linewidths=0.8,
        alpha=0.7, label=f"generated ({len(plane.fake):,})",
    )  # fmt: skip
    axes.set_xlabel(plane.axes[0])
    axes.set_ylabel(plane.axes[1])
    # One step is as long in both directions: how far apart points are is what there is to see.
    axes.set_aspect("equal", adjustable="datalim")
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=2)
    axes.set_title(space, loc="left", fontsize=10, pad=26)  # above the legend
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def probabilities_figure(
    pixels: NDArray[np.uint8], chances: NDArray[np.float64], title: str
) -> Figure:
    """An image (H, W, 1) beside its class probabilities (10,)."""
    figure = new_figure(title, 3.4, 7.5)
    left, right = figure.subplots(1, 2, width_ratios=[1, 2.2])
    left.imshow(pixels[..., 0], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    left.set_axis_off()
    bars = right.barh(DIGITS, chances, color=DARK.colour)
    right.bar_label(bars, [f"{chance:.1%}" for chance in chances], padding=3, fontsize=9)
    right.set_xlim(0, 1.12)  # room for the number at a bar of 1
    right.set_xticks(np.linspace(0, 1, 6))
    right.set_xlabel("probability, by the bundled digit classifier")
    right.invert_yaxis()
    right.spines[["top", "right"]].set_visible(False)
    return figure
