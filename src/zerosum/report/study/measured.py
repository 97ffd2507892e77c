"""How the numbers of a study were measured: once for each group of cells measured alike."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

from zerosum.comparing.comparability import common_protocol, protocol_of, seeds_draw_reals
from zerosum.evaluation.protocol import DECISIVE, Protocol
from zerosum.report.scores import number
from zerosum.report.study.texts import letter, short_title
from zerosum.studies.results import CellResult
from zerosum.studies.table import Layout

OF_CELLS = "each cell's newest or best checkpoint"
"""What stands for the source of the images, which is another one in each cell."""


def group_cells(layout: Layout) -> dict[int, list[CellResult]]:
    """The cells of each group, by its number."""
    found: dict[int, list[CellResult]] = {}
    for entry in layout.entries:
        if entry.group is not None:
            found.setdefault(entry.group, []).extend(entry.cells)
    return dict(sorted(found.items()))


def protocol_texts(layout: Layout) -> tuple[tuple[str, ...], ...]:
    """The lines of each group: what all of its cells have in common."""
    found = group_cells(layout)
    texts = []
    for group, cells in found.items():
        lines = [f"group      {letter(group)}"] if len(found) > 1 else []
        texts.append((*lines, *_lines(cells), *_floor(cells, layout.score), *_notes(cells)))
    return tuple(texts)


def difference(layout: Layout) -> str:
    """In which parts the groups differ: "A: real images mnist; B: real images celeba"."""
    common = {group: common_protocol(cells) for group, cells in group_cells(layout).items()}
    parts = [part for part in DECISIVE if len({str(own.get(part)) for own in common.values()}) > 1]
    if "extractor" in parts:
        parts = [part for part in parts if part not in ("weights", "resize")]  # they follow
    if "real_fingerprint" in parts and "reals" in parts:
        parts.remove("reals")  # said with the images
    return "; ".join(
        f"{letter(group)}: {', '.join(_part(own, part) for part in parts)}"
        for group, own in common.items()
    )


def _part(common: Mapping[str, Any], part: str) -> str:
    """One part of a protocol in words."""
    value = common.get(part)
    if part == "fakes":
        return f"{value:,} generated images"
    if part in ("reals", "real_fingerprint"):
        return f"{common['reals']:,} real images of {common['real_data']} ({common['real_part']})"
    if part == "resolution":
        return f"{value} pixels"
    if part == "channels":
        return "grey" if value == 1 else "colour"
    return f"{'features' if part == 'extractor' else part} {value or 'none'}"


def _lines(cells: Sequence[CellResult]) -> list[str]:
    first = next(protocol for cell in cells if (protocol := protocol_of(cell)) is not None)
    common = common_protocol(cells)
    version = common.get("version", "of several versions")
    shown: Protocol = replace(first, source=OF_CELLS, checkpoint="", version=version)
    lines = shown.lines()
    if common.get("generator"):
        lines[1] += ", averaged weights" if common["generator"] == "average" else ", last weights"
    if "seed" in common and not first.damage:
        lines[1] += f", pictures of seed {common['seed']}"
    if seeds_draw_reals(cells):
        lines.append("held out   the seed chooses the real images that are scored against")
    return lines


def _floor(cells: Sequence[CellResult], score: str) -> list[str]:
    """What real images score against real ones, on average over the cells."""
    lines = [cell.scores for cell in cells if cell.scores is not None]
    there = [line["floor"][score]["value"] for line in lines if score in line.get("floor", {})]
    there = [value for value in there if value is not None]
    if not there:
        return []
    words = {line.get("floor_words", "") for line in lines}
    how = f": {words.pop()}" if len(words) == 1 else ""
    value = number(score, fmean(there))
    return [f"floor      {short_title(score)} {value}, real images against real ones{how}"]


def _notes(cells: Sequence[CellResult]) -> list[str]:
    """The notes that all cells have."""
    own = [cell.scores.get("notes", []) for cell in cells if cell.scores is not None]
    return [f"note       {note}" for note in own[0] if all(note in notes for notes in own)]
