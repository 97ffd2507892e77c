"""scores.png: every score of comparable sides against the images seen, and against minutes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zerosum.comparing.comparability import protocol_of
from zerosum.comparing.sides import Side
from zerosum.evaluation.protocol import disagreements
from zerosum.evaluation.scores import ALL_SCORES
from zerosum.records.run import RunFolder
from zerosum.records.score_line import SELECTION, ScoreLine
from zerosum.report.comparison.score_tables import heading
from zerosum.report.curves import column
from zerosum.report.heading import give_title
from zerosum.report.looks import Look, images_axis, look, name_sides, plain_axes
from zerosum.report.scores import floor_value

PANEL_HEIGHT = 2.0
ALIKE = 1.05
"""Times that differ by less than this factor are the same to the eye."""
PAIRED = {"reals", "real_fingerprint"}
"""Restored pictures are compared with their own originals: fewer of one mean fewer of the other."""


@dataclass(frozen=True)
class Scored:
    """One side of the chart."""

    look: Look
    result: ScoreLine
    """The line of the table."""
    compared: Sequence[ScoreLine]
    """Checkpoints compared on the way, by the images seen."""
    clock: tuple[Sequence[float], Sequence[float]] | None
    """Images seen and minutes of training at them; None for a folder, or where none were logged."""

    def minutes(self, line: ScoreLine) -> float | None:
        """How long the generator of a line had been trained."""
        if self.clock is None:
            return None
        return float(np.interp(float(line.images), *self.clock))


def scores_figure(
    sides: Sequence[Side], own: Sequence[tuple[str, ScoreLine]]
) -> tuple[Figure | None, tuple[str, ...]]:
    """The scores of the sides of one group of comparable lines, and what is to be said of them.

    A large marker with its error is the value of the table; the curve before it are checkpoints
    that a training compared on fewer images. Images of other programs are a level.
    """
    scored = _scored(sides, own)
    if not scored or not any(each.clock or each.result.images for each in scored.values()):
        return None, ()
    extractor = protocol_of(next(iter(scored.values())).result).extractor
    names = _names(scored)
    if not names:
        return None, ()
    times = [each.minutes(line) for each in scored.values() for line in _all(each)]
    ways = (False, True) if _tell_apart(times) else (False,)
    width = 10.5 if len(ways) > 1 else 7.0
    figure = Figure(figsize=(width, 1.3 + PANEL_HEIGHT * len(names)), dpi=120, layout="constrained")
    give_title(figure, f"Scores in features of {extractor}")
    panels = figure.subplots(len(names), len(ways), sharex="col", sharey="row", squeeze=False)
    for row, name in zip(panels, names, strict=True):
        for axes, by_minutes in zip(row, ways, strict=True):
            _draw(axes, name, scored, by_minutes)
        row[0].set_ylabel(heading(name))
    images_axis(panels[-1][0])
    _from_zero(panels[0][0], [float(line.images) for each in scored.values()
                              for line in _all(each) if line.images])  # fmt: skip
    if len(ways) > 1:
        panels[-1][1].set_xlabel("minutes of training, scoring not included")
        _from_zero(panels[0][1], [time for time in times if time is not None])
    more: list[tuple[Artist, str]] = []
    floored = any(
        floor_value(each.result, name) is not None
        for each in scored.values()
        for name in each.result.floor
    )
    if floored:
        more.append((Line2D([], [], color="0.4", linestyle=(0, (1, 3))), "real against real"))
    name_sides(figure, {label: each.look for label, each in scored.items()}, more)
    curves = sum(bool(each.compared) for each in scored.values())
    words = "large markers are the values of the table, with their errors"
    if curves:
        words += "; curves are checkpoints compared in training, on fewer images"
    return figure, (words,)


def _tell_apart(times: Sequence[float | None]) -> bool:
    """Whether minutes say more than the images seen: not where none are known, nor where all have
    trained for as long, so that everything would lie on one line."""
    known = [time for time in times if time is not None]
    return bool(known) and max(known) > ALIKE * min(known)


def _names(scored: Mapping[str, Scored]) -> list[str]:
    """The scores with two values or more: a chart of one dot says less than the table."""
    lines = [line for each in scored.values() for line in _all(each)]
    names = dict.fromkeys(name for each in scored.values() for name in each.result.scores)
    return [name for name in names if sum(name in line.scores for line in lines) > 1]


def _scored(sides: Sequence[Side], own: Sequence[tuple[str, ScoreLine]]) -> dict[str, Scored]:
    found: dict[str, Scored] = {}
    runs = {side.label: (place, side.run) for place, side in enumerate(sides)}
    fakes = 0
    for label, line in own:
        place, run = runs[label]
        compared: list[ScoreLine] = []
        clock = None
        if run is not None:
            compared = compared_lines(run.scores(), line, fakes)
            fakes = fakes or (protocol_of(compared[-1]).fakes if compared else 0)
            clock = _clock(run)
        found[label] = Scored(look(place), line, compared, clock)
    return found


def compared_lines(
    lines: Sequence[ScoreLine], result: ScoreLine, fakes: int = 0
) -> list[ScoreLine]:
    """The lines of compared checkpoints that were measured as `result` was, but on another number
    of images: on `fakes` (0: on as many as the newest of them)."""
    protocol = protocol_of(result)
    free = {"fakes"} | (PAIRED if protocol.damage else set())
    own = [
        line
        for line in lines
        if line.kind == SELECTION and not set(disagreements(protocol_of(line), protocol)) - free
    ]
    wanted = fakes or (protocol_of(own[-1]).fakes if own else 0)
    fitting = [line for line in own if protocol_of(line).fakes == wanted]
    return sorted(fitting, key=lambda line: line.images)


def _clock(run: RunFolder) -> tuple[Sequence[float], Sequence[float]] | None:
    lines = [line for line in run.metrics() if "seconds" in line]
    if not lines:
        return None
    images, seconds = column(lines, "images"), column(lines, "seconds")
    return [0.0, *images.tolist()], [0.0, *(seconds / 60).tolist()]


def _all(scored: Scored) -> list[ScoreLine]:
    return [*scored.compared, scored.result]


def _from_zero(axes: Axes, values: Sequence[float]) -> None:
    axes.set_xlim(0, 1.05 * max([*values, 1e-9]))


def _draw(axes: Axes, name: str, scored: Mapping[str, Scored], by_minutes: bool) -> None:
    for order, each in enumerate(scored.values()):
        points = [
            (place, line.scores[name])
            for line in each.compared
            if name in line.scores and (place := _place(each, line, by_minutes)) is not None
        ]
        if points:
            _points(axes, points, each.look, each.look.line, 5, 3 + order)
        if name not in each.result.scores:
            continue
        result = each.result.scores[name]
        place = _place(each, each.result, by_minutes)
        if place is not None:
            _points(axes, [(place, result)], each.look, "none", 8, 30 + order)
        elif not each.result.of_run and result["value"] is not None:
            axes.axhline(
                result["value"], color=each.look.colour, linestyle=each.look.line, linewidth=2,
                marker=each.look.marker, markersize=7, markeredgecolor="white", zorder=2,
            )  # fmt: skip
    floors = [floor for each in scored.values()
              if (floor := floor_value(each.result, name)) is not None]  # fmt: skip
    if floors:
        axes.axhline(floors[0], color="0.4", linestyle=(0, (1, 3)))
    axes.margins(y=0.12)
    if ALL_SCORES[name].bounds:
        axes.set_ylim(-0.04, 1.04)
    plain_axes(axes)


def _place(scored: Scored, line: ScoreLine, by_minutes: bool) -> float | None:
    if by_minutes:
        return scored.minutes(line) if line.of_run else None
    return float(line.images) if line.of_run else None


def _points(
    axes: Axes,
    points: Sequence[tuple[float, Mapping[str, Any]]],
    shown: Look,
    line: str,
    size: int,
    order: int,
) -> None:
    finite = [(place, score) for place, score in points if score["value"] is not None]
    single = line == "none"
    axes.errorbar(
        [place for place, _ in finite],
        [score["value"] for _, score in finite],
        yerr=[score["error"] or 0.0 for _, score in finite],
        color=shown.colour,
        linestyle=line,
        linewidth=2,
        marker=shown.marker,
        markersize=size,
        markeredgecolor="black" if single else "white",
        markeredgewidth=0.8,
        capsize=6 if single else 3,
        zorder=order,
        clip_on=False,
    )
