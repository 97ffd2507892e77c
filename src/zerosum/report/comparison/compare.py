"""What a comparison tells, and its files: tables, curves, scores, samples."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zerosum.comparing.comparability import groups as comparable_groups
from zerosum.comparing.samples import Row
from zerosum.comparing.sides import Side
from zerosum.data.grid import png_bytes
from zerosum.files import write_atomically
from zerosum.recipe.changes import differing_fields
from zerosum.recipe.settings import value_of
from zerosum.records.lines import finite
from zerosum.records.logs import ScoreLine
from zerosum.report.charts import png
from zerosum.report.comparison.charts import curves_figure, scores_figure
from zerosum.report.comparison.place import CURVES, FILES, NUMBERS, SAMPLES, SCORES, TEXT, identity
from zerosum.report.comparison.score_tables import Scored, score_sections, scores_as_dict
from zerosum.report.comparison.settings import facts_of, settings_section, training_section
from zerosum.report.document import Block, Document, PictureFile, Points, Section
from zerosum.report.markdown import document_markdown
from zerosum.report.sample_sheet import sample_sheet
from zerosum.words import listed


@dataclass(frozen=True, repr=False)
class Comparison:
    """What came out, for people (`sections`) and for programs (`content`), and its files."""

    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    """What is to be said of the pictures."""
    content: dict[str, Any]
    files: tuple[Path, ...]

    def __repr__(self) -> str:
        labels = [str(side["label"]) for side in self.content["compared"]]
        return f"{listed(labels)} → {self.files[0].parent}"

    def _repr_markdown_(self) -> str:
        return markdown([str(side["label"]) for side in self.content["compared"]], self.sections)


def tell_comparison(
    sides: Sequence[Side],
    lines: Sequence[ScoreLine | None],
    samples: tuple[Sequence[Row], tuple[str, ...]],
    out: Path,
) -> Comparison:
    """Write the files of a comparison into `out`; `lines` are the scores of each side, `samples`
    rows of pictures and what is to be said of them. Raises ZerosumError where a file cannot be
    written."""
    groups: list[Scored] = [
        [(sides[place].label, line) for place in group if (line := lines[place]) is not None]
        for group in comparable_groups(lines)
    ]
    told = (
        training_section(sides),
        settings_section(sides),
        *score_sections(sides, lines, groups),
    )
    pictures = _pictures(sides, groups, *samples)
    notes = tuple(note for _, _, of_picture in pictures for note in of_picture)
    content: dict[str, Any] = finite(
        {
            "compared": [
                {
                    "label": side.label,
                    "path": identity([side.path])[0],
                    "kind": "images" if side.run is None else "run",
                }
                for side in sides
            ],
            "training": {side.label: facts_of(side) for side in sides},
            "settings": _settings(sides),
            "scores": [scores_as_dict(own) for own in groups],
            "notes": [*(note for each in told for note in each.lines), *notes],
        }
    )
    files = _write(out, told, pictures, content)
    content["files"] = [str(file) for file in files]
    return Comparison(told, notes, content, files)


Drawn = tuple[str, bytes | None, tuple[str, ...]]
"""A file's name, its content (None: there is nothing to draw), and notes."""


def _pictures(
    sides: Sequence[Side], groups: Sequence[Scored], rows: Sequence[Row], notes: tuple[str, ...]
) -> list[Drawn]:
    labels = {"rows": "; ".join(label for label, _ in rows)}
    curves, of_curves = curves_figure(sides)
    scores, of_scores = scores_figure(sides, groups[0]) if groups else (None, ())
    return [
        (SAMPLES, png_bytes(sample_sheet(rows), labels) if rows else None, notes),
        (SCORES, None if scores is None else png(scores), of_scores),
        (CURVES, None if curves is None else png(curves), of_curves),
    ]


def _settings(sides: Sequence[Side]) -> dict[str, dict[str, Any]]:
    """The fields that differ, with the value of each run."""
    recipes = {side.label: side.recipe for side in sides if side.recipe is not None}
    return {
        field: {label: value_of(recipe, field) for label, recipe in recipes.items()}
        for field in differing_fields(list(recipes.values()))
    }


def _write(
    out: Path, sections: Sequence[Section], pictures: Sequence[Drawn], content: dict[str, Any]
) -> tuple[Path, ...]:
    # What an earlier time drew and this one does not would be taken for this one's.
    drawn = [name for name, picture, _ in pictures if picture is not None]
    for name in FILES:
        if name not in (*drawn, TEXT, NUMBERS):
            (out / name).unlink(missing_ok=True)
    numbers = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    # First: it says whose the other files are.
    # A name that is no UTF-8 has JSON's own escapes then.
    write_atomically(out / NUMBERS, numbers.encode("utf-8", "backslashreplace"))
    for name, picture, _ in pictures:
        if picture is not None:
            write_atomically(out / name, picture)
    labels = [side["label"] for side in content["compared"]]
    text = markdown(labels, sections, pictures)
    write_atomically(out / TEXT, text.encode())
    return tuple(out / name for name in (TEXT, *drawn, NUMBERS))


def markdown(
    labels: Sequence[str], sections: Sequence[Section], pictures: Sequence[Drawn] = ()
) -> str:
    """The comparison as compare.md, which shows the pictures beside it, samples first."""
    shown: dict[str, list[Block]] = {}
    for name, picture, notes in pictures:
        drawn = [] if picture is None else [PictureFile(name.partition(".")[0], name)]
        shown[name] = [*drawn, Points(notes)]
    samples = shown.pop(SAMPLES, [])
    charts = [block for each in shown.values() for block in each]
    beside = [Section("Charts", charts)] if pictures else []
    return document_markdown(Document(" vs ".join(labels), [*sections, *beside], head=samples))
