"""The tables of a study and the sentences under them: the same for the terminal and table.md."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from zerosum.comparing.setting_words import setting_words
from zerosum.report.document import Table
from zerosum.report.scores import number
from zerosum.report.study.effect_words import effect_sentences
from zerosum.report.study.measured import protocol_texts
from zerosum.report.study.sentences import (
    decision_sentences,
    length_sentences,
    likeness_sentences,
    seed_sentences,
)
from zerosum.report.study.texts import (
    Notes,
    classes_text,
    entry_text,
    failed_text,
    health_text,
    images_text,
    letter,
    minutes,
    minutes_text,
    note_text,
    published_text,
    score_decimals,
    score_text,
    score_title,
    short_title,
    speed_text,
)
from zerosum.studies.entries import Entry, failed_cells
from zerosum.studies.published import published_name
from zerosum.studies.ranking import effects
from zerosum.studies.results import SettingResult
from zerosum.studies.settings import Published, Study
from zerosum.studies.standing import ENDED
from zerosum.studies.table import Layout, axis_name, lay_out
from zerosum.words import counted

Shown = tuple[str, bool]
"""A cell's text, and whether it is bold."""
LIKE = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True)
class StudyTables:
    """All that a study tells in words, as it stands now."""

    standing: str
    """How many cells there are, and how they stand."""
    grid: Table | None
    """The study's own score by rows and columns of its axes; None of a study without settings."""
    beside: Table | None
    """The settings outside of the grid and those trained for longer, where they do not fit in
    there."""
    sentences: tuple[str, ...]
    """Under these: what ± is, how the best is decided, what may not be compared."""
    notes: tuple[str, ...]
    """On published numbers, by their raised numbers, from 1."""
    unmatched: tuple[str, ...]
    """Published numbers of no setting of the study."""
    effects: tuple[str, ...]
    """What mattered: a sentence an axis, then what is left."""
    everything: Table
    """A row for each setting, with every score."""
    protocols: tuple[tuple[str, ...], ...]
    """How it was measured: the lines of each group of cells that were measured alike."""
    failed: tuple[str, ...]
    """Every cell that failed or was stopped early, and why."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of the study's own score."""
        return tuple(table for table in (self.grid, self.beside) if table is not None)


def study_tables(study: Study, settings: Sequence[SettingResult]) -> StudyTables:
    """The tables of a study, at any time: also while it runs, and before anything was scored."""
    layout = lay_out(study, settings)
    notes = _notes(layout)
    return StudyTables(
        standing=standing_sentence(settings),
        grid=_grid(layout, notes),
        beside=_beside(layout, notes),
        sentences=(
            *length_sentences(layout),
            *likeness_sentences(layout),
            *seed_sentences(layout),
            *decision_sentences(layout),
        ),
        notes=notes.texts,
        unmatched=tuple(_unmatched(each) for each in layout.unmatched),
        effects=_effects(study, layout),
        everything=_everything(layout, notes),
        protocols=protocol_texts(layout),
        failed=tuple(map(failed_text, failed_cells(settings))),
    )


def standing_sentence(settings: Sequence[SettingResult]) -> str:
    """How many cells there are, and how they stand."""
    cells = [cell for setting in settings for cell in setting.cells]
    found = Counter(cell.status for cell in cells)
    order = (*ENDED, "running", "stopped", "waiting")
    parts = [f"{found[status]} {status}" for status in order if found[status]]
    scored = sum(cell.scores is not None for cell in cells)
    count = counted(len(cells), "cell")
    return f"{count} of {counted(len(settings), 'setting')}: {', '.join(parts)}; {scored} scored"


def _effects(study: Study, layout: Layout) -> tuple[str, ...]:
    found = effects(layout.entries, study.axes, layout.score)
    sentences: list[str] = []
    for each in found:
        own = effect_sentences(each, bool(layout.beside))
        if len(found) > 1 and own:
            own = [f"[{letter(each.group)}] {sentence}" for sentence in own]
        sentences += own
    return tuple(sentences)


def _grid(layout: Layout, notes: Notes) -> Table | None:
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
            row += _shown(layout, entry, notes, with_published)
        rows.append(row)
    return _table(title, head, rows, len(row_heads)) if rows else None


def _wide(layout: Layout) -> bool:
    """Whether the grid's table has columns of axes."""
    return layout.columns != ((),)


def _beside(layout: Layout, notes: Notes) -> Table | None:
    """What stands beside a grid whose table has columns; None where nothing does."""
    if not (_wide(layout) and layout.beside):
        return None
    title = score_title(layout, layout.score)
    there = [entry for line in layout.beside for entry in line.entries if entry is not None]
    with_published = any(entry.published for entry in there)
    rows = [
        [(entry.setting.words, False), *_shown(layout, entry, notes, with_published)]
        for entry in there
    ]
    head = ("beside the grid", title, *("published",) * with_published)
    return _table(f"{title}, beside the grid", head, rows, 1)


def _shown(layout: Layout, entry: Entry | None, notes: Notes, with_published: bool) -> list[Shown]:
    """A setting's place in the table, and that of its published numbers."""
    bold = entry is not None and layout.is_best(entry)
    shown = [(entry_text(layout, entry), bold)]
    if with_published:
        own = () if entry is None else entry.published
        shown.append((published_text(own, layout.score, notes), False))
    return shown


def _everything(layout: Layout, notes: Notes) -> Table:
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

    add("setting", [entry.setting.words for entry in found])
    if layout.groups > 1:
        add("measured", [letter(entry.group) for entry in found])
    if any(len(entry.setting.cells) > 1 for entry in found):
        add("seeds", [f"{len(entry.cells)} of {len(entry.setting.cells)}" for entry in found])
    for name in layout.scores:
        own_score = name == layout.score
        decimals = score_decimals(found, name)
        own = [score_text(entry, name, decimals) for entry in found]
        add(score_title(layout, name), own, own_score)
        texts = []
        for entry in found:
            there = [each for each in entry.published if name in each.scores]
            texts.append(published_text(there, name, notes))
        add(f"{short_title(name)}, published", texts)
    add("classes covered", [classes_text(entry) for entry in found])
    if layout.unlike and not layout.nothing_like:
        add("like the data", [LIKE[entry.like] for entry in found])
    add("health", [health_text(entry) for entry in found])
    add("images", [images_text(entry) for entry in found])
    add("minutes", [minutes_text(entry) for entry in found])
    add("minutes, published", [_minutes(entry.published, notes) for entry in found])
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


def _minutes(own: Sequence[Published], notes: Notes) -> str:
    return ", ".join(
        f"{minutes(each.minutes)} {notes.sign(each)}" for each in own if each.minutes is not None
    )


def _notes(layout: Layout) -> Notes:
    texts = [note_text(each) for entry in layout.entries for each in entry.published]
    return Notes(tuple(dict.fromkeys(texts)))


def _unmatched(published: Published) -> str:
    scores = [
        f"{short_title(name)} {number(name, value)}" for name, value in published.scores.items()
    ]
    if published.minutes is not None:
        scores.append(f"{minutes(published.minutes)} minutes")
    numbers = ", ".join(scores) or "no number"
    return f"{published_name(published)}: {numbers}; {note_text(published)}"
