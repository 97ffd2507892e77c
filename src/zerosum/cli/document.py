"""Documents on a terminal of any width."""

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from rich.table import Table as RichTable
from rich.text import Text

from zerosum.cli.terminal import (
    GAP,
    UNBROKEN,
    UNCUT,
    echo,
    echo_wrapped,
    open_console,
    table_width,
)
from zerosum.report.document import Block, Document, Fixed, Points, Section, Table

PROTOCOL = len("generated  ")
"""Letters before the words of a line on how it was measured."""


def print_document(document: Document) -> None:
    """What a study tells in words: pictures and commands stand in its files."""
    about, *more = document.head
    echo_wrapped(str(about), err=False)
    for section in (Section("", more), *document.sections):
        for number, block in enumerate(section.blocks):
            print_block(block, "" if number else section.title)


def print_block(block: Block | str, title: str = "", *, errors_below: bool = False) -> None:
    """A table, or below an empty line and the title sentences or a protocol; nothing of other
    kinds."""
    match block:
        case Table():
            print_table(block, errors_below=errors_below)
            return
        case Points(texts, numbered):
            lines, indent = list(texts), 2
            if numbered:
                lines = [f"({place}) {text}" for place, text in enumerate(texts, 1)]
        case Fixed():
            lines, indent = list(block.lines), PROTOCOL
        case str():
            lines, indent = [block], 2
        case _:
            return
    if lines:
        echo()
    print_title(title)
    for line in lines:
        echo_wrapped(line, err=False, indent=indent)


def print_title(title: str) -> None:
    """A title on a line of its own; nothing of an empty one."""
    if title:
        open_console(soft_wrap=True).print(title, markup=False, style="bold")


def print_table(table: Table, *, room: int = UNCUT, errors_below: bool = False) -> None:
    """A table as wide as it is where there is room, of `room` letters at most; else in parts, one
    below the other, without the columns that are the same in all rows: those are said once.

    The best is bold and has its mark. With `errors_below` every error stands below its number,
    and so do the parts of what the row is about.
    """
    width = min(table_width(), room)
    if table.title:
        echo()
        print_title(table.title)
    table = _with_marks(table, errors_below)
    places = list(range(len(table.head)))
    fits = _needed(table, places, UNCUT) <= width
    if fits and not errors_below:
        _print_columns(table, places, UNCUT)
        return
    alike = [] if fits or errors_below else same_columns(table)
    if alike:
        said = "; ".join(f"{table.head[place]} {table.rows[0][place]}" for place in alike)
        echo_wrapped(f"the same in all: {said}", err=False)
    left = [place for place in places if place not in alike]
    for number, part in enumerate(table_parts(table, left, width)):
        if number or alike:
            echo()
        _print_columns(table, part, width // 3)


def table_parts(table: Table, places: Sequence[int], width: int) -> list[list[int]]:
    """These columns of a table in as few parts as fit into so many letters, each beside those that
    say what a row is about, and of one more column at least."""
    heads, others = list(places[: table.texts]), places[table.texts :]
    parts = [heads]
    for place in others:
        wider = [*parts[-1], place]
        if parts[-1] == heads or _needed(table, wider, width // 3) <= width:
            parts[-1] = wider
        else:
            parts.append([*heads, place])
    return parts


def _with_marks(table: Table, errors_below: bool) -> Table:
    rows = []
    for number, row in enumerate(table.rows):
        texts = []
        for place, cell in enumerate(row):
            if errors_below and place < table.texts:
                texts.append(cell.replace(", ", ",\n"))
                continue
            text, *error = cell.split(" ± ", 1)
            text += table.mark if (number, place) in table.best else ""
            texts.append(("\n± " if errors_below else " ± ").join([text, *error]))
        rows.append(texts)
    return replace(table, rows=rows)


def _print_columns(table: Table, places: Sequence[int], widest: int) -> None:
    """Some columns; what is wider than so many letters has a line for each part of it."""
    shown = RichTable(box=None, pad_edge=False)
    heads = [_head(table, place, widest) for place in places]
    deepest = max(map(len, heads))
    for place, head in zip(places, heads, strict=True):
        lines = [""] * (deepest - len(head)) + head
        worded = place < table.texts or place in table.words
        justify: Literal["left", "right"] = "left" if worded else "right"
        shown.add_column(Text("\n".join(lines)), justify=justify, no_wrap=True)
    for number, row in enumerate(table.rows):
        shown.add_row(
            *(
                Text("\n".join(_parts(table, row, place, widest)),
                     style="bold" if (number, place) in table.best else "")
                for place in places
            )
        )  # fmt: skip
    # A number that is cut in two is no number: what is wider than the terminal stays so.
    open_console(width=max(_needed(table, places, widest), 1)).print(shown)


def _needed(table: Table, places: Sequence[int], widest: int) -> int:
    return sum(_width(table, place, widest) for place in places) + GAP * (len(places) - 1)


def _width(table: Table, place: int, widest: int) -> int:
    """Letters that a column needs."""
    return max(map(len, [*_head(table, place, widest), *_cells(table, place, widest)]))


def _cells(table: Table, place: int, widest: int) -> list[str]:
    return [part for row in table.rows for part in _parts(table, row, place, widest)]


def _parts(table: Table, row: Sequence[str], place: int, widest: int) -> list[str]:
    """A cell in lines; what stands between its commas is one where its column is too wide."""
    longest = max(len(line) for each in table.rows for line in each[place].split("\n"))
    text = row[place].replace(", ", ",\n") if longest > widest else row[place]
    return text.split("\n")


def _head(table: Table, place: int, widest: int) -> list[str]:
    """A head in a line; in two, where what stands below it is shorter than that."""
    text = table.head[place]
    if widest == UNCUT or not text:
        return [text]
    text = text.replace(" ↓", f"{UNBROKEN}↓").replace(" ↑", f"{UNBROKEN}↑")
    words = [min(len(word), widest) for word in text.split(" ")]
    room = max([*words, *map(len, _cells(table, place, widest))])
    while len(lines := textwrap.wrap(text, room)) > 2:
        room += 1
    return [line.replace(UNBROKEN, " ") for line in lines]


def same_columns(table: Table) -> list[int]:
    """The columns of numbers that say the same in every row, where there are several rows."""
    if len(table.rows) < 2:
        return []
    return [
        place
        for place in range(table.texts, len(table.head))
        if len({row[place] for row in table.rows}) == 1
        and place not in {column for _, column in table.best}
    ]
