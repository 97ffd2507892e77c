"""RUN/charts/modes.png: images by class beside real ones, and examples of each."""

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter
from numpy.typing import NDArray

from zerosum.analysis.class_counts import Modes
from zerosum.analysis.modes import MOST_SHOWN
from zerosum.data.grid import PADDING, grid
from zerosum.report.heading import new_figure
from zerosum.report.looks import DARK, MIDDLE

NAME = 16
"""Letters of a class's name that are shown."""
LEGEND = 26
"""Points between the bars and the verdict: the legend stands there."""
LINE = 88
"""Letters of the verdict in a line."""


def modes_figure(modes: Modes, heading: str, examples: NDArray[np.uint8] | None) -> Figure:
    """Bars of counts, real shares as markers; below, examples (classes, n, H, W, C)."""
    classes = len(modes.class_names)
    rows = 0 if examples is None else classes
    figure = new_figure(heading, 3.6 + 0.55 * rows)
    if examples is None:
        _bars(figure.add_subplot(), modes)
        return figure
    upper, lower = figure.subplots(2, 1, height_ratios=[3.2, 0.55 * rows])
    _bars(upper, modes)
    _examples(lower, modes, examples)
    return figure


def _bars(axes: Axes, modes: Modes) -> None:
    places = np.arange(len(modes.class_names))
    axes.bar(places, modes.counts, color=DARK.colour, label="generated")
    axes.plot(
        places,
        np.array(modes.shares) * modes.images,
        linestyle="none",
        marker="_",
        markersize=float(np.clip(400 / len(places), 2, 18)),
        markeredgewidth=2.5,
        color=MIDDLE.colour,
        label="as many as of real images",
    )
    if len(places) <= MOST_SHOWN:
        axes.set_xticks(places, _names(modes), parse_math=False)
        if max(map(len, modes.class_names)) > 3:
            # Slanting names end at their bar.
            for text in axes.get_xticklabels():
                text.set(rotation=45, ha="right", rotation_mode="anchor")
    else:
        axes.set_xlabel("classes, in the order of their names")
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_ylabel(f"images of {modes.images:,}")
    verdict = textwrap.fill(modes.verdict(), LINE, break_on_hyphens=False)
    axes.set_title(verdict, loc="left", fontsize=10.5, pad=LEGEND, parse_math=False)
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=2, frameon=False, borderaxespad=0.2
    )
    axes.set_xlim(-0.7, len(places) - 0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)


def _names(modes: Modes) -> list[str]:
    return [
        name if len(name) <= NAME else f"{name[: NAME - 1].rstrip()}…" for name in modes.class_names
    ]


def _examples(axes: Axes, modes: Modes, examples: NDArray[np.uint8]) -> None:
    classes, count, height, width, channels = examples.shape
    sheet = np.asarray(grid(examples.reshape(-1, height, width, channels), columns=count))
    shown = sheet[PADDING:, PADDING:]
    axes.imshow(shown, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    centres = np.arange(classes) * (height + PADDING) + height / 2
    axes.set_yticks(centres, _names(modes), parse_math=False)
    for centre, made in zip(centres, modes.counts, strict=True):
        if not made:
            axes.text(2, centre, "none", va="center", color="0.4")
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title("generated, the first of each class", loc="left", fontsize=10.5)
