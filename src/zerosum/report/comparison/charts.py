"""The charts of a comparison: what the trainings logged, laid over each other, and their scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.figure import Figure

from zerosum.comparing.comparability import protocol_of
from zerosum.comparing.sides import Side
from zerosum.diagnosis.log_fields import curve_name
from zerosum.evaluation.protocol import disagreements
from zerosum.recipe.scores import ALL_SCORES
from zerosum.recipe.settings import Recipe
from zerosum.records.logs import SELECTION, LogLine, ScoreLine, Value
from zerosum.report.chart import Chart, Level
from zerosum.report.chart_figure import figure_of
from zerosum.report.logged_chart import Curve, curves_chart
from zerosum.report.score_chart import floor_levels, minutes_at, score_series
from zerosum.report.scores import floor_value, heading, with_error
from zerosum.visible import visible

RAW_LIMIT = 3
"""Runs whose single values are drawn behind the means, at most: more would hide each other."""
ALIKE = 1.05
"""Times that differ by less than this factor are the same to the eye."""
PAIRED = {"reals", "real_fingerprint"}
"""Restored pictures are compared with their own originals: fewer of one mean fewer of the other."""


@dataclass(frozen=True)
class Log:
    """What one run logged, and how it is drawn."""

    lines: Sequence[LogLine]
    recipe: Recipe
    look: int


def curves_figure(sides: Sequence[Side]) -> tuple[Figure | None, tuple[str, ...]]:
    """curves.png of all runs, and what is to be said of it in words; None without any curve."""
    notes = []
    logs: dict[str, Log] = {}
    for look, side in enumerate(sides):
        if side.run is None or side.recipe is None:
            continue
        label, path = side.label, side.run.path.resolve()
        checkpoints = [each for each in sides if each.run and each.run.path.resolve() == path]
        if len(checkpoints) > 1:
            label = visible(path.name)
            if checkpoints[0] is not side:
                continue  # the curve of a run is drawn once
        if lines := side.run.metrics():
            logs[label] = Log(lines, side.recipe, look)
            if len(lines) == 1:
                notes.append(f"{label} has logged one line: a point for it, no curve")
        else:
            notes.append(f"{side.label} has logged nothing yet: no curves of it")
    charts = curve_charts(logs)
    if not charts:
        return None, tuple(notes)
    if len({each.recipe.objective.loss for each in logs.values()}) > 1:
        notes.append("losses of different kinds are on scales of their own: a panel for each")
    rows = [[chart] for chart in charts]
    return figure_of("Training curves", rows, 1.0 + 2.1 * len(rows), below=True), tuple(notes)


def curve_charts(logs: Mapping[str, Log]) -> list[Chart]:
    """From top to bottom: curves that mean the same share one.

    Losses do where they are of one kind; D(x) and D(G(z)) where they are probabilities.
    """
    kinds: dict[str, list[str]] = {}
    for label, each in logs.items():
        kinds.setdefault(each.recipe.objective.loss, []).append(label)
    losses = {label: each.recipe.objective.of_loss for label, each in logs.items()}
    sure = [label for label, loss in losses.items() if loss.output == "logit"]
    distant = [label for label, loss in losses.items() if loss.estimates_distance]
    wanted = [("loss_pixel", "", list(logs)), ("distance", "", distant)]
    for kind, labels in kinds.items():
        of_kind = f"\n({kind})" if len(kinds) > 1 else ""
        wanted += [("loss_generator", of_kind, labels), ("loss_discriminator", of_kind, labels)]
    wanted += [("d_real", "", sure), ("d_fake_before", "", sure)]
    found = []
    for field, of_kind, labels in wanted:
        own = {
            label: each
            for label, each in logs.items()
            if label in labels and any(field in line for line in each.lines)
        }
        if own:
            found.append(_curve_chart(field, of_kind, own))
    return found


def _curve_chart(field: str, of_kind: str, logs: Mapping[str, Log]) -> Chart:
    curves = [Curve(each.lines, field, label, each.look) for label, each in logs.items()]
    probability = field.startswith("d_")
    name = curve_name(field, next(iter(logs.values())).recipe).replace(", ", ",\n")
    chart = curves_chart(
        f"{field}{of_kind}", name, f"{name}{of_kind}", curves,
        [Level(0.5, "a guess", "0.5")] if probability else [],
        (0.0, 1.0) if probability else None,
    )  # fmt: skip
    if len(curves) > RAW_LIMIT:
        series = [replace(one, raw_x=(), raw_y=()) for one in chart.series]
        chart = replace(chart, series=series)
    return chart


@dataclass(frozen=True)
class Scored:
    """One side of scores.png."""

    look: int
    result: ScoreLine
    """The line of the table."""
    compared: Sequence[ScoreLine]
    """Checkpoints compared on the way, by the images seen."""
    minutes: Mapping[int, float]
    """Of training, by the images seen of each line; empty for a folder, or where none were
    logged."""

    @property
    def lines(self) -> list[ScoreLine]:
        """All of it."""
        return [*self.compared, self.result]

    def place(self, line: ScoreLine, by_minutes: bool) -> float | None:
        """Where a line stands: how long its generator had been trained, or the images it had seen;
        None where that is not known, and for images of other programs."""
        if not line.of_run:
            return None
        return self.minutes.get(line.images) if by_minutes else float(line.images)

    def points(self, name: str, by_minutes: bool, result: bool) -> list[tuple[float, Value]]:
        """A score of the result, or of the checkpoints before it, where that is known."""
        return [
            (place, line.scores[name])
            for line in ([self.result] if result else self.compared)
            if name in line.scores and (place := self.place(line, by_minutes)) is not None
        ]


def scores_figure(
    sides: Sequence[Side], own: Sequence[tuple[str, ScoreLine]]
) -> tuple[Figure | None, tuple[str, ...]]:
    """scores.png of the sides of one group of comparable lines, and what is to be said of it.

    A large marker with its error is the value of the table; the curve before it are checkpoints
    that a training compared on fewer images. Images of other programs are a level. A score of one
    value alone is not drawn: a chart of one dot says less than the table.
    """
    scored = _scored(sides, own)
    lines = [line for each in scored.values() for line in each.lines]
    there = dict.fromkeys(name for _, line in own for name in line.scores)
    names = [name for name in there if sum(name in line.scores for line in lines) > 1]
    if not names or not any(each.minutes or each.result.images for each in scored.values()):
        return None, ()
    times = [each.place(line, True) for each in scored.values() for line in each.lines]
    known = [time for time in times if time is not None]
    # Where all have trained for as long, everything would lie on one line.
    ways = (False, True) if known and max(known) > ALIKE * min(known) else (False,)
    rows = [[_score_chart(name, scored, by_minutes) for by_minutes in ways] for name in names]
    title = f"Scores in features of {protocol_of(own[0][1]).extractor}"
    words = "large markers are the values of the table, with their errors"
    if any(each.compared for each in scored.values()):
        words += "; curves are checkpoints compared in training, on fewer images"
    return figure_of(title, rows, 1.1 + 2.0 * len(rows), below=True), (words,)


def _scored(sides: Sequence[Side], own: Sequence[tuple[str, ScoreLine]]) -> dict[str, Scored]:
    found: dict[str, Scored] = {}
    runs = {side.label: (look, side.run) for look, side in enumerate(sides)}
    fakes = 0
    for label, line in own:
        look, run = runs[label]
        compared: list[ScoreLine] = []
        if run is not None:
            compared = compared_lines(run.scores(), line, fakes)
            fakes = fakes or (protocol_of(compared[-1]).fakes if compared else 0)
        images = [each.images for each in (*compared, line)]
        minutes = minutes_at(images, run.metrics()) if run is not None else ()
        known = {at: each for at, each in zip(images, minutes, strict=False) if np.isfinite(each)}
        found[label] = Scored(look, line, compared, known)
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


def _score_chart(name: str, scored: Mapping[str, Scored], by_minutes: bool) -> Chart:
    series, levels, last = [], [], 0.0
    for label, each in scored.items():
        for final in (False, True):
            points = each.points(name, by_minutes, final)
            series += score_series(label, each.look, name, points, line=not final)
        last = max([last, *(each.place(line, by_minutes) or 0.0 for line in each.lines)])
        result = each.result.value(name)
        if not each.result.of_run and result is not None:
            levels.append(
                Level(result, label, with_error(name, each.result.scores[name]), each.look)
            )
    results = [each.result for each in scored.values()]
    told = [line for line in results if floor_value(line, name) is not None]
    levels += floor_levels(name, told[:1], None)
    low, high = ALL_SCORES[name].bounds or (None, None)
    title = heading(name)
    chart = Chart(f"score-{name}", title, title, series, levels, low=low, high=high, x_last=last)
    if not by_minutes:
        return chart
    return replace(chart, x_label="minutes of training, scoring not included", x_unit="minutes")
