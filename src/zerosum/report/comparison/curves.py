"""curves.png: what the trainings logged, laid over each other, a panel for each kind of curve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zerosum.comparing.sides import Side
from zerosum.diagnosis.log_fields import curve_name
from zerosum.recipe import Recipe
from zerosum.records.log_line import LogLine
from zerosum.records.run import RunFolder
from zerosum.report.chart_figure import marked_points
from zerosum.report.curves import by_phase, column, leave_spikes_out
from zerosum.report.heading import new_figure
from zerosum.report.looks import Look, images_axis, look, name_sides, plain_axes
from zerosum.visible import visible

Logged = Sequence[LogLine]
"""The lines of metrics.jsonl."""
PANEL_HEIGHT = 2.1
RAW_LIMIT = 3
"""Runs whose single values are drawn behind the means, at most: more would hide each other."""
NOT_FINITE = Line2D([], [], color="0.2", linestyle="none", marker="x", markersize=7)


@dataclass(frozen=True)
class Logs:
    """What one run logged, and how it is drawn."""

    lines: Logged
    recipe: Recipe
    look: Look


@dataclass(frozen=True)
class Panel:
    """One field of metrics.jsonl of the runs, by label, in which it means the same."""

    field: str
    label: str
    runs: tuple[str, ...]
    probability: bool = False
    """Whether it is between 0 and 1, and 0.5 is a guess."""


def curves_figure(sides: Sequence[Side]) -> tuple[Figure | None, tuple[str, ...]]:
    """The curves of all runs, and what is to be said of them in words; None without any."""
    notes = []
    logs: dict[str, Logs] = {}
    for number, side in enumerate(sides):
        if side.run is None or side.recipe is None:
            continue
        label = side.label
        checkpoints = [other for other in sides if other.run and _same_run(other.run, side.run)]
        if len(checkpoints) > 1:
            label = visible(side.run.path.resolve().name)
            if checkpoints[0] is not side:
                continue  # the curve of a run is drawn once
        if lines := side.run.metrics():
            logs[label] = Logs(lines, side.recipe, look(number))
            if len(lines) == 1:
                notes.append(f"{label} has logged one line: a point for it, no curve")
        else:
            notes.append(f"{side.label} has logged nothing yet: no curves of it")
    panels = panels_of(logs)
    if not panels:
        return None, tuple(notes)
    if len({each.recipe.objective.loss for each in logs.values()}) > 1:
        notes.append("losses of different kinds are on scales of their own: a panel for each")
    figure = new_figure("Training curves", 1.2 + PANEL_HEIGHT * len(panels))
    axes = list(figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0])
    lost = [
        _draw(each, panel, {label: logs[label] for label in panel.runs})
        for each, panel in zip(axes, panels, strict=True)
    ]
    images_axis(axes[-1])
    furthest = max(float(each.lines[-1]["images"]) for each in logs.values())
    axes[0].set_xlim(0, 1.01 * max(furthest, 1.0))
    looks = {label: each.look for label, each in logs.items()}
    name_sides(figure, looks, [(NOT_FINITE, "not finite")] if any(lost) else [])
    return figure, tuple(notes)


def _same_run(one: RunFolder, other: RunFolder) -> bool:
    return one.path.resolve() == other.path.resolve()


def panels_of(logs: Mapping[str, Logs]) -> list[Panel]:
    """The panels from top to bottom: curves that mean the same share one.

    Losses do where they are of one kind; D(x) and D(G(z)) where they are probabilities.
    """
    kinds: dict[str, list[str]] = {}
    for label, each in logs.items():
        kinds.setdefault(each.recipe.objective.loss, []).append(label)
    losses = {label: each.recipe.objective.of_loss for label, each in logs.items()}
    sure = [label for label, loss in losses.items() if loss.output == "logit"]
    distant = [label for label, loss in losses.items() if loss.estimates_distance]
    wanted = [
        ("loss_pixel", "", list(logs), False),
        ("distance", "", distant, False),
    ]
    for kind, labels in kinds.items():
        of_kind = f"\n({kind})" if len(kinds) > 1 else ""
        wanted.append(("loss_generator", of_kind, labels, False))
        wanted.append(("loss_discriminator", of_kind, labels, False))
    wanted.append(("d_real", "", sure, True))
    wanted.append(("d_fake_before", "", sure, True))
    panels = []
    for field, of_kind, runs, probability in wanted:
        there = tuple(
            run for run in logs if run in runs and any(field in line for line in logs[run].lines)
        )
        if there:
            name = curve_name(field, logs[there[0]].recipe).replace(", ", ",\n")
            panels.append(Panel(field, f"{name}{of_kind}", there, probability))
    return panels


def _draw(axes: Axes, panel: Panel, logs: Mapping[str, Logs]) -> bool:
    """Draw one field; whether values that are not finite are marked."""
    lost = False
    for order, each in enumerate(logs.values()):
        lines, shown = each.lines, each.look
        if len(logs) <= RAW_LIMIT:
            raw = by_phase(lines, panel.field, means=False)
            axes.plot(*raw, color=shown.colour, alpha=0.2, linewidth=0.7, zorder=1)
        images, means = by_phase(lines, panel.field, means=True)
        axes.plot(
            images, means, color=shown.colour, linestyle=shown.line, linewidth=2,
            marker=shown.marker, markersize=7, markeredgecolor="white", markeredgewidth=0.8,
            markevery=marked_points(means), zorder=3 + order,
        )  # fmt: skip
        there = [line for line in lines if panel.field in line]
        bad = np.isnan(column(there, panel.field))
        if bad.any():
            lost = True
            axes.plot(
                column(there, "images")[bad], np.full(int(bad.sum()), 0.97), color=shown.colour,
                transform=axes.get_xaxis_transform(), linestyle="none", marker="x", markersize=7,
                clip_on=False,
            )  # fmt: skip
    axes.set_ylabel(panel.label)
    if panel.probability:
        axes.set_ylim(-0.02, 1.02)
        axes.axhline(0.5, color="0.5", linewidth=1)
    else:
        every = [line for each in logs.values() for line in each.lines]
        leave_spikes_out(axes, column(every, panel.field))
    plain_axes(axes)
    return lost
