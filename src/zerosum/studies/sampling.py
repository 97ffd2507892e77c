"""Settings that are drawn instead of listed: at random, or by what did well so far (TPE)."""

import math
from collections.abc import Sequence
from itertools import groupby
from statistics import fmean
from typing import Any

from zerosum.comparing.setting_words import Value
from zerosum.errors import UsageError
from zerosum.randomness import random_for
from zerosum.recipe.scores import SCORES
from zerosum.studies.cell_queue import rivals, take
from zerosum.studies.cells import Cell, cells_at
from zerosum.studies.folder import StudyFolder
from zerosum.studies.recorded import DRAWN, record_cell, recorded_cells
from zerosum.studies.request import Sampler
from zerosum.studies.results import CellResult, read_results
from zerosum.studies.settings import Range, Study

Point = dict[str, Value]
ASK_AGAIN = 20
"""Draws of a point that was drawn before, after which it is repeated no more."""


class DrawnQueue:
    """So many trials: each a point of the grid's lists and ranges, with a cell for each seed.

    What was drawn is written down first, so that a study goes on with the same trials.
    """

    def __init__(self, study: Study, folder: StudyFolder, sampler: Sampler, trials: int) -> None:
        require_sampler(sampler, trials)
        self.study, self.folder, self.sampler, self.trials = study, folder, sampler, trials
        self.given: set[str] = set()

    def next(self, running: Sequence[Cell]) -> Cell | None:
        del running
        drawn = recorded_cells(self.folder)
        if (cell := take(self.folder, drawn, self.given)) is not None:
            return cell
        trials = [read_results(self.folder, group) for group in by_trial(drawn)]
        if len(trials) >= self.trials:
            return None
        for cell in cells_at(self.study, self._draw(trials), name=trial_name(len(trials))):
            cell.settings()
            record_cell(self.folder, cell, DRAWN)
        return self.next(())

    def rivals(self, cell: Cell) -> Sequence[str]:
        return rivals(recorded_cells(self.folder), cell)

    def _draw(self, trials: Sequence[Sequence[CellResult]]) -> Point:
        """The settings of the next trial; one that was drawn before only when there is hardly
        another.

        A draw at random is a function of the trial's number alone.
        """
        number = len(trials)
        known = [dict(group[0].cell.published_axes) for group in trials]
        point: Point = {}
        for again in range(ASK_AGAIN):
            if self.sampler == "random":
                point = random_point(self.study, number, again)
            else:
                point = tpe_point(self.study, trials, seed=number + 1000 * again)
            if point not in known:
                break
        return point


def require_sampler(sampler: Sampler, trials: int) -> None:
    """Raise UsageError where a sampler is not told how often to draw, or is not installed."""
    if trials < 1:
        raise UsageError(f"--sampler {sampler} needs a number of trials", "add --trials 20")
    if sampler == "tpe":
        require_optuna()


def trial_name(number: int) -> str:
    """What the cells of a trial are called, seeds aside."""
    return f"trial-{number:03d}"


def by_trial(cells: Sequence[Cell]) -> list[list[Cell]]:
    """The cells that were drawn, those of one trial together, oldest first."""
    groups = groupby(cells, key=lambda cell: cell.name.rpartition("_seed-")[0])
    return [list(trial) for _, trial in groups]


def random_point(study: Study, number: int, again: int = 0) -> Point:
    """A value of each axis, evenly at random: of the logarithm where a range says so."""
    draw = random_for(0, "trials", number, again)
    point: Point = {}
    for axis, values in study.choices.items():
        if isinstance(values, Range):
            if values.log:
                value = math.exp(draw.uniform(math.log(values.low), math.log(values.high)))
            else:
                value = float(draw.uniform(values.low, values.high))
            point[axis] = round(value) if values.whole else float(f"{value:.4g}")
        else:
            point[axis] = values[int(draw.integers(len(values)))]
    return point


def tpe_point(study: Study, trials: Sequence[Sequence[CellResult]], seed: int) -> Point:
    """A point where earlier trials did well, by Optuna's tree-structured Parzen estimator
    (Bergstra et al. 2011, section 4); at random for the first ten.

    A trial that failed or was stopped early counts as the worst; one that still runs as a bad one,
    so that the next is drawn elsewhere.
    """
    optuna = require_optuna()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    lower = SCORES[study.table.score].better == "lower"
    sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
    search = optuna.create_study(direction="minimize" if lower else "maximize", sampler=sampler)
    axes = study.choices
    distributions = {axis: _distribution(values) for axis, values in axes.items()}
    for cells in trials:
        point = cells[0].cell.published_axes
        parameters = {axis: _choice(values, point[axis]) for axis, values in axes.items()}
        values = [value for cell in cells if (value := cell.value(study.table.score)) is not None]
        if values:
            state, value = optuna.trial.TrialState.COMPLETE, fmean(values)
        elif all(cell.ended for cell in cells):
            state, value = optuna.trial.TrialState.PRUNED, None
        else:
            state, value = optuna.trial.TrialState.RUNNING, None
        search.add_trial(
            optuna.trial.create_trial(
                params=parameters, distributions=distributions, state=state, value=value
            )
        )
    asked = search.ask(distributions).params
    return {axis: _value(values, asked[axis]) for axis, values in axes.items()}


def require_optuna() -> Any:
    """Optuna. Raises UsageError where the extra is not installed."""
    try:
        import optuna
    except ImportError as error:
        raise UsageError(
            "--sampler=tpe needs Optuna, which is not installed",
            "install it: pip install 'zerosum[optuna]'; or draw with --sampler=random",
        ) from error
    return optuna


def _distribution(values: tuple[Value, ...] | Range) -> Any:
    optuna = require_optuna()
    if not isinstance(values, Range):
        # By place in the list: Optuna takes numbers and words, not pairs of betas.
        return optuna.distributions.CategoricalDistribution(list(range(len(values))))
    if values.whole:
        return optuna.distributions.IntDistribution(
            round(values.low), round(values.high), log=values.log
        )
    return optuna.distributions.FloatDistribution(values.low, values.high, log=values.log)


def _choice(values: tuple[Value, ...] | Range, value: Value) -> Any:
    """What Optuna calls a value."""
    return value if isinstance(values, Range) else values.index(value)


def _value(values: tuple[Value, ...] | Range, asked: Any) -> Value:
    """The value that Optuna means."""
    if not isinstance(values, Range):
        return values[int(asked)]
    return int(asked) if values.whole else float(f"{asked:.4g}")
