"""How the numbers of a study were measured: once for each group of cells measured alike."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from zerosum.comparing.comparability import (
    common_parts,
    differences_of_groups,
    protocol_of,
    seeds_draw_reals,
)
from zerosum.evaluation.protocol import Protocol
from zerosum.records.logs import ScoreLine
from zerosum.report.scores import number
from zerosum.report.study.texts import letter, short_title
from zerosum.studies.table import Layout

OF_CELLS = "each cell's newest or best checkpoint"
"""What stands for the source of the images, which is another one in each cell."""


def group_lines(layout: Layout) -> dict[int, list[ScoreLine]]:
    """The scores of the cells of each group, by its number."""
    found: dict[int, list[ScoreLine]] = {}
    for entry in layout.entries:
        if entry.group is not None:
            lines = [cell.scores for cell in entry.scored if cell.scores is not None]
            found.setdefault(entry.group, []).extend(lines)
    return dict(sorted(found.items()))


def protocol_texts(layout: Layout) -> tuple[tuple[str, ...], ...]:
    """The lines of each group: what all of its cells have in common."""
    found = group_lines(layout)
    texts = []
    for group, own in found.items():
        lines = [f"group      {letter(group)}"] if len(found) > 1 else []
        texts.append((*lines, *_lines(own), *_floor(own, layout.score), *_notes(own)))
    return tuple(texts)


def differences(layout: Layout) -> dict[str, str]:
    """What each group has that others have not, by its letter: A: "2,000 real images of mnist"."""
    return differences_of_groups(
        {letter(group): lines for group, lines in group_lines(layout).items()}
    )


def _lines(own: Sequence[ScoreLine]) -> list[str]:
    first, common = protocol_of(own[0]), common_parts(own)
    version = common.get("version", "of several versions")
    shown: Protocol = replace(first, source=OF_CELLS, checkpoint="", version=version)
    lines = shown.lines()
    if common.get("generator"):
        lines[1] += ", averaged weights" if common["generator"] == "average" else ", last weights"
    if "seed" in common and not first.damage:
        lines[1] += f", pictures of seed {common['seed']}"
    if seeds_draw_reals(own):
        lines.append("held out   the seed chooses the real images that are scored against")
    return lines


def _floor(lines: Sequence[ScoreLine], score: str) -> list[str]:
    """What real images score against real ones, on average over the cells."""
    floors = [line.floor[score]["value"] for line in lines if score in line.floor]
    there = [value for value in floors if value is not None]
    if not there:
        return []
    words = {line.floor_words for line in lines}
    how = f": {words.pop()}" if len(words) == 1 else ""
    value = number(score, fmean(there))
    return [f"floor      {short_title(score)} {value}, real images against real ones{how}"]


def _notes(lines: Sequence[ScoreLine]) -> list[str]:
    """The notes that all cells have."""
    own = [line.notes for line in lines]
    return [f"note       {note}" for note in own[0] if all(note in notes for notes in own)]
