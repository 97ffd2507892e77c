"""`zerosum study`: many runs of one question, and the table that answers it."""

import time
from pathlib import Path
from typing import Any

import click

from zerosum.cli.field_command import FieldCommand
from zerosum.cli.known import DataName, StudyName, write_table
from zerosum.cli.pictures import device_option
from zerosum.cli.places import places_options
from zerosum.cli.terminal import echo
from zerosum.cli.values import Count, Names, Number, OneOf
from zerosum.cli.words import Group
from zerosum.errors import ZerosumError


class StudyCommands(Group):
    """Where STUDY alone is run."""

    usual = "run"


@click.group(cls=StudyCommands)
def study() -> None:
    """Run many trainings of one question, and lay their scores in one table."""


BUDGETS = ("images", "epochs")


TOPICS = {
    "Which cells": ("data", "only", "sampler", "trials"),
    "Length of each cell": ("epochs", "images", "minutes", "prune"),
    "In all cells": ("width", "batch", "evaluation.images", "evaluation.scores"),
    "Running": ("out", "dry-run", "jobs", "cores", "device"),
}
"""The options that people use."""


@study.command(cls=FieldCommand, topics=TOPICS)
@click.argument("definition", metavar="STUDY", type=StudyName())
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="The study folder.  [default: studies/NAME]",
)
@click.option("--data", type=DataName(), default="", help="Images in place of the study's.")
@places_options
@click.option(
    "--jobs",
    type=Count(1),
    default=1,
    show_default=True,
    help="Cells at a time; they share the processor cores, and take CUDA devices in turn.",
)
@click.option("--minutes", type=Number(), default=0.0, help="Training time of every cell.")
@click.option(
    "--only",
    type=Names(),
    default=(),
    help="Cells whose name holds one of these words, or axis=value; with commas between.",
)
@click.option("--dry-run", is_flag=True, help="List the cells and guess the time; run nothing.")
@click.option(
    "--sampler",
    type=OneOf(["grid", "random", "tpe"]),
    default="grid",
    show_default=True,
    help="grid: every combination; random and tpe draw --trials of them, also from ranges.",
)
@click.option("--trials", type=Count(1), default=None, help="Combinations to draw.")
@click.option(
    "--cores",
    type=Count(1),
    default=None,
    help="Processor cores of a cell.  [default: shared out among --jobs; 1 with --ray]",
)
@click.option(
    "--ray", default="", metavar="ADDRESS", help="Run on a Ray cluster: auto, or HOST:PORT."
)
@click.option("--prune", is_flag=True, help="Stop cells early whose scores on the way are poor.")
@device_option
@click.option(
    "--precision",
    type=OneOf(["auto", "32", "bf16"]),
    default="auto",
    show_default=True,
    help="auto: bf16 where the processor computes it, else 32.",
)
def run(
    definition: str,
    out: Path | None,
    data: str,
    data_root: Path | None,
    jobs: int,
    minutes: float,
    only: tuple[str, ...],
    dry_run: bool,
    sampler: Any,
    trials: int | None,
    cores: int | None,
    ray: str,
    prune: bool,
    device: str,
    precision: Any,
    **fields: Any,
) -> int:
    """Run STUDY, a shipped name or a .toml file: one training for each cell.

    The same command again goes on where it was. A cell that fails is a result. Every field of a
    recipe is an option, set in all cells; --images and --epochs replace every cell's budget.
    """
    from zerosum.cli.fields import overrides

    given = overrides(fields)
    budget = {name: int(str(given.pop(name))) for name in BUDGETS if name in given}
    from zerosum import api_studies
    from zerosum.cli.study_display import GIVEN_UP, StudyDisplay, farewell, print_estimates

    if dry_run:
        found = api_studies.estimate_study(
            definition,
            out,
            data=data,
            overrides=given,
            minutes=minutes,
            **budget,
            only=only,
            sampler=sampler,
            trials=trials or 0,
            jobs=jobs,
            cores=cores or 0,
            ray=ray,
            device=device,
            precision=precision,
            data_root=data_root,
            progress=lambda text: echo(text, err=True),
        )
        print_estimates(found, jobs)
        return 0
    display = StudyDisplay()
    try:
        done = api_studies.study(
            definition,
            out,
            data=data,
            overrides=given,
            minutes=minutes,
            images=budget.get("images", 0),
            epochs=budget.get("epochs", 0),
            only=only,
            jobs=jobs,
            sampler=sampler,
            trials=trials or 0,
            cores=cores or 0,
            ray=ray,
            prune=prune,
            device=device,
            precision=precision,
            data_root=data_root,
            listener=display,
        )
    except (KeyboardInterrupt, SystemExit):
        display.given_up()
        raise
    except BrokenPipeError:
        echo(f"stopped, since nobody reads what is printed: {GIVEN_UP}", err=True)
        raise
    farewell(done)
    return 128 + done.signal if done.signal else 0


@study.command()
@click.argument("definition", metavar="STUDY", type=StudyName())
@click.option("--file", "as_file", is_flag=True, help="Print the study's TOML file instead.")
def show(definition: str, as_file: bool) -> None:
    """Print the table of STUDY as it stands, also while it runs: its folder, file or name."""
    if as_file:
        from zerosum.studies.load import study_text

        echo(study_text(definition).rstrip())
        return
    from zerosum.api_studies import StudyRun
    from zerosum.cli.study_tables import print_tables

    print_tables(StudyRun.open(definition).report())


@study.command()
@click.argument("definition", metavar="STUDY", type=StudyName())
def stop(definition: str) -> None:
    """Ask a running STUDY to save its cells and end, on whatever machine it runs."""
    from zerosum.files import writing
    from zerosum.records.lock import held
    from zerosum.studies.folder import open_study

    folder = open_study(definition)
    if not held(folder.path):
        raise ZerosumError(
            f"nothing runs in {folder.path}", f"`zerosum study show {folder.path}` tells its state"
        )
    with writing(folder.stop_file):
        folder.stop_file.touch()
    echo("asked to stop: its cells save first")
    while held(folder.path):
        time.sleep(0.2)
    echo(f"stopped; the same `zerosum study run` goes on in {folder.path}")


@study.command(name="list")
def list_studies() -> None:
    """List the studies that come with zerosum."""
    write_table(StudyName().known())
    echo("\nShow its file: zerosum study show NAME --file")
    echo("Run it: zerosum study run NAME")
