"""The tables of a study."""

from collections.abc import Sequence

from zerosum.comparing.setting_words import setting_words
from zerosum.report.document import Table
from zerosum.report.study.measured import differences
from zerosum.report.study.texts import (
    classes_text,
    entry_text,
    group_mark,
    health_text,
    images_text,
    minutes,
    minutes_text,
    note_sign,
    published_text,
    score_decimals,
    score_text,
    score_title,
    short_title,
    sign_notes,
    speed_text,
)
from zerosum.studies.results import SettingResult
from zerosum.studies.table import Layout, SettingRow, axis_name

LIKE = {True: "yes", False: "no", None: ""}


def score_tables(layout: Layout) -> list[Table]:
    """The study's own score by rows and columns of its axes; then the settings outside of the grid
    and those trained for longer, where they do not fit in there. None of a study without settings.
    """
    title = score_title(layout, layout.score)
    heads = tuple(map(axis_name, layout.row_axes)) or ("",)
    if layout.columns == ((),):
        tables = [_by_axes(layout, title, heads, [*layout.grid, *layout.beside])]
    else:
        words = [setting_words(dict(zip(layout.column_axes, point, strict=True)))
                 for point in layout.columns]  # fmt: skip
        beside = f"{title}, beside the grid"
        tables = [_by_axes(layout, title, heads, layout.grid, words),
                  _by_axes(layout, beside, ("beside the grid",), layout.beside)]  # fmt: skip
    return [table for table in tables if table.rows]


def _by_axes(
    layout: Layout,
    title: str,
    heads: Sequence[str],
    lines: Sequence[SettingRow],
    words: Sequence[str] = (),
) -> Table:
    """A row for each line, its settings below these `words`, else below the score, and beside what
    was published of them."""
    head = list(heads)
    rows = [[*line.head, *("",) * len(heads)][: len(heads)] for line in lines]
    best = set()
    for place, column in enumerate(words or [score_title(layout, layout.score)]):
        entries = [line.entries[place] for line in lines]
        best |= {(number, len(head)) for number, entry in enumerate(entries)
                 if entry is not None and layout.is_best(entry)}  # fmt: skip
        with_published = any(entry is not None and entry.published for entry in entries)
        head += [column] + ["published"] * with_published
        for row, entry in zip(rows, entries, strict=True):
            row.append(entry_text(layout, entry))
            if with_published:
                own = () if entry is None else entry.published
                row.append(published_text(layout, own, layout.score))
    return Table(
        tuple(head), tuple(map(tuple, rows)), frozenset(best),
        mark="", title=title, texts=len(heads), numbers=True, notes=_notes(layout, rows),
    )  # fmt: skip


def everything_table(layout: Layout) -> Table:
    """A row for each setting: every score, images, minutes, speed, classes, health."""
    found = layout.entries
    columns = {"setting": [entry.words for entry in found]}
    if layout.groups > 1:
        columns["measured"] = [group_mark(entry.group).strip() for entry in found]
    if any(len(entry.cells) > 1 for entry in found):
        columns["seeds"] = [f"{len(entry.scored)} of {len(entry.cells)}" for entry in found]
    for name in layout.scores:
        decimals = score_decimals(found, name)
        columns[score_title(layout, name)] = [score_text(entry, name, decimals) for entry in found]
        columns[f"{short_title(name)}, published"] = [
            published_text(layout, [each for each in entry.published if name in each.scores], name)
            for entry in found
        ]
    columns["classes covered"] = list(map(classes_text, found))
    if layout.unlike and not layout.nothing_like:
        columns["like the data"] = [LIKE[entry.like] for entry in found]
    columns |= {
        "health": list(map(health_text, found)),
        "images": list(map(images_text, found)),
        "minutes": list(map(minutes_text, found)),
        "minutes, published": [_minutes(layout, entry) for entry in found],
        "images/s": list(map(speed_text, found)),
    }
    head = tuple(name for name, texts in columns.items() if any(texts))
    title = score_title(layout, layout.score)
    best = frozenset(
        (number, head.index(title)) for number, entry in enumerate(found) if layout.is_best(entry)
    )
    rows = tuple(zip(*(columns[name] for name in head), strict=True))
    return Table(head, rows, best, mark="", title="All settings", numbers=True,
                 notes=_notes(layout, rows))  # fmt: skip


def _notes(layout: Layout, rows: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    """What the signs say that stand in these rows."""
    words = {word.rstrip(",") for row in rows for cell in row for word in cell.split()}
    groups = [(f"[{name}]", text) for name, text in differences(layout).items()]
    return tuple(note for note in (*sign_notes(layout), *groups) if note[0] in words)


def _minutes(layout: Layout, entry: SettingResult) -> str:
    return ", ".join(
        f"{minutes(each.minutes)} {note_sign(layout, each)}"
        for each in entry.published
        if each.minutes is not None
    )
