"""RUN/charts/scores.png: every score against the images seen, with its interval and the floor."""

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from zerosum.evaluation.protocol import Protocol, disagreements
from zerosum.evaluation.scores import ALL_SCORES
from zerosum.evaluation.titles import title
from zerosum.records.result import result_of
from zerosum.records.score_line import ASKED, COMPARED, ScoreLine
from zerosum.report.curves import DARK, MIDDLE
from zerosum.report.heading import give_title
from zerosum.report.scores import floor_value

PANEL_HEIGHT = 1.8


def score_lines(lines: Sequence[ScoreLine]) -> list[ScoreLine]:
    """The lines whose numbers may stand on one axis, by the images that had been seen.

    They were scored against the reals and with the network of the newest line that the training
    itself wrote (of the run's result, where it wrote none): another evaluation that somebody asked
    for takes no curve away. The number of generated images is that of the newest comparison and of
    the result: checkpoints are compared by fewer than are reported. Restored pictures are compared
    with their originals: for them, the reals are others as well.
    """
    if not lines:
        return []
    own = [line for line in lines if line.kind != ASKED] or [result_of(lines) or lines[-1]]
    axis = Protocol.from_dict(own[-1].protocol)
    free = {"fakes", "reals", "real_fingerprint"} if axis.damage else {"fakes"}
    fitting = [line for line in lines if not _differ(line, axis) - free]
    shown: list[ScoreLine] = []
    for compared in (True, False):
        group = [line for line in fitting if (line.kind == COMPARED) is compared]
        if group:
            decisive = Protocol.from_dict((result_of(group) or group[-1]).protocol)
            shown += [line for line in group if not _differ(line, decisive)]
    return sorted(shown, key=lambda line: line.images)


def _differ(line: ScoreLine, protocol: Protocol) -> set[str]:
    return set(disagreements(Protocol.from_dict(line.protocol), protocol))


def scores_to_draw(shown: Sequence[ScoreLine]) -> list[str]:
    """The scores that two checkpoints have, or more: of one alone the table says all."""
    names = dict.fromkeys(name for line in shown for name in line.scores)
    return [
        name for name in names if len({line.images for line in shown if name in line.scores}) > 1
    ]


def scores_figure(lines: Sequence[ScoreLine], heading: str) -> Figure | None:
    """A panel for each score: compared checkpoints as a curve, reported values as diamonds.

    None where no score has two checkpoints.
    """
    shown = score_lines(lines)
    names = scores_to_draw(shown)
    if not names:
        return None
    height = 1.0 + PANEL_HEIGHT * len(names)
    figure = Figure(figsize=(8, height), dpi=120, layout="constrained")
    give_title(figure, heading)
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for axes, name in zip(panels, names, strict=True):
        _draw(axes, name, [line for line in shown if name in line.scores])
    # Of all panels together: each may have the scores of other checkpoints.
    panels[0].set_xlim(0, 1.05 * max(max(line.images for line in shown), 1))
    legend: dict[str, Any] = {}  # a score may lack what another one has
    for axes in panels:
        handles, labels = axes.get_legend_handles_labels()
        legend |= dict(zip(labels, handles, strict=True))
    figure.legend(legend.values(), legend.keys(), loc="outside lower left", ncols=3, frameon=False)
    panels[-1].set_xlabel("images seen in training")
    return figure


def _draw(axes: Axes, name: str, lines: Sequence[ScoreLine]) -> None:
    compared = [line for line in lines if line.kind == COMPARED]
    others = [line for line in lines if line.kind != COMPARED]
    for group, look, line_style, size, label in (
        (compared, DARK, "-", 5, "checkpoints compared, on fewer images"),
        (others, MIDDLE, "none", 8, "result, on images of its own"),
    ):
        if not group:
            continue
        scores = [line.scores[name] for line in group]
        axes.errorbar(
            [line.images for line in group],
            [math.nan if (value := score["value"]) is None else value for score in scores],
            yerr=[score["error"] or 0.0 for score in scores],
            color=look.colour,
            linestyle=line_style,
            marker="D" if group is others else look.marker,
            markersize=size,
            capsize=3,
            label=label,
            zorder=3,
            clip_on=False,
        )
    floors = [floor for line in lines if (floor := floor_value(line, name)) is not None]
    if floors:
        axes.axhline(floors[-1], color="0.4", linestyle=":", label="real against real")
    axes.set_ylabel(title(name, Protocol.from_dict(lines[-1].protocol).extractor))
    axes.margins(y=0.1)
    if ALL_SCORES[name].bounds:
        axes.set_ylim(-0.02, 1.02)
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.grid(color="0.9", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
