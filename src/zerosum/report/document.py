"""What reports are made of, as values: the terminal, Markdown and the pages show the same ones."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from zerosum.report.chart import Chart

MARK = " *"
"""Behind the best, so that it is seen without bold letters."""


class Code(str):
    """A text that is typed or written as it is: a command, the name of a setting."""


class Strong(str):
    """A text that stands out."""


class Link(str):
    """A text that leads to a file, `to`, from the document's folder, with slashes."""

    to: str

    def __new__(cls, text: str, to: str) -> "Link":
        made = super().__new__(cls, text)
        made.to = to
        return made


class Mixed(str):
    """Texts behind each other of which some are code, links or stand out."""

    parts: tuple[str, ...]

    def __new__(cls, *parts: str) -> "Mixed":
        made = super().__new__(cls, "".join(parts))
        made.parts = parts
        return made


class Block:
    """A part of a section. A text alone is a paragraph."""


@dataclass(frozen=True)
class Note(Block):
    """A paragraph in small letters."""

    text: str


@dataclass(frozen=True)
class Heading(Block):
    """A heading inside a section."""

    text: str


@dataclass(frozen=True)
class Points(Block):
    """A list of sentences."""

    texts: Sequence[str]
    numbered: bool = False


@dataclass(frozen=True)
class Facts(Block):
    """Names, and what is to be said of each."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class KeyScores(Block):
    """Scores in one line: title, value, and what real images have, or "", of each."""

    rows: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Fixed(Block):
    """Lines whose columns stay: a protocol, a file."""

    lines: Sequence[str]
    label: str = ""
    """What they are, for those who hear a page."""
    language: str = "text"
    """In which they are written."""


@dataclass(frozen=True)
class Commands(Block):
    """Commands to be copied: purpose and command of each."""

    steps: Sequence[tuple[str, str]]
    label: str = "Commands"


@dataclass(frozen=True)
class PictureFile(Block):
    """A picture beside a document."""

    what: str
    """What it shows."""
    path: str
    """From the document's folder, with slashes."""


@dataclass(frozen=True)
class Charts(Block):
    """Curves beside each other; a page draws them."""

    charts: Sequence[Chart]


@dataclass(frozen=True)
class Hint(Block):
    """How curves are read on a screen."""

    text: str
    unseen: str
    """Where their numbers are found when they are not drawn."""


@dataclass(frozen=True)
class Details(Block):
    """Blocks that are folded under their title until somebody opens them."""

    title: str
    blocks: Sequence[Block | str]
    opened: bool = False


@dataclass(frozen=True)
class Table(Block):
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
    words: frozenset[int] = frozenset()
    """The others that hold words."""
    numbers: bool = False
    """Whether all that are left hold nothing but numbers."""
    look: str = ""
    """What a page makes of it besides: its style."""
    breaks: frozenset[int] = frozenset()
    """Rows above which a line is drawn."""
    notes: Sequence[tuple[str, str]] = ()
    """Signs that stand behind numbers, and what each says: for where the table goes alone."""

    def without(self, heads: Collection[str]) -> "Table":
        """The table without the columns of these heads."""
        kept = [place for place, head in enumerate(self.head) if head not in heads]
        return replace(
            self,
            head=tuple(self.head[place] for place in kept),
            rows=tuple(tuple(row[place] for place in kept) for row in self.rows),
            best=frozenset((row, kept.index(place)) for row, place in self.best if place in kept),
            words=frozenset(kept.index(place) for place in self.words if place in kept),
        )


@dataclass(frozen=True)
class Section:
    """A part of a document under its title."""

    title: str
    blocks: Sequence[Block | str]
    key: str = ""
    """Its address on a page."""
    short: str = ""
    """What the list of contents calls it; "": by its title."""

    @property
    def table(self) -> Table | None:
        """The first table."""
        return next((block for block in self.blocks if isinstance(block, Table)), None)

    @property
    def lines(self) -> tuple[str, ...]:
        """The sentences of its lists."""
        lists = [block.texts for block in self.blocks if isinstance(block, Points)]
        return tuple(text for texts in lists for text in texts)


@dataclass(frozen=True)
class Document:
    """A report: what it is about, what comes first, and its sections."""

    title: str
    sections: Sequence[Section]
    head: Sequence[Block | str] = ()
    """Before the first section; on a page below the verdict, before the list of contents."""
    pictures: Sequence[Block] = ()
    """What a page begins with, right below the title."""
    kind: str = ""
    """What it reports of: "run", "study"."""
    lead: str = ""
    """What it is, in a sentence."""
    verdict: str = ""
    """How it stands."""
    failing: bool = False
    """Whether that is bad."""
    folder: str = ""
    """Where what it reports of lies."""
