"""RUN/charts/scores.png: every score against the images seen, with its interval and the floor."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from zerosum.evaluation.protocol import Protocol, disagreements
from zerosum.report.curves import DARK, MIDDLE
from zerosum.report.scores import title

Line = Mapping[str, Any]

PANEL_HEIGHT = 1.8


def score_lines(lines: Sequence[Line]) -> list[Line]:
    """The lines whose numbers may stand on one axis: those of the newest line's reals and network.

    The number of generated images may differ: checkpoints are compared by fewer.
    """
    if not lines:
        return []
    newest = Protocol.from_dict(lines[-1]["protocol"])
    return [
        line
        for line in lines
        if not disagreements(Protocol.from_dict(line["protocol"]), newest).keys() - {"fakes"}
    ]


def scores_figure(lines: Sequence[Line], heading: str) -> Figure:
    """A panel for each score: compared checkpoints as a curve, reported values as diamonds."""
    shown = score_lines(lines)
    names = list(dict.fromkeys(name for line in shown for name in line["scores"]))
    height = 1.0 + PANEL_HEIGHT * max(len(names), 1)
    figure = Figure(figsize=(8, height), dpi=120, layout="constrained")
    figure.suptitle(heading, x=0.01, ha="left", fontsize=13, fontweight="bold", parse_math=False)
    if not names:
        axes = figure.add_subplot()
        axes.text(0.5, 0.5, "nothing scored yet", transform=axes.transAxes, ha="center")
        axes.set(xticks=[], yticks=[])
        return figure
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for axes, name in zip(panels, names, strict=True):
        _draw(axes, name, [line for line in shown if name in line["scores"]])
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=3, frameon=False)
    panels[-1].set_xlabel("images seen in training")
    return figure


def _draw(axes: Axes, name: str, lines: Sequence[Line]) -> None:
    compared = [line for line in lines if line["kind"] == "compared"]
    others = [line for line in lines if line["kind"] != "compared"]
    for group, look, line_style, size, label in (
        (compared, DARK, "-", 5, "checkpoints compared, on fewer images"),
        (others, MIDDLE, "none", 8, "result, on images of its own"),
    ):
        if not group:
            continue
        scores = [line["scores"][name] for line in group]
        axes.errorbar(
            [line["images"] for line in group],
            [score["value"] for score in scores],
            yerr=[score["error"] or 0.0 for score in scores],
            color=look.colour,
            linestyle=line_style,
            marker="D" if group is others else look.marker,
            markersize=size,
            capsize=3,
            label=label,
        )
    floors = [line["floor"][name]["value"] for line in lines if name in line.get("floor", {})]
    if floors:
        axes.axhline(floors[-1], color="0.4", linestyle=":", label="real against real")
    axes.set_ylabel(title(name, Protocol.from_dict(lines[-1]["protocol"]).extractor))
    if name not in ("fid", "kid", "fid-infinity", "is", "density"):
        axes.set_ylim(-0.02, 1.02)
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.set_xlim(left=0)
    axes.grid(color="0.9", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
