"""RUN/report.html: one run on one page, from its files alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from zerosum.files import write_atomically
from zerosum.generation.output import require_suffix
from zerosum.recipe import read_recipe
from zerosum.recipe.phases import PHASE_WORDS
from zerosum.recipe.shipped import shipped_name
from zerosum.records.result import results_of
from zerosum.records.run import RunFolder
from zerosum.records.run_state import RunState
from zerosum.records.score_line import ScoreLine
from zerosum.report.page.equilibrium import equilibrium_in_words
from zerosum.report.page.findings import Findings, map_findings, neighbour_findings, read_modes
from zerosum.report.page.render import NO_NOTES, render
from zerosum.report.page.run_facts import (
    Setting,
    environment,
    headline,
    main_scores,
    overview,
    scoring_needs,
    settings_table,
    steps_to_reproduce,
)
from zerosum.report.page.run_pictures import (
    Interpolation,
    frames,
    interpolation,
    real_images,
    restoration,
)
from zerosum.report.run_charts import training_charts
from zerosum.report.score_chart import score_charts
from zerosum.report.scores import SHOWN, protocol_lines, score_table, trade_off
from zerosum.report.summary import next_steps, status_in_words
from zerosum.studies.run_verdict import diagnose_run, verdicts_so_far
from zerosum.studies.standing import Standing, ended_short, run_standing
from zerosum.visible import shell_word

SUFFIXES = (".html", ".htm")


@dataclass(frozen=True)
class ScoreTable:
    """Scores of one protocol, as people read them."""

    images: int
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    why: str
    below: str


def report_path(run: RunFolder, out: Path | None) -> Path:
    """Where the page goes. Raises UsageError for a name that is no HTML file's."""
    if out is not None:
        require_suffix(out, SUFFIXES)
    return out or run.path / "report.html"


def write_run_page(
    run: RunFolder,
    out: Path | None = None,
    *,
    live: bool = False,
    made: Interpolation | None = None,
    notes: Markup = NO_NOTES,
) -> tuple[Path, Interpolation | None]:
    """Write the page of a run, RUN/report.html unless `out` says otherwise, with the author's
    `notes` in it.

    Returns its path and the interpolation in it, which the next call may be given as `made` to save
    the time. A `live` page reloads itself. Raises ZerosumError where there is no run, one of its
    files is damaged, or the page cannot be written.
    """
    run.require()
    path = report_path(run, out)
    content, ways = run_content(run, made)
    write_atomically(path, render("run.html", content | {"notes": notes}, live=live))
    return path, ways


def run_content(
    run: RunFolder, made: Interpolation | None = None
) -> tuple[dict[str, Any], Interpolation | None]:
    """All that run.html shows, and the interpolation among it."""
    recipe, state, standing = read_recipe(run.recipe_file), run.state(), run_standing(run)
    lines, scores = run.metrics(), run.scores()
    ways = interpolation(run, made) if recipe.task.latents else None
    shipped = shipped_name(str(state.get("command", "")))
    diagnosis = diagnose_run(run)
    short = ended_short(standing.status, recipe, state)
    findings: list[Findings] = [read_modes(run)] if recipe.task.latents else []
    findings += neighbour_findings(run, required=recipe.task.latents)
    findings += [map_findings(run)] if recipe.task.latents else []
    grids, settings = frames(run, recipe.task.sheet), settings_table(recipe, shipped)
    content = {
        "name": run.path.resolve().name,
        "folder": str(run.path),
        "shell_folder": shell_word(str(run.path)),
        "made": datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        "status": status_in_words(standing),
        "short": short,
        "failed": standing.status == "failed",
        "headline": headline(recipe, state, shipped),
        "main_scores": main_scores(scores, recipe.evaluation.decides),
        "overview": overview(run, recipe, state, shipped),
        "command": str(state.get("command", "")),
        "task": recipe.task,
        "diagnosis": diagnosis,
        "phase": PHASE_WORDS.get(diagnosis.phase, diagnosis.phase),
        "verdicts": verdict_rows(run, recipe.task.phases),
        "equilibrium": equilibrium_in_words(recipe, lines, short),
        "charts": training_charts(lines, recipe),
        "score_charts": score_charts(scores),
        "frames": grids,
        "frame_labels": [f"after {images:,} images" for images in grids.images],
        "reals": real_images(run),
        "restoration": restoration(run) if recipe.task.pairs else None,
        "scores": score_tables(scores),
        "scoring_needs": scoring_needs(recipe),
        "ways": ways,
        "findings": findings,
        "shipped": shipped,
        "settings": settings,
        "changed": changed_rows(settings),
        "environment": environment(state),
        "reproduce": steps_to_reproduce(run, state, findings, ways),
        "next_steps": next_steps(run, state) if can_go_on(standing, state) else [],
    }
    return content, ways


def can_go_on(standing: Standing, state: RunState) -> bool:
    """Whether the state tells enough for the commands that go on from here."""
    return standing.status != "finished" or "train" in state.get("data", {})


def changed_rows(settings: Sequence[tuple[str, Sequence[Setting]]]) -> list[tuple[str, str, str]]:
    """Field, value and shipped value of the settings that differ from the shipped recipe's."""
    return [
        (row.name, row.value, row.shipped)
        for _, rows in settings
        for row in rows
        if row.shipped is not None
    ]


def verdict_rows(run: RunFolder, phases: bool) -> list[tuple[str, ...]]:
    """Every change of verdict: images seen, verdict and, where there are `phases`, the phase."""
    rows: list[tuple[str, ...]] = []
    for images, verdict, phase in verdicts_so_far(run):
        row = (f"{images:,}", verdict, PHASE_WORDS.get(phase, phase))
        rows.append(row if phases else row[:2])
    return rows


def score_tables(lines: Sequence[ScoreLine]) -> list[ScoreTable]:
    """The result of the run, then others, newest first, each under its protocol; of compared
    checkpoints where there is nothing else."""
    return [_score_table(line) for line in results_of(lines)[:SHOWN]]


def _score_table(line: ScoreLine) -> ScoreTable:
    head, rows = score_table(line)
    below = [*protocol_lines(line), *(f"note       {note}" for note in line.notes)]
    return ScoreTable(line.images, head, rows, trade_off(line), "\n".join(below))
