"""The scores of all sides in tables: one for each set of scores that were measured alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from zerosum.comparing.best import best_by_score, better
from zerosum.comparing.comparability import difference_words, protocol_of
from zerosum.comparing.noise import LEVEL, has_standard_errors
from zerosum.comparing.sides import Side
from zerosum.evaluation.likeness import MEANING, UNKNOWN, likeness
from zerosum.evaluation.protocol import Protocol, disagreements
from zerosum.records.logs import VERSIONS, ScoreLine, Value
from zerosum.records.run import checkpoint_names
from zerosum.report.document import Fixed, Points, Section, Table
from zerosum.report.scores import decimals_of, heading, protocol_lines, with_error
from zerosum.visible import shell_word
from zerosum.words import listed

Scored = Sequence[tuple[str, ScoreLine]]
"""Comparable lines, each with the label of its side."""
NONE = "—"
HOW = (
    "* the best: ahead of every other by more than other pictures of the same generators would "
    f"make it (Welch's t-test on the values ± errors, {LEVEL:.0%} of error over all columns "
    "together by Holm's procedure), and measured alike; where none is marked, the errors do not "
    "tell. Of other trainings with other seeds they say nothing"
)
SHAPE = {"resolution", "channels"}
FIXED = {"real_fingerprint", "damage", "reals", "fit"}
"""Of restorations: their held-out pictures and what was done to them, which no option changes."""


@dataclass(frozen=True)
class Row:
    """A side in a table, or a version of its pictures."""

    label: str
    seen: str
    scores: Mapping[str, Value]
    ranked: bool


def score_sections(
    sides: Sequence[Side], lines: Sequence[ScoreLine | None], groups: Sequence[Scored]
) -> list[Section]:
    """A section for each set of comparable scores, the largest set first, and what to do about
    those that are not comparable or missing."""
    lacking = tuple(
        unscored_sentence(side) for side, line in zip(sides, lines, strict=True) if line is None
    )
    if not groups:
        return [Section("Scores", (Points(lacking),))]
    protocols = [protocol_of(own[0][1]) for own in groups]
    if len(groups) > 1:
        lacking += (way_out(sides, protocols),)
    return [
        _section(own, protocol, protocols[0], () if number else lacking)
        for number, (own, protocol) in enumerate(zip(groups, protocols, strict=True))
    ]


def _section(own: Scored, protocol: Protocol, main: Protocol, more: Sequence[str]) -> Section:
    """The table of one group, with `more` to be said; `main` is the protocol of the first group."""
    named = f"Scores in features of {protocol.extractor}"
    words = []
    if protocol is not main:
        named += f", measured otherwise: {listed([label for label, _ in own])}"
        differ = difference_words(protocol, main)
        words.append(f"not comparable with the scores above: {differ}")
    words += likeness_words(own)
    if len(own) - len(unlike(own)) > 1:
        words.append(HOW)
        if old := [label for label, line in own if not has_standard_errors(line)]:
            words.append(
                f"the ± of {listed(old)} is of a version whose errors were no standard errors, so "
                "it enters no test: score anew with --again"
            )
    fixed = protocol_lines(own[0][1])
    fixed[1:2] = list(dict.fromkeys(text for _, line in own for text in protocol_lines(line)[1:2]))
    for label, line in own:
        for note in line.notes:
            of_all = len(own) == 1 or all(note in other.notes for _, other in own)
            fixed.append(f"note       {note if of_all else f'{label}: {note}'}")
    return Section(
        named, (score_table(own), Points([*words, *more]), Fixed(list(dict.fromkeys(fixed))))
    )


def unlike(own: Scored) -> list[str]:
    """The labels of the sides whose images are not like the data: no score ranks them."""
    return [label for label, line in own if likeness(line).like is False]


def likeness_words(own: Scored) -> list[str]:
    """Which sides are not like the data, so that no score ranks them; or that nobody knows."""
    labels = unlike(own)
    if all(likeness(line).like is None for _, line in own):
        return [f"{UNKNOWN}: look at the samples"]
    if not labels:
        return []
    if len(labels) == len(own):
        what = f"{labels[0]} is not" if len(own) == 1 else "none of these is"
        return [
            f"{what} like the data: {MEANING}. Scores then only say «far», and not which is "
            "better: nothing is ranked. Look at the samples, and train for longer"
        ]
    what = "is not like the data, so it is not" if len(labels) == 1 else (
        "are not like the data, so they are not"
    )  # fmt: skip
    return [f"{listed(labels)} {what} ranked: {MEANING}"]


def score_table(own: Scored) -> Table:
    """A row for each side of comparable lines, by label, and a column for each score; the best of
    each column, where the errors allow it.

    Of restorations a row is a version of the pictures: damaged and pre-trained ones come first,
    and the last version of each run is ranked. Images that are not like the data are not.
    """
    rows: list[Row] = []
    for label, line in own:
        seen = f"{line.images:,}" if line.images else NONE
        if not line.versions:
            rows.append(Row(label, seen, line.scores, likeness(line).like is not False))
            continue
        last = list(line.versions)[-1]
        for name, scores in line.versions.items():
            if name != "damaged":
                own_seen = seen if name == last else NONE
                rows.append(Row(f"{label}, {VERSIONS[name]}", own_seen, scores, name == last))
            elif not (rows and rows[0].label == name):
                # Of comparable lines the damaged pictures are the same.
                rows.insert(0, Row(name, NONE, scores, False))
    names = list(dict.fromkeys(name for row in rows for name in row.scores))
    decimals = {
        name: decimals_of(name, [row.scores[name] for row in rows if name in row.scores])
        for name in names
    }
    ranked = [place for place, row in enumerate(rows) if row.ranked]
    best = _best([rows[place].scores for place in ranked])
    cells = [
        (row.label, row.seen, *(
            with_error(name, row.scores[name], decimals[name]) if name in row.scores else NONE
            for name in names
        ))
        for row in rows
    ]  # fmt: skip
    marks = frozenset((ranked[place], names.index(name) + 2) for name, place in best.items())
    return Table(("", "images seen", *map(heading, names)), tuple(cells), marks)


def _best(rows: Sequence[Mapping[str, Value]]) -> dict[str, int]:
    names = dict.fromkeys(name for row in rows for name in row)
    return best_by_score(rows, {name: better(name) for name in names})


def unscored_sentence(side: Side) -> str:
    """What is missing for the scores of a side, and the command that gives them."""
    path = shell_word(side.path)
    if side.run is None:
        return f"{side.label} is not scored: add --again"
    if not checkpoint_names(side.run):
        return f"{side.label} is not scored: it has no checkpoint yet, train it first"
    return f"{side.label} is not scored: zerosum evaluate {path}"


def way_out(sides: Sequence[Side], protocols: Sequence[Protocol]) -> str:
    """What makes scores of these protocols comparable, if anything does."""
    parts = {part for pair in combinations(protocols, 2) for part in disagreements(*pair)}
    restoring = any(side.restores for side in sides)
    if restoring and parts & FIXED:
        return (
            "to compare all, train with the same images, data settings, damage and seed: the "
            "held-out pictures and their damage follow from these"
        )
    if not restoring and parts & SHAPE:
        return (
            "pictures of different size or colour cannot be scored under one protocol: compare "
            "runs of one data.resolution and data.channels"
        )
    return "to compare all, score them anew under one protocol: add --again"


def scores_as_dict(own: Scored) -> dict[str, Any]:
    """For JSON: comparable scores, with the side that is the best by each score and the sides that
    are not like the data."""
    far = unlike(own)
    ranked = [(label, line.ranked) for label, line in own if label not in far]
    best = {name: ranked[place][0] for name, place in _best([own for _, own in ranked]).items()}
    names = dict.fromkeys(name for _, line in own for name in line.ranked)
    return {
        "sides": {label: line.as_dict() for label, line in own},
        "best": {name: best.get(name) for name in names},
        "not_like_the_data": far,
    }
