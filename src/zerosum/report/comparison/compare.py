"""One comparison from what the user named to its files: tables, curves, scores, samples."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from PIL import Image

from zerosum.comparing.differences import differing_fields
from zerosum.comparing.place import (
    CURVES,
    FILES,
    NUMBERS,
    SAMPLES,
    SCORES,
    TEXT,
    choose_place,
    identity,
    place_kept,
)
from zerosum.comparing.ranking import choose_lines, groups, result_lines
from zerosum.comparing.sides import Side, open_sides
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.files import write_atomically
from zerosum.generation.grid import png_bytes
from zerosum.networks import choose_device
from zerosum.recipe import value_of
from zerosum.records.lines import finite
from zerosum.records.result import Line
from zerosum.report.charts import png
from zerosum.report.comparison.again import Again, Scorer, score_again
from zerosum.report.comparison.curves import curves_figure
from zerosum.report.comparison.samples import sample_rows, sample_sheet
from zerosum.report.comparison.score_curves import scores_figure
from zerosum.report.comparison.score_tables import score_sections, scores_as_dict
from zerosum.report.comparison.settings import (
    facts_of,
    settings_section,
    training_section,
)
from zerosum.report.comparison.tables import Section, listed, markdown_table
from zerosum.report.summary import escaped, fenced


@dataclass(frozen=True)
class Wishes:
    """How to compare; what is empty is chosen to fit."""

    again: Again | None = None
    """Score everything anew, like this; None: the newest scores of each run are shown."""
    out: Path | None = None
    """The folder to write to."""
    checkpoint: str = ""
    """Of all runs: "latest", "best" or images seen; "" for that of their scores."""
    seed: int = 0
    """Of the pictures."""
    device: str = "auto"
    data_root: Path | None = None


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


def compare(
    things: Sequence[str],
    wishes: Wishes,
    score: Scorer,
    stage: Stage = no_stage,
) -> Comparison:
    """Lay runs and folders of images side by side, and write the comparison's files.

    `score` scores anew, where that is wished. Raises UsageError or ZerosumError, which say what to
    do, before anything is written.
    """
    choose_device(wishes.device)  # a wrong name is told before anything is opened
    sides, name = open_sides(things, wishes.checkpoint, data_root=wishes.data_root, stage=stage)
    out = choose_place(wishes.out, name, things)
    with place_kept(out):
        lines: list[Line | None]
        if wishes.again is not None:
            lines = list(score_again(sides, wishes.again, score, stage))
        else:
            lines = choose_lines([_lines_of(side) for side in sides])
        told = (training_section(sides), settings_section(sides), *score_sections(sides, lines))
        pictures = _pictures(sides, lines, wishes)
        notes = tuple(note for _, _, of_picture in pictures for note in of_picture)
        words = [note for each in told for note in each.lines]
        content: dict[str, Any] = finite(_content(sides, lines, words, notes))
        files = _write(out, told, pictures, content)
    content["files"] = [str(file) for file in files]
    return Comparison(told, notes, content, files)


def _content(
    sides: Sequence[Side], lines: Sequence[Line | None], words: Sequence[str], notes: Sequence[str]
) -> dict[str, Any]:
    return {
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
        "scores": scores_as_dict(sides, lines),
        "notes": [*words, *notes],
    }


Drawn = tuple[str, bytes | None, tuple[str, ...]]
"""A file's name, its content (None: there is nothing to draw), and notes."""


def _pictures(sides: Sequence[Side], lines: Sequence[Line | None], wishes: Wishes) -> list[Drawn]:
    rows, notes = sample_rows(
        sides, lines, seed=wishes.seed, device=wishes.device, data_root=wishes.data_root
    )
    sheet = sample_sheet(rows) if rows else None
    found = groups(lines)
    of_scores: tuple[Figure | None, tuple[str, ...]] = (None, ())
    if found:
        of_scores = scores_figure(sides, lines, found[0])
    curves = curves_figure(sides)
    return [
        (SAMPLES, None if sheet is None else _sheet_png(sheet, rows), notes),
        (SCORES, None if of_scores[0] is None else png(of_scores[0]), of_scores[1]),
        (CURVES, None if curves[0] is None else png(curves[0]), curves[1]),
    ]


def _sheet_png(sheet: Image.Image, rows: Sequence[tuple[str, Any]]) -> bytes:
    return png_bytes(sheet, {"rows": "; ".join(label for label, _ in rows)})


def _lines_of(side: Side) -> list[Line]:
    return [] if side.run is None else result_lines(side.run.scores(), side.checkpoint)


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
    """The comparison as compare.md, which shows the pictures beside it."""
    parts = [f"# {' vs '.join(map(escaped, labels))}"]
    for section in sections:
        parts.append(f"## {escaped(section.title)}")
        if section.table is not None:
            parts.append(markdown_table(section.table))
        if section.lines:
            parts.append("\n".join(f"- {escaped(line)}" for line in section.lines))
        if section.fixed:
            parts.append(fenced("\n".join(section.fixed), "text"))
    if pictures:
        parts.append("## Pictures")
    for name, picture, notes in pictures:
        if picture is not None:
            parts.append(f"![{name.partition('.')[0]}]({name})")
        if notes:
            parts.append("\n".join(f"- {escaped(note)}" for note in notes))
    return "\n\n".join(parts) + "\n"
