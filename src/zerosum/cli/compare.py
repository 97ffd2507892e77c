"""`zerosum compare`: runs, and images of other programs, laid side by side."""

import json
from typing import TYPE_CHECKING, Any

import click

from zerosum.arguments import require_two
from zerosum.cli.known import RunOrImages
from zerosum.cli.options import described
from zerosum.cli.pictures import StageBar
from zerosum.cli.terminal import column_blocks, echo, open_console
from zerosum.cli.words import Command
from zerosum.comparing.request import CompareRequest
from zerosum.errors import UsageError
from zerosum.options import option

if TYPE_CHECKING:
    from zerosum.report.document import Section, Table

WIDEST = 20
"""Letters of a table's column, beyond which it is broken into lines."""


TOPICS = {
    "What is compared": ("checkpoint", "seed"),
    "Scores": ("again", "images", "against", "scores", "extractor"),
    "Output": ("out", "json"),
}
"""The options that people use."""


@click.command(cls=Command, topics=TOPICS)
@click.argument("things", nargs=-1, type=RunOrImages(), metavar="RUN|IMAGES…")
@described
def compare(
    things: tuple[str, ...],
    asked: CompareRequest,
    as_json: bool = option(False, "Print JSON instead of tables.", name="json"),
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
    if as_json:
        echo(json.dumps(comparison.content, indent=2, ensure_ascii=False))
        return
    for section in comparison.sections:
        _print_section(section)
    for note in comparison.notes:
        echo(note)
    for path in comparison.files:
        echo(path)


def _print_section(section: "Section") -> None:
    from zerosum.report.document import Fixed, Points, Table

    console = open_console(soft_wrap=True)
    console.print(section.title, style="bold", markup=False)
    for block in section.blocks:
        match block:
            case Table():
                for columns in blocks(block, console.width):
                    console.print(_rich_table(block, columns))
            case Points(texts):
                for text in texts:
                    console.print(text, markup=False)
            case Fixed(lines):
                console.print()
                for text in lines:
                    console.print(text, markup=False)
    console.print()


def blocks(table: "Table", width: int) -> list[list[int]]:
    """The columns, the first left out, in as few groups as fit beside it into so many letters."""
    widths = [_least_width(table, place) for place in range(len(table.head))]
    return column_blocks(widths, 1, width)


def _least_width(table: "Table", place: int) -> int:
    """Letters that a column needs so that neither a number nor a word of its head is broken."""
    cells = max((_width(row[place]) for row in table.rows), default=0)
    if place == 0:
        return cells
    words = max(map(len, table.head[place].split()), default=0)
    return min(max(cells, words), WIDEST)


def _width(cell: str) -> int:
    """Letters of the longer of the lines that a cell is broken into; a mark may come behind it."""
    from zerosum.report.document import MARK

    lines = _two_lines(cell, MARK if " ± " in cell else "")
    return max(map(len, lines.replace(", ", ",\n").split("\n")))


def _rich_table(table: "Table", columns: list[int]) -> Any:
    """The first column, and those."""
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(box=None, pad_edge=False)
    shown.add_column(Text(table.head[0]), no_wrap=True)
    for place in columns:
        text = table.head[place].replace(" (", "\n(")
        shown.add_column(
            Text(text), justify="right", overflow="fold", min_width=_least_width(table, place)
        )
    for row, cells in enumerate(table.rows):
        told = [Text(cells[0].replace(", ", ",\n"))]
        for place in columns:
            # No number may be cut short: its error stands below it.
            best = (row, place) in table.best
            text = _two_lines(cells[place], table.mark if best else "")
            told.append(Text(text, style="bold" if best else ""))
        shown.add_row(*told)
    return shown


def _two_lines(cell: str, mark: str) -> str:
    """The number, marked where it is the best, and the error below it."""
    value, *error = cell.split(" ± ", 1)
    return "\n± ".join([value + mark, *error])
