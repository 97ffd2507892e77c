"""A table and the lines below it, for the terminal and for markdown alike."""

from dataclasses import dataclass

from zerosum.report.summary import escaped


@dataclass(frozen=True)
class Table:
    """Cells in rows; the first column says what a row is about."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    best: frozenset[tuple[int, int]] = frozenset()
    """Row and column of the cells that are marked as the best."""


@dataclass(frozen=True)
class Section:
    """A part of a comparison as a reader meets it."""

    title: str
    table: Table | None
    lines: tuple[str, ...] = ()
    """Sentences below the table."""
    fixed: tuple[str, ...] = ()
    """Lines in columns below them: a protocol."""


MARK = " *"
"""Behind the best, so that it is seen without bold letters."""


def markdown_table(table: Table) -> str:
    """The table as markdown; the best in bold letters."""
    rows = [[escaped(cell) for cell in table.head], ["---"] * len(table.head)]
    for row, cells in enumerate(table.rows):
        rows.append([_cell(cell, (row, place) in table.best) for place, cell in enumerate(cells)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(text: str, best: bool) -> str:
    return f"**{escaped(text)}**{escaped(MARK)}" if best else escaped(text)
