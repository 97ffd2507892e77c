"""The runs of a study one by one: curves, equilibrium, classes, neighbours and ways between
pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from zerosum.errors import ZerosumError
from zerosum.recipe import read_recipe
from zerosum.report.chart import Chart
from zerosum.report.document import Table
from zerosum.report.logged_chart import Lines
from zerosum.report.page.equilibrium import NO_PROOF, distance_to_equilibrium, expected_equilibrium
from zerosum.report.page.findings import Findings, neighbour_findings, read_modes
from zerosum.report.page.run_pictures import Interpolation, extrapolation
from zerosum.report.page.study_cells import has_trained
from zerosum.report.run_charts import training_charts
from zerosum.studies.results import CellResult
from zerosum.studies.standing import ended_short
from zerosum.words import counted

MOST_RUNS = 24
"""Of more, the others have their own pages alone."""
MOST_OPEN = 6
"""More than so many are folded."""
SHOWN_CHARTS = ("losses", "discriminator")
WAYS_BYTES = 1_500_000
"""Of the ways of all runs together, and of the neighbours; base64 makes four thirds of it."""


@dataclass(frozen=True)
class RunPart:
    """What a study's page tells of one run; what is not known is empty."""

    name: str
    verdict: str
    charts: tuple[Chart, ...]
    no_charts: str
    """Why there are none; "" where there are."""
    equilibrium: str
    """How far it is from it."""
    modes: str
    classes: Table | None
    """How many pictures it makes of each class; None where they were not counted."""
    neighbours: tuple[Findings, ...]
    """Whether it copied, by features or by pixels, each where it was searched."""
    ways: Interpolation | None
    restores: bool
    """Whether it makes no pictures of latents, which alone have classes and ways between them."""


@dataclass(frozen=True)
class RunParts:
    """The runs of a study that have begun."""

    runs: tuple[RunPart, ...]
    theory: tuple[str, ...]
    """What the equilibrium of each of their losses would be, and that it would prove nothing."""
    unfolded: bool
    left_out: int

    @property
    def missing(self) -> tuple[str, ...]:
        """What `zerosum report --all` would add, and of which runs, a sentence each. Classes only
        where some run has them, or nobody has asked for all yet: not all images have classes."""
        own = [run for run in self.runs if not run.restores]
        without_ways = [run for run in own if run.ways is None]
        counted_somewhere = any(run.modes for run in own)
        without_classes = [
            run for run in own if not run.modes and (counted_somewhere or run.ways is None)
        ]
        without_neighbours = [run for run in own if not run.neighbours]
        return tuple(
            f"Without {what}: {_names(runs, len(own))}."
            for what, runs in (
                ("classes", without_classes),
                ("ways between pictures", without_ways),
                ("nearest neighbours", without_neighbours),
            )
            if runs
        )


def _names(runs: Sequence[RunPart], of: int) -> str:
    return "all runs" if len(runs) == of > 1 else ", ".join(run.name for run in runs)


def run_parts(results: Sequence[CellResult]) -> RunParts:
    """The runs of a study for its page, from their files alone; the first MOST_RUNS that logged
    something or have a checkpoint. A run whose files are damaged is left to its own page, which
    says so."""
    begun = [result for result in results if has_trained(result.run)]
    shown = begun[:MOST_RUNS]
    parts, theory = [], []
    for number, result in enumerate(shown):
        try:
            part, expected = _part(result, number, WAYS_BYTES // len(shown))
        except ZerosumError:
            continue
        parts.append(part)
        theory.append(expected)
    told = (*dict.fromkeys(theory), NO_PROOF) if theory else ()
    return RunParts(tuple(parts), told, len(parts) <= MOST_OPEN, len(begun) - len(shown))


def _part(result: CellResult, number: int, budget: int) -> tuple[RunPart, str]:
    """The part, and what the equilibrium of the run's loss would be."""
    run = result.run
    recipe, lines = read_recipe(run.recipe_file), run.metrics()
    charts = tuple(
        _light(chart, number)
        for chart in training_charts(lines, recipe)
        if chart.key in SHOWN_CHARTS
    )
    found = read_modes(run) if recipe.task.latents else None
    modes = found.verdict if found else ""
    if not modes and result.scores is not None and result.scores.modes is not None:
        modes = str(result.scores.modes["verdict"])
    neighbours = tuple(neighbour_findings(run, required=False, budget=budget))
    try:
        ways = extrapolation(run, run.checkpoint(run.best_or_latest()).name, budget=budget)
    except ZerosumError:  # no checkpoint yet, or none any more
        ways = None
    short = ended_short(result.status, recipe, run.state())
    distance = distance_to_equilibrium(recipe, lines, short)
    part = RunPart(
        result.cell.name, result.health, charts, _why_none(result, lines), distance, modes,
        _across(found.table) if found and found.table else None, neighbours, ways,
        not recipe.task.latents,
    )  # fmt: skip
    return part, expected_equilibrium(recipe)


def _across(table: Table) -> Table:
    """A table with a row a class as one with a column a class: counts and shares."""
    head, *rows = zip(table.head, *table.rows, strict=True)
    return Table(head, rows[:3])


def _why_none(result: CellResult, lines: Lines) -> str:
    """Why a run has no curves; "" of one that logged something."""
    if lines:
        return ""
    steps = counted(int(result.run.state().get("step", 0)), "step")
    return f"No curves: it logged nothing in its {steps} ({result.images:,} images)."


def _light(chart: Chart, number: int) -> Chart:
    """A chart without the values behind its means, which make most of its size."""
    series = [replace(each, raw_x=[], raw_y=[]) for each in chart.series]
    return replace(chart, key=f"{chart.key}-{number}", series=series)
