"""The runs of a study one by one: curves, equilibrium, classes, neighbours and ways between
pictures."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from zerosum.errors import ZerosumError
from zerosum.recipe.load import read_recipe
from zerosum.recipe.settings import Recipe
from zerosum.report.chart import Chart
from zerosum.report.document import (
    Block,
    Charts,
    Code,
    Details,
    Mixed,
    Note,
    Section,
    Strong,
    Table,
)
from zerosum.report.logged_chart import Lines
from zerosum.report.page.equilibrium import NO_PROOF, distance_to_equilibrium, expected_equilibrium
from zerosum.report.page.findings import neighbour_findings, read_modes
from zerosum.report.page.run_pictures import extrapolation
from zerosum.report.page.study_cells import has_trained
from zerosum.report.run_charts import training_charts
from zerosum.studies.results import CellResult
from zerosum.studies.standing import ended_short
from zerosum.visible import shell_word
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
    """What a study's page tells of one run, and which of it somebody has computed."""

    name: str
    verdict: str
    theory: str
    """What the equilibrium of its loss would be."""
    blocks: Sequence[Block | str]
    classes: bool
    ways: bool
    neighbours: bool
    restores: bool
    """Whether it makes no pictures of latents, which alone have classes and ways between them."""


def runs_section(results: Sequence[CellResult], study: Path) -> Section:
    """The runs of a study one by one, from their files alone; the first MOST_RUNS that logged
    something or have a checkpoint. A run whose files are damaged is left to its own page, which
    says so."""
    begun = [result for result in results if has_trained(result.run)]
    parts = []
    for number, result in enumerate(begun[:MOST_RUNS]):
        with contextlib.suppress(ZerosumError):
            parts.append(_part(result, number, WAYS_BYTES // min(len(begun), MOST_RUNS)))
    if not parts:
        return Section("Run by run", [], "curves")
    blocks: list[Block | str] = [
        " ".join((*dict.fromkeys(each.theory for each in parts), NO_PROOF))
    ]
    for each in parts:
        verdict = f": {each.verdict}" if each.verdict else ""
        title = Mixed(Strong(each.name), verdict)
        blocks.append(Details(title, each.blocks, opened=len(parts) <= MOST_OPEN))
    if lacking := missing(parts):
        command = Code(f"zerosum report {shell_word(str(study))} --all")
        told = f"Not everything is computed. {' '.join(lacking)} "
        blocks.append(Note(Mixed(told, command, " adds what it can.")))
    if len(begun) > MOST_RUNS:
        blocks.append(Note(f"And {len(begun) - MOST_RUNS} more, on pages of their own."))
    return Section("Run by run", blocks, "curves")


def missing(runs: Sequence[RunPart]) -> tuple[str, ...]:
    """What `zerosum report --all` would add, and of which runs, a sentence each. Classes only
    where some run has them, or nobody has asked for all yet: not all images have classes."""
    own = [run for run in runs if not run.restores]
    counted_somewhere = any(run.classes for run in own)
    without = {
        "classes": [run for run in own if not run.classes and (counted_somewhere or not run.ways)],
        "ways between pictures": [run for run in own if not run.ways],
        "nearest neighbours": [run for run in own if not run.neighbours],
    }
    return tuple(
        f"Without {what}: {_names(lacking, len(own))}."
        for what, lacking in without.items()
        if lacking
    )


def _names(runs: Sequence[RunPart], of: int) -> str:
    return "all runs" if len(runs) == of > 1 else ", ".join(run.name for run in runs)


def _part(result: CellResult, number: int, budget: int) -> RunPart:
    run = result.run
    recipe, lines = read_recipe(run.recipe_file), run.metrics()
    short = ended_short(result.status, recipe, run.state())
    blocks: list[Block | str] = [_curves(result, recipe, lines, number)]
    if distance := distance_to_equilibrium(recipe, lines, short):
        blocks.append(distance)
    found = read_modes(run) if recipe.task.latents else None
    modes = found.verdict if found else ""
    if not modes and result.scores is not None and result.scores.modes is not None:
        modes = str(result.scores.modes["verdict"])
    if modes:
        blocks.append(f"Classes: {modes}.")
    if found and found.table:
        blocks.append(_across(found.table, f"Classes of {result.cell.name}"))
    neighbours = neighbour_findings(run, required=False, budget=budget)
    for each in neighbours:
        by = " by pixels" if each.key.endswith("pixels") else ""
        blocks.append(f"Nearest neighbours{by}: {each.verdict}.")
        if each.picture:
            what = "Generated images beside their nearest training images"
            blocks.append(Details(what, [each.picture]))
    try:
        ways = extrapolation(run, run.checkpoint(run.best_or_latest()).name, budget=budget)
    except ZerosumError:  # no checkpoint yet, or none any more
        ways = None
    if ways:
        told = "Samples 0 to 1, 2 to 3, … of seed 0, and half as far again past both of them, of "
        blocks += [ways.picture, Note(f"{told}checkpoint {ways.checkpoint}.")]
    return RunPart(
        result.cell.name, result.health, expected_equilibrium(recipe), blocks, bool(modes),
        ways is not None, bool(neighbours), not recipe.task.latents,
    )  # fmt: skip


def _across(table: Table, title: str) -> Table:
    """A table with a row a class as one with a column a class: counts and shares."""
    head, *rows = zip(table.head, *table.rows, strict=True)
    return Table(head, rows[:3], title=title)


def _curves(result: CellResult, recipe: Recipe, lines: Lines, number: int) -> Block | str:
    """The curves of a run, or why it has none."""
    if not lines:
        steps = counted(int(result.run.state().get("step", 0)), "step")
        return f"No curves: it logged nothing in its {steps} ({result.images:,} images)."
    charts = training_charts(lines, recipe)
    return Charts([_light(chart, number) for chart in charts if chart.key in SHOWN_CHARTS])


def _light(chart: Chart, number: int) -> Chart:
    """A chart without the values behind its means, which make most of its size."""
    series = [replace(each, raw_x=[], raw_y=[]) for each in chart.series]
    return replace(chart, key=f"{chart.key}-{number}", series=series)
