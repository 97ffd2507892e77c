"""The scores of all sides in tables: one for each set of scores that were measured alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from zerosum.comparing.best import best_by_score
from zerosum.comparing.comparability import difference_words, groups, protocol_of
from zerosum.comparing.noise import LEVEL, has_standard_errors
from zerosum.comparing.sides import Side
from zerosum.evaluation.likeness import MEANING, UNKNOWN, likeness
from zerosum.evaluation.protocol import Protocol, disagreements
from zerosum.evaluation.scores import ALL_SCORES
from zerosum.records.run import checkpoint_names
from zerosum.records.score_line import ScoreLine, Value
from zerosum.report.document import Fixed, Points, Section, Table
from zerosum.report.scores import ARROWS, VERSIONS, decimals_of, protocol_lines, with_error
from zerosum.visible import shell_word
from zerosum.words import listed

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


def score_sections(sides: Sequence[Side], lines: Sequence[ScoreLine | None]) -> list[Section]:
    """A section for each set of comparable scores, the largest set first, and what to do about
    those that are not comparable or missing."""
    found = groups(lines)
    sections = [
        _section(sides, lines, group, found[0] if number else None)
        for number, group in enumerate(found)
    ]
    lacking = [
        unscored_sentence(side)
        for side, line in zip(sides, lines, strict=True)
        if line is None
    ]  # fmt: skip
    if not sections:
        return [Section("Scores", (Points(lacking),))]
    if len(found) > 1:
        lacking.append(way_out(sides, lines, found))
    first = sections[0]
    table, _, fixed = first.blocks
    more = Points([*first.lines, *lacking])
    return [Section(first.title, (table, more, fixed)), *sections[1:]]


def _section(
    sides: Sequence[Side],
    lines: Sequence[ScoreLine | None],
    group: Sequence[int],
    main: Sequence[int] | None,
) -> Section:
    """The table of one group; `main` is the group that it is not comparable with."""
    own = [(sides[place].label, _line(lines, place)) for place in group]
    table = score_table(own)
    first = own[0][1]
    words = likeness_words(own)
    words += [HOW] if len(own) - len(unlike(own)) > 1 else []
    old = [label for label, line in own if not has_standard_errors(line)]
    if HOW in words and old:
        words.append(
            f"the ± of {listed(old)} is of a version whose errors were no standard errors, so it "
            "enters no test: score anew with --again"
        )
    named = f"Scores in features of {protocol_of(first).extractor}"
    if main is not None:
        other = _line(lines, main[0])
        parts = difference_words(protocol_of(first), protocol_of(other))
        named += f", measured otherwise: {listed([label for label, _ in own])}"
        words.insert(0, f"not comparable with the scores above: {parts}")
    made = [text for _, line in own for text in protocol_lines(line)[1:2]]
    fixed = protocol_lines(first)
    fixed[1:2] = list(dict.fromkeys(made))
    notes = dict.fromkeys(
        (f"{label}: " if len(own) > 1 and not _of_all(note, own) else "") + note
        for label, line in own
        for note in line.notes
    )
    fixed += [f"note       {note}" for note in notes]
    return Section(named, (table, Points(words), Fixed(fixed)))


def unlike(own: Sequence[tuple[str, ScoreLine]]) -> list[str]:
    """The labels of the sides whose images are not like the data: no score ranks them."""
    return [label for label, line in own if likeness(line).like is False]


def likeness_words(own: Sequence[tuple[str, ScoreLine]]) -> list[str]:
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


def _of_all(note: str, own: Sequence[tuple[str, ScoreLine]]) -> bool:
    return all(note in line.notes for _, line in own)


def score_table(own: Sequence[tuple[str, ScoreLine]]) -> Table:
    """A row for each side of comparable lines, by label, and a column for each score; the best of
    each column, where the errors allow it.

    Of restorations a row is a version of the pictures: damaged and pre-trained ones come first,
    and the last version of each run is ranked. Images that are not like the data are not.
    """
    rows = _rows(own)
    names = list(dict.fromkeys(name for _, values, _ in rows for name in values))
    ranked = [place for place, (_, _, counts) in enumerate(rows) if counts]
    best = best_by_score(
        [rows[place][1] for place in ranked], {name: ALL_SCORES[name].better for name in names}
    )
    decimals = {
        name: decimals_of(name, [values[name] for _, values, _ in rows if name in values])
        for name in names
    }
    marks = {(ranked[place], names.index(name) + 2) for name, place in best.items()}
    return Table(
        ("", "images seen", *map(heading, names)),
        tuple(
            (
                label,
                seen,
                *(
                    with_error(name, values[name], decimals[name]) if name in values else NONE
                    for name in names
                ),
            )
            for (label, seen), values, _ in rows
        ),
        frozenset(marks),
    )


Row = tuple[tuple[str, str], Mapping[str, Value], bool]
"""What it is called and the images seen; its scores; whether it is ranked."""


def _rows(own: Sequence[tuple[str, ScoreLine]]) -> list[Row]:
    rows: list[Row] = []
    for label, line in own:
        seen = f"{line.images:,}" if line.images else NONE
        if not line.versions:
            rows.append(((label, seen), line.scores, likeness(line).like is not False))
            continue
        versions = line.versions
        for name in versions:
            last = name == list(versions)[-1]
            if name == "damaged":
                # Of comparable lines the damaged pictures are the same.
                if not any(told == ("damaged", NONE) for told, _, _ in rows):
                    rows.insert(0, (("damaged", NONE), versions[name], False))
                continue
            told = f"{label}, {VERSIONS[name]}"
            rows.append(((told, seen if last else NONE), versions[name], last))
    return rows


def heading(name: str) -> str:
    """A score with the direction that is better: "FID ↓", "PSNR ↑ (dB)"."""
    score = ALL_SCORES[name]
    words, *unit = score.title.split(" (", 1)
    return " (".join([f"{words} {ARROWS[score.better]}", *unit])


def unscored_sentence(side: Side) -> str:
    """What is missing for the scores of a side, and the command that gives them."""
    path = shell_word(side.path)
    if side.run is None:
        return f"{side.label} is not scored: add --again"
    if not checkpoint_names(side.run):
        return f"{side.label} is not scored: it has no checkpoint yet, train it first"
    return f"{side.label} is not scored: zerosum evaluate {path}"


def way_out(
    sides: Sequence[Side], lines: Sequence[ScoreLine | None], found: Sequence[Sequence[int]]
) -> str:
    """What makes the scores of several groups comparable, if anything does."""
    protocols: list[Protocol] = [protocol_of(_line(lines, group[0])) for group in found]
    parts = {
        part
        for one in protocols
        for other in protocols
        for part in disagreements(one, other)
    }  # fmt: skip
    if any(side.recipe is not None and side.recipe.task.pairs for side in sides):
        if parts & FIXED:
            return (
                "to compare all, train with the same images, data settings, damage and seed: the "
                "held-out pictures and their damage follow from these"
            )
        return "to compare all, score them anew under one protocol: add --again"
    if parts & SHAPE:
        return (
            "pictures of different size or colour cannot be scored under one protocol: compare "
            "runs of one data.resolution and data.channels"
        )
    return "to compare all, score them anew under one protocol: add --again"


def _line(lines: Sequence[ScoreLine | None], place: int) -> ScoreLine:
    line = lines[place]
    assert line is not None
    return line


def scores_as_dict(
    sides: Sequence[Side], lines: Sequence[ScoreLine | None]
) -> list[dict[str, Any]]:
    """For JSON: the groups of comparable scores, with the side that is the best by each score and
    the sides that are not like the data."""
    content = []
    for group in groups(lines):
        own = [(sides[place].label, _line(lines, place)) for place in group]
        far = unlike(own)
        ranked = [(label, line.ranked) for label, line in own if label not in far]
        names = dict.fromkeys(name for _, line in own for name in line.ranked)
        best = best_by_score(
            [values for _, values in ranked], {name: ALL_SCORES[name].better for name in names}
        )
        labels = {name: ranked[best[name]][0] if name in best else None for name in names}
        content.append(
            {
                "sides": {label: line.as_dict() for label, line in own},
                "best": labels,
                "not_like_the_data": far,
            }
        )
    return content
