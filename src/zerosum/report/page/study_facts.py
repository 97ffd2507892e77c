"""What a study's page says in words: what was asked, how its cells stand, what repeats it."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from zerosum.comparing.setting_words import setting_words, shown
from zerosum.records.lock import held
from zerosum.report.document import Link, Table
from zerosum.report.study.again import as_written
from zerosum.report.study.texts import (
    failed_text,
    group_mark,
    minutes,
    score_decimals,
    score_text,
    score_title,
    short_title,
)
from zerosum.studies.folder import StudyFolder
from zerosum.studies.own_parts import with_file_names
from zerosum.studies.results import CellResult, failed_cells, standing_of
from zerosum.studies.settings import Range, Study
from zerosum.studies.table import Layout

LENGTHS = ("images", "epochs", "minutes")
"""Of a study's cells, in one unit of three."""

Rows = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Question:
    """What the header of a study's file says."""

    headline: str
    more: tuple[str, ...]
    """Further paragraphs."""


def question(text: str) -> Question:
    """The comment that a study's file begins with."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("#").strip())
    paragraphs = [" ".join(each.split("\n")) for each in "\n".join(lines).split("\n\n")]
    first, *more = paragraphs
    return Question(first, tuple(each for each in more if each))


def status_word(folder: StudyFolder, results: Sequence[CellResult]) -> str:
    """How the study stands as a whole, in a word or two."""
    if held(folder.path):
        return "running"
    if results and all(result.ended for result in results):
        return "finished"
    return "not finished" if any(result.status != "waiting" for result in results) else "not begun"


def asked(study: Study, layout: Layout) -> Rows:
    """What the study is made of: recipes, data, axes and their values, seeds, budget."""
    rows = [("recipe" if len(study.recipe) == 1 else "recipes", _words(study.recipe))]
    rows.append(("data", _words(study.data) if study.data else "as the recipe says"))
    for axis, values in study.grid.items():
        rows.append((axis, _range(values) if isinstance(values, Range) else _words(values)))
    rows.append(("seeds", _words(study.seeds)))
    rows.append(("budget of a cell", study.budget))
    if study.settings:
        rows.append(("in all cells", setting_words(study.settings)))
    for change in study.change:
        if change.set:  # a budget that an option replaced leaves nothing
            rows.append((f"where {setting_words(change.where)}", setting_words(change.set)))
    for also in study.also:
        what = [also.recipe, also.data, setting_words(also.set)]
        rows.append((f"beside the grid: {also.name}", ", ".join(filter(None, what)) or "as all"))
    if study.longer is not None:
        best = f"the best of each {' and '.join(study.longer.best_of)}"
        best = best if study.longer.best_of else "the best"
        rows.append(("trained for longer", f"{best}, {study.longer.budget}"))
    rows.append(("ranked by", score_title(layout, layout.score)))
    return rows


def changed_by_options(study: Study, text: str) -> Rows:
    """The fields in which the study as it was run differs from its file: options of the command."""
    written = as_written(study, text)
    if written is None:
        return []
    own, before = (with_file_names(each).model_dump() for each in (study, written))
    return [
        (name, _written(own[name]))
        for name in own
        # A length in another unit takes the place of one that is 0 then.
        if name != "name" and own[name] != before[name] and not (name in LENGTHS and not own[name])
    ]


def runs_table(page: Path, layout: Layout) -> Table:
    """A row for each run, with a link to its own page, relative to `page`.

    The score is among them where settings have several seeds: of one each, the table of all
    settings has it.
    """
    several = any(len(entry.cells) > 1 for entry in layout.entries)
    single = [
        replace(entry, scored=(result,)) for entry in layout.entries for result in entry.scored
    ]
    rows, decimals = [], score_decimals(single, layout.score)
    for entry in layout.entries:
        for result in entry.cells:
            value = score_text(replace(entry, scored=(result,)), layout.score, decimals)
            if value and layout.groups > 1 and result in entry.scored:
                value += group_mark(entry.group)
            name = result.cell.name
            link = relative_link(page, result.run.path / "report.html")
            scored = result.ended and result in entry.scored
            rows.append((
                Link(name, link) if link else name,
                result.status if scored else standing_of(result),
                *((value,) if several else ()),
                result.health,
                f"{result.images:,}" if result.images else "",
                minutes(result.seconds / 60) if result.seconds else "",
            ))  # fmt: skip
    score = (short_title(layout.score),) if several else ()
    head = ("run", "how it stands", *score, "health", "images", "minutes")
    return Table(head, rows, title="Table of the runs", words=frozenset({1}), numbers=True)


def relative_link(page: Path, to: Path) -> str:
    """The address of a file as seen from a page; "" where there is none."""
    if not to.is_file():
        return ""
    # A path may hold bytes that are no UTF-8; they are quoted as they are.
    way = os.path.relpath(to.resolve(), page.resolve().parent)
    return quote(os.fsencode(way))


def problems(layout: Layout, unwritten: Mapping[str, str]) -> list[str]:
    """Cells from which no score comes and why, then pages that could not be written."""
    told = [failed_text(cell) for cell in failed_cells(layout.results)]
    return told + [f"{cell}: its page is missing: {why}" for cell, why in unwritten.items()]


def _words(values: Collection[object]) -> str:
    return ", ".join(shown(value) for value in values)  # type: ignore[arg-type]


def _range(values: Range) -> str:
    kind = " by its logarithm" if values.log else ""
    return f"drawn from {values.low:g} to {values.high:g}{kind}{', whole' * values.whole}"


def _written(value: object) -> str:
    """A field of a study in words."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_written(each)}" for name, each in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_written, value)) or "none"
    return "none" if value is None else str(value)
