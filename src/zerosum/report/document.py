"""What reports are made of, as values: the terminal, Markdown and the pages show the same ones."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

MARK = " *"
"""Behind the best, so that it is seen without bold letters."""


@dataclass(frozen=True)
class Table:
    """A head and rows of texts, all of one length; the first column says what a row is about."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    best: frozenset[tuple[int, int]] = frozenset()
    """Row and column of the cells that are the best: in bold letters, and with the mark."""
    mark: str = MARK
    """Behind the best; "" where sentences below say what the bold letters are."""
    title: str = ""
    texts: int = 1
    """How many columns, from the left, say what a row is about."""
    numbers: bool = False
    """Whether the others hold nothing but numbers."""

    def without(self, heads: Collection[str]) -> "Table":
        """The table without the columns of these heads."""
        kept = [place for place, head in enumerate(self.head) if head not in heads]
        return replace(
            self,
            head=tuple(self.head[place] for place in kept),
            rows=tuple(tuple(row[place] for place in kept) for row in self.rows),
            best=frozenset((row, kept.index(place)) for row, place in self.best if place in kept),
        )


@dataclass(frozen=True)
class Picture:
    """A picture beside a document."""

    what: str
    """What it shows."""
    path: str
    """From the document's folder, with slashes."""


@dataclass(frozen=True)
class Section:
    """A part of a document as a reader meets it."""

    title: str
    table: Table | None = None
    lines: tuple[str, ...] = ()
    """Sentences below the table."""
    fixed: tuple[str, ...] = ()
    """Lines in columns below them: a protocol."""
    picture: Picture | None = None
    """Below the title."""
