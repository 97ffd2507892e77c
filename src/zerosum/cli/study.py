"""`zerosum study`: many runs of one question, and the table that answers it."""

import time
from dataclasses import replace
from typing import Any

import click

from zerosum.cli.field_command import FieldCommand
from zerosum.cli.known import StudyName, write_table
from zerosum.cli.options import described
from zerosum.cli.terminal import echo
from zerosum.cli.words import Group
from zerosum.errors import UsageError, ZerosumError
from zerosum.options import TableFormat, option
from zerosum.studies.request import StudyRequest


@click.group(cls=Group, usual="run")
def study() -> None:
    """Run many trainings of one question, and lay their scores in one table."""


TOPICS = {
    "Which cells": ("preset", "data", "only", "sampler", "trials"),
    "Length of each cell": ("epochs", "images", "minutes", "prune"),
    "In all cells": ("width", "batch", "evaluation.images", "evaluation.scores"),
    "Running": ("out", "dry-run", "jobs", "cores", "device"),
}
"""The options that people use."""


@study.command(cls=FieldCommand, topics=TOPICS)
@click.argument("definition", metavar="STUDY", type=StudyName())
@described
def run(
    definition: str,
    asked: StudyRequest,
    dry_run: bool = option(False, "List the cells and guess the time; run nothing."),
    **fields: Any,
) -> int:
    """Run STUDY, a shipped name or a .toml file: one training for each cell.

    The same command again goes on where it was. A cell that fails is a result. Every field of a
    recipe is an option, set in all cells; --images and --epochs replace every cell's budget.
    """
    from zerosum.cli.fields import overrides

    given = overrides(fields)
    images, epochs = (int(str(given.pop(name, 0))) for name in ("images", "epochs"))
    asked = replace(asked, overrides=given, images=images, epochs=epochs)
    from zerosum.api_studies import estimate_study, run_asked
    from zerosum.cli.study_display import GIVEN_UP, StudyDisplay, farewell, print_estimates

    if dry_run:
        found = estimate_study(definition, asked, lambda text: echo(text, err=True))
        print_estimates(found, asked.jobs)
        return 0
    display = StudyDisplay()
    try:
        done = run_asked(definition, asked, display)
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
@described
def show(
    definition: str,
    as_file: bool = option(False, "Print the study's TOML file instead.", name="file"),
    table_format: TableFormat = option(
        "table",
        "table: as wide as the terminal, with what is to be said. markdown, csv, latex (with the "
        "rules of booktabs) and json: the tables alone, for other programs.",
        name="format",
    ),
) -> None:
    """Print the table of STUDY as it stands, also while it runs: its folder, file or name."""
    if as_file:
        if table_format != "table":
            raise UsageError(
                f"--file prints the study's TOML file, which --format={table_format} cannot write",
                "leave one of them out",
            )
        from zerosum.studies.load import study_text

        echo(study_text(definition).rstrip())
        return
    from zerosum.api_studies import StudyRun
    from zerosum.cli.document import print_document
    from zerosum.report.table_formats import FORMATS, tables_of

    document = StudyRun.open(definition).report()
    if table_format == "table":
        print_document(document)
    else:
        echo(FORMATS[table_format](tables_of(document.sections)))


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
    from zerosum.studies.shipped import shipped_presets, shipped_studies

    write_table(StudyName().known())
    echo("\nShow its file: zerosum study show NAME --file")
    echo("Run it: zerosum study run NAME")
    echo("At another size: zerosum study run NAME --preset PRESET")
    for preset, studies in shipped_presets().items():
        which = "all" if studies == shipped_studies() else ", ".join(studies)
        echo(f"  {preset}: {which}")
