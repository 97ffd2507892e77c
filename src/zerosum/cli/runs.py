"""`zerosum runs [FOLDER]`: the runs that are there, a line each."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from zerosum.cli.known import FolderOfRuns
from zerosum.cli.terminal import UNBROKEN, UNCUT, echo, open_console, table_width
from zerosum.cli.words import Command
from zerosum.errors import ZerosumError
from zerosum.records.lock import held
from zerosum.records.logs import result_of
from zerosum.records.run import RunFolder
from zerosum.records.runs import RUNS, STUDIES, Found, find_runs, is_study, short_name
from zerosum.visible import visible
from zerosum.words import counted

NOTHING = "—"
HEAD = ("run", "recipe", "data", "images", "status", "verdict", "score")


@dataclass(frozen=True)
class Row:
    """How a run stands, in the words of its row; each "—" where it is not known."""

    recipe: str
    data: str
    images: str
    status: str
    verdict: str
    score: str


@click.command(cls=Command)
@click.argument("folder", required=False, type=FolderOfRuns())
def runs(folder: Path | None) -> None:
    """List the runs in FOLDER, newest first: what was trained on what, how far, and how it went.

    Without FOLDER those in runs/, and the studies in studies/. Of a study its cells. Every command
    takes a run by the name that stands here.
    """
    found = find_runs(folder) if folder else Found(find_runs(RUNS).runs, _studies())
    rows: list[tuple[str, Row]] = []
    broken: list[tuple[str, str]] = []
    for path in found.runs:
        try:
            rows.append((short_name(path), row_of(RunFolder(path))))
        except ZerosumError as error:
            broken.append((short_name(path), error.what.replace(f"{path}/", "")))
    if rows:
        _print_table(rows)
    if folder and is_study(folder):
        _tell_not_begun(folder)
    for name, problem in broken:
        echo(visible(f"{name}: {problem}"))
    for study in found.studies:
        echo(visible(_study_line(study)))
    if not (found.runs or found.studies or (folder and is_study(folder))):
        where = visible(str(folder or f"{RUNS}/"))
        echo(f"no runs in {where} yet; this begins one: zerosum train digits")


def row_of(run: RunFolder) -> Row:
    """How a run stands, by its files. Raises ZerosumError where one is missing or damaged."""
    from zerosum.recipe.load import read_recipe
    from zerosum.recipe.shipped import recipe_in
    from zerosum.studies.standing import ended_short, run_standing, verdict_in_words

    run.require()
    recipe, state = read_recipe(run.recipe_file), run.state()
    stands = run_standing(run).status
    short = bool(ended_short(stands, recipe, state))
    named = recipe_in(str(state.get("command", "")))
    status = _status(run, stands)
    # A running one is further than what it saved.
    images = run.seen()[0] if status == "running" else int(state.get("images", 0))
    return Row(
        recipe=Path(named).stem or NOTHING,
        data=str(state.get("data", {}).get("name") or Path(recipe.data.source).name or NOTHING),
        images=f"{images:,}",
        status=status,
        verdict=verdict_in_words(run.verdict(), short=short) or NOTHING,
        score=_score(run, recipe.evaluation.decides),
    )


def _status(run: RunFolder, stands: str) -> str:
    status = stands or "running"
    return "cut off" if status == "running" and not held(run.path) else status


def _score(run: RunFolder, decides: str) -> str:
    line = result_of(run.scores())
    score = line.scores.get(decides) if line else None
    if score is None or score["value"] is None:
        return NOTHING
    name = decides if "-" in decides or len(decides) > len("PSNR") else decides.upper()
    return f"{name} {score['value']:.4g}"


def _studies() -> tuple[Path, ...]:
    return (*find_runs(RUNS).studies, *find_runs(STUDIES).studies)


def _study_line(study: Path) -> str:
    from zerosum.studies.folder import StudyFolder
    from zerosum.studies.recorded import not_begun
    from zerosum.studies.standing import run_standing

    cells = find_runs(study).runs
    total = len(cells) + not_begun(StudyFolder(study))
    finished = 0
    for cell in cells:
        try:
            finished += run_standing(RunFolder(cell)).status == "finished"
        except ZerosumError:
            continue
    name = short_name(study)
    return f"study {name}: {finished} of {counted(total, 'run')} finished (zerosum runs {name})"


def _tell_not_begun(study: Path) -> None:
    from zerosum.studies.folder import StudyFolder
    from zerosum.studies.recorded import not_begun

    if waiting := not_begun(StudyFolder(study)):
        echo(
            f"{counted(waiting, 'run')} of this study {'has' if waiting == 1 else 'have'} not begun"
        )


def _print_table(rows: Sequence[tuple[str, Row]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for head in HEAD:
        table.add_column(head, justify="right" if head == "images" else "left", no_wrap=True)
    for name, run in rows:
        cells = (name, run.recipe, run.data, run.images, run.status, run.verdict, run.score)
        table.add_row(*map(Text, cells))
    console = open_console(width=table_width(), color_system=None)
    if console.measure(table, options=console.options.update(width=UNCUT)).maximum > console.width:
        _print_blocks(rows, console.width)
        return
    with console.capture() as printed:
        console.print(table)
    for line in printed.get().splitlines():
        echo(line.rstrip())


def _print_blocks(rows: Sequence[tuple[str, Row]], width: int) -> None:
    """Each name on a line of its own, what there is to say of the run below it."""
    for name, run in rows:
        cells = (run.recipe, run.data, f"{run.images} images", run.status, run.verdict, run.score)
        known = (visible(cell).replace(" ", UNBROKEN) for cell in cells if cell != NOTHING)
        text = f"{UNBROKEN}· ".join(known)
        echo(name)
        for line in textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="  "):
            echo(line.replace(UNBROKEN, " "))
