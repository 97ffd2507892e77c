"""`zerosum compare`: runs, and images of other programs, laid side by side."""

import json
from typing import TYPE_CHECKING

import click

from zerosum.arguments import require_two
from zerosum.cli.known import RunOrImages
from zerosum.cli.options import described
from zerosum.cli.pictures import StageBar
from zerosum.cli.terminal import echo
from zerosum.cli.words import Command
from zerosum.comparing.request import CompareRequest
from zerosum.errors import UsageError
from zerosum.options import TableFormat, option

if TYPE_CHECKING:
    from zerosum.report.comparison.compare import Comparison

TOPICS = {
    "What is compared": ("checkpoint", "seed"),
    "Scores": ("again", "images", "against", "scores", "extractor"),
    "Output": ("out", "format"),
}
"""The options that people use."""


@click.command(cls=Command, topics=TOPICS)
@click.argument("things", nargs=-1, type=RunOrImages(), metavar="RUN|IMAGES…")
@described
def compare(
    things: tuple[str, ...],
    asked: CompareRequest,
    table_format: TableFormat = option(
        "table",
        "table: as wide as the terminal, with what is to be said. markdown, csv and latex (with "
        "the rules of booktabs): the tables alone. json: all of compare.json.",
        name="format",
    ),
) -> None:
    """Lay two or more runs side by side: settings that differ, scores, curves, and samples.

    Checkpoints (RUN/checkpoints/000200000) and folders or archives of images from other programs
    may stand among them. Scores are compared only where they were measured alike, and a best is
    named only beyond the errors; --again measures all alike.
    """
    # Told at once, before the seconds that importing torch takes.
    require_two(things)
    asked.require_again()
    if asked.out is not None and asked.out.is_file():
        raise UsageError(f"{asked.out} is a file", "give --out a folder")
    from zerosum.api_compare import compare_things

    with StageBar() as bar:
        comparison = compare_things(things, asked, bar.stage)
    from zerosum.report.table_formats import FORMATS, tables_of

    if table_format == "table":
        print_comparison(comparison)
    elif table_format == "json":
        echo(json.dumps(comparison.content, indent=2, ensure_ascii=False))
    else:
        echo(FORMATS[table_format](tables_of(comparison.sections)))


def print_comparison(comparison: "Comparison") -> None:
    """The tables, what is to be said of them and of the pictures, and the files."""
    from zerosum.cli.document import print_block, print_title

    for section in comparison.sections:
        print_title(section.title)
        for block in section.blocks:
            # No number may be cut short: its error stands below it.
            print_block(block, errors_below=True)
        echo()
    for text in (*comparison.notes, *comparison.files):
        echo(text)
