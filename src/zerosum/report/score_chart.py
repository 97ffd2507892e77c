"""Every score of a run against the images seen, with its interval and the floor, as charts."""

from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from zerosum.evaluation.protocol import Protocol, disagreements
from zerosum.recipe.scores import ALL_SCORES, title
from zerosum.records.logs import MANUAL, SELECTION, LogLine, ScoreLine, Value, result_of
from zerosum.report.chart import Chart, Level, Series
from zerosum.report.scores import decimals_of, floor_value, number, with_error

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RATIO_FOR_LOG = 10**1.2
"""Values that span more than this are drawn by their logarithm."""
BETTER = {"lower": "lower is better", "higher": "higher is better"}


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
    own = [line for line in lines if line.kind != MANUAL] or [result_of(lines) or lines[-1]]
    axis = Protocol.from_dict(own[-1].protocol)
    free = {"fakes", "reals", "real_fingerprint"} if axis.damage else {"fakes"}
    fitting = [line for line in lines if not _differ(line, axis) - free]
    shown: list[ScoreLine] = []
    for compared in (True, False):
        group = [line for line in fitting if (line.kind == SELECTION) is compared]
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


def score_charts(lines: Sequence[ScoreLine]) -> list[Chart]:
    """A chart for each score: compared checkpoints as a curve, results as points, the floor.

    None where only one checkpoint was scored: the table says the same in less room.
    """
    shown = score_lines(lines)
    return [
        _score(name, [line for line in shown if name in line.scores], float(shown[-1].images))
        for name in scores_to_draw(shown)
    ]


def _score(name: str, lines: Sequence[ScoreLine], last: float) -> Chart:
    floors = [line for line in lines if floor_value(line, name) is not None]
    decimals = decimals_of(
        name,
        [*(line.scores[name] for line in lines), *(line.floor[name] for line in floors)],
    )
    series = []
    for compared, look, label in ((True, 0, "checkpoints compared, on fewer images"),
                                  (False, 3, "result, on images of its own")):  # fmt: skip
        points = [(float(line.images), line.scores[name]) for line in lines
                  if (line.kind == SELECTION) is compared]  # fmt: skip
        series += score_series(label, look, name, points, decimals, line=compared)
    heading = title(name, Protocol.from_dict(lines[-1].protocol).extractor)
    low, high = ALL_SCORES[name].bounds or (None, None)
    better = BETTER[ALL_SCORES[name].better]
    levels = floor_levels(name, floors[-1:], decimals)
    return Chart(f"score-{name}", heading, better, series, levels, low=low, high=high, axis=heading,
                 x_last=last)  # fmt: skip


def floor_levels(name: str, lines: Iterable[ScoreLine], decimals: int | None) -> list[Level]:
    """What real images score against real ones, on average over the lines that tell it."""
    there = [floor for line in lines if (floor := floor_value(line, name)) is not None]
    if not there:
        return []
    mean = fmean(there)
    return [Level(mean, "real against real", number(name, mean, decimals))]


def score_series(
    label: str, look: int | None, name: str, points: Sequence[tuple[float, Value]],
    decimals: int | None = None, *, line: bool = False, rings: bool = False,
) -> list[Series]:  # fmt: skip
    """A score's values at their places, with their errors where these are known; no series of no
    points."""
    if not points:
        return []
    scores = [score for _, score in points]
    errors = [score.get("error") for score in scores]
    return [
        Series(label, look, [at for at, _ in points], [score["value"] for score in scores],
               [with_error(name, score, decimals) for score in scores],
               error=errors if any(errors) else (), line=line, rings=rings)
    ]  # fmt: skip


def log_over(name: str, series: Sequence[Series]) -> bool:
    """Whether the axis of these curves of a score is logarithmic; shares from 0 to 1 stay
    linear."""
    values = [value for one in series for value in one.y if value is not None]
    return not ALL_SCORES[name].bounds and spans_much(values)


def spans_much(values: Sequence[float]) -> bool:
    """Whether values, such as learning rates, are drawn by their logarithm."""
    return bool(values) and min(values) > 0 and max(values) / min(values) > RATIO_FOR_LOG


def minutes_at(
    images: Sequence[int], lines: Sequence[LogLine], cell: tuple[int, float] = (0, 0.0)
) -> tuple[float, ...]:
    """Minutes of training at so many images seen: between two lines of metrics.jsonl, and the
    images and seconds of the newest checkpoint (`cell`), by their slope, beyond the last one by its
    own speed; NaN where nothing is known."""
    known = {0: 0.0} | {
        int(line["images"]): float(line["seconds"]) for line in lines if "seconds" in line
    }
    known.setdefault(*cell)
    if len(known) == 1:
        return (float("nan"),) * len(images)
    seen = np.array(sorted(known), dtype=np.float64)
    seconds = np.array([known[each] for each in sorted(known)], dtype=np.float64)
    wanted = np.array(images, dtype=np.float64)
    beyond = np.maximum(wanted - seen[-1], 0.0) * seconds[-1] / seen[-1]
    return tuple(float(value) / 60 for value in np.interp(wanted, seen, seconds) + beyond)


def scores_figure(lines: Sequence[ScoreLine], heading: str) -> "Figure | None":
    """RUN/charts/scores.png: a panel for each score; None where no score has two checkpoints."""
    charts = score_charts(lines)
    if not charts:
        return None
    from zerosum.report.chart_figure import figure_of  # with matplotlib

    return figure_of(heading, [[chart] for chart in charts], 0.8 + 1.8 * len(charts), below=True)
