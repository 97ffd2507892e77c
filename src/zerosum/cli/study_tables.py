"""The tables of a study on a terminal of any width."""

import textwrap
from collections.abc import Sequence
from typing import Literal

from rich.table import Table as RichTable
from rich.text import Text

from zerosum.cli.terminal import (
    GAP,
    UNBROKEN,
    UNCUT,
    column_blocks,
    echo,
    echo_wrapped,
    open_console,
    table_width,
)
from zerosum.report.document import Document, Fixed, Points, Section, Table

PROTOCOL = len("generated  ")
"""Letters before the words of a line on how it was measured."""


def print_document(document: Document) -> None:
    """What a study tells in words: pictures and commands stand in its files."""
    about, *more = document.head
    echo_wrapped(str(about), err=False)
    for section in (Section("", more), *document.sections):
        for number, block in enumerate(section.blocks):
            match block:
                case Table():
                    print_table(block)
                    continue
                case Points(texts, numbered):
                    lines, indent = list(texts), 2
                    if numbered:
                        lines = [f"({place}) {text}" for place, text in enumerate(texts, 1)]
                case Fixed():
                    lines, indent = list(block.lines), PROTOCOL
                case str():
                    lines, indent = [block], 2
                case _:
                    continue
            _print_title("" if number else section.title)
            for line in lines:
                echo_wrapped(line, err=False, indent=indent)


def _print_title(title: str) -> None:
    open_console(soft_wrap=True).print(f"\n{title}".rstrip(), markup=False, style="bold")


def print_table(table: Table) -> None:
    """A table as wide as it is where there is room; else in parts, one below the other, without
    the columns that are the same in all rows: those are said once."""
    width = table_width()
    _print_title(table.title)
    places = list(range(len(table.head)))
    if _needed(table, places, UNCUT) <= width:
        _print_columns(table, places, UNCUT)
        return
    alike = same_columns(table)
    if alike:
        said = "; ".join(f"{table.head[place]} {table.rows[0][place]}" for place in alike)
        echo_wrapped(f"the same in all: {said}", err=False)
    left = [place for place in places if place not in alike]
    widest = width // 3
    widths = [_width(table, place, widest) for place in left]
    for number, block in enumerate(column_blocks(widths, table.texts, width)):
        if number or alike:
            echo()
        _print_columns(table, [left[place] for place in (*range(table.texts), *block)], widest)


def _print_columns(table: Table, places: Sequence[int], widest: int) -> None:
    """Some columns; what is wider than so many letters has a line for each part of it."""
    shown = RichTable(box=None, pad_edge=False)
    heads = [_head(table, place, widest) for place in places]
    deepest = max(map(len, heads))
    for place, head in zip(places, heads, strict=True):
        lines = [""] * (deepest - len(head)) + head
        justify: Literal["left", "right"] = "left" if place < table.texts else "right"
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
    """A cell in lines: one, or what stands between its commas where its column is too wide."""
    longest = max(len(each[place]) for each in table.rows)
    text = row[place]
    return text.replace(", ", ",\n").split("\n") if longest > widest else [text]


def _head(table: Table, place: int, widest: int) -> list[str]:
    """A head in a line; in two, where what stands below it is shorter than that."""
    text = table.head[place]
    if widest == UNCUT or not text:
        return [text]
    text = text.replace(" ↓", f"{UNBROKEN}↓").replace(" ↑", f"{UNBROKEN}↑")
    room = max([*map(len, text.split(" ")), *map(len, _cells(table, place, widest))])
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
