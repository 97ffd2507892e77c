"""The tables of a study."""

from collections.abc import Sequence

from zerosum.comparing.setting_words import setting_words
from zerosum.report.document import Table
from zerosum.report.study.texts import (
    classes_text,
    entry_text,
    health_text,
    images_text,
    letter,
    minutes,
    minutes_text,
    note_sign,
    published_text,
    score_decimals,
    score_text,
    score_title,
    short_title,
    speed_text,
)
from zerosum.studies.results import SettingResult
from zerosum.studies.table import Layout, axis_name

Shown = tuple[str, bool]
"""A cell's text, and whether it is bold."""
LIKE = {True: "yes", False: "no", None: ""}


def score_tables(layout: Layout) -> list[Table]:
    """The study's own score by rows and columns of its axes; then the settings outside of the grid
    and those trained for longer, where they do not fit in there. None of a study without settings.
    """
    tables = (_grid(layout), _beside(layout))
    return [table for table in tables if table is not None]


def _grid(layout: Layout) -> Table | None:
    """The grid's table; settings beside the grid as rows below unless it has columns."""
    title = score_title(layout, layout.score)
    row_heads = tuple(map(axis_name, layout.row_axes)) or ("",)
    below = [] if _wide(layout) else list(layout.beside)
    lines = [*layout.grid, *below]
    head, columns = list(row_heads), []
    for place, point in enumerate(layout.columns):
        words = setting_words(dict(zip(layout.column_axes, point, strict=True)))
        own = [line.entries[place] for line in lines]
        with_published = any(entry is not None and entry.published for entry in own)
        head += [words or title] + ["published"] * with_published
        columns.append(with_published)
    rows: list[list[Shown]] = []
    for line in lines:
        heads = (*line.head, *("",) * len(row_heads))[: len(row_heads)]
        row = [(text, False) for text in heads]
        for entry, with_published in zip(line.entries, columns, strict=True):
            row += _shown(layout, entry, with_published)
        rows.append(row)
    return _table(title, head, rows, len(row_heads)) if rows else None


def _wide(layout: Layout) -> bool:
    """Whether the grid's table has columns of axes."""
    return layout.columns != ((),)


def _beside(layout: Layout) -> Table | None:
    """What stands beside a grid whose table has columns; None where nothing does."""
    if not (_wide(layout) and layout.beside):
        return None
    title = score_title(layout, layout.score)
    there = [entry for line in layout.beside for entry in line.entries if entry is not None]
    with_published = any(entry.published for entry in there)
    rows = [[(entry.words, False), *_shown(layout, entry, with_published)] for entry in there]
    head = ("beside the grid", title, *("published",) * with_published)
    return _table(f"{title}, beside the grid", head, rows, 1)


def _shown(layout: Layout, entry: SettingResult | None, with_published: bool) -> list[Shown]:
    """A setting's place in the table, and that of its published numbers."""
    bold = entry is not None and layout.is_best(entry)
    shown = [(entry_text(layout, entry), bold)]
    if with_published:
        own = () if entry is None else entry.published
        shown.append((published_text(layout, own, layout.score), False))
    return shown


def everything_table(layout: Layout) -> Table:
    """A row for each setting: every score, images, minutes, speed, classes, health."""
    columns: list[tuple[str, list[Shown]]] = []
    found = layout.entries

    def add(head: str, texts: list[str], bold: bool = False) -> None:
        if any(texts):
            shown = [
                (text, bold and layout.is_best(entry))
                for text, entry in zip(texts, found, strict=True)
            ]
            columns.append((head, shown))

    add("setting", [entry.words for entry in found])
    if layout.groups > 1:
        add("measured", [letter(entry.group) for entry in found])
    if any(len(entry.cells) > 1 for entry in found):
        add("seeds", [f"{len(entry.scored)} of {len(entry.cells)}" for entry in found])
    for name in layout.scores:
        own_score = name == layout.score
        decimals = score_decimals(found, name)
        own = [score_text(entry, name, decimals) for entry in found]
        add(score_title(layout, name), own, own_score)
        texts = []
        for entry in found:
            there = [each for each in entry.published if name in each.scores]
            texts.append(published_text(layout, there, name))
        add(f"{short_title(name)}, published", texts)
    add("classes covered", [classes_text(entry) for entry in found])
    if layout.unlike and not layout.nothing_like:
        add("like the data", [LIKE[entry.like] for entry in found])
    add("health", [health_text(entry) for entry in found])
    add("images", [images_text(entry) for entry in found])
    add("minutes", [minutes_text(entry) for entry in found])
    add("minutes, published", [_minutes(layout, entry) for entry in found])
    add("images/s", [speed_text(entry) for entry in found])
    rows = list(zip(*(texts for _, texts in columns), strict=True))
    return _table("All settings", [head for head, _ in columns], rows, 1)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[Shown]], texts: int) -> Table:
    return Table(
        tuple(head),
        tuple(tuple(text for text, _ in row) for row in rows),
        frozenset(
            (number, place)
            for number, row in enumerate(rows)
            for place, (_, bold) in enumerate(row)
            if bold
        ),
        mark="",
        title=title,
        texts=texts,
        numbers=True,
    )


def _minutes(layout: Layout, entry: SettingResult) -> str:
    return ", ".join(
        f"{minutes(each.minutes)} {note_sign(layout, each)}"
        for each in entry.published
        if each.minutes is not None
    )
