"""Scores within classes, a row a class."""

from collections.abc import Sequence

from zerosum.recipe.scores import SCORES
from zerosum.records.logs import ClassScores, ScoreLine, Value
from zerosum.report.document import Table
from zerosum.report.scores import decimals_of, heading, with_error

MOST = 20
"""Classes of a table; of more the worst by the first score are shown."""


def class_table(line: ScoreLine) -> Table | None:
    """A row for each class: its images, and its scores with their errors; of shares also what real
    images have. None where nothing was measured within classes."""
    if not line.classes:
        return None
    names = list(dict.fromkeys(n for own in line.classes.values() for n in own["scores"]))
    shown, title = _shown(line, names), "Scores within each class"
    if len(shown) < len(line.classes):
        title += f": the {len(shown)} worst of {len(line.classes):,} by {SCORES[names[0]].title}"
    decimals = {
        name: decimals_of(name, [line.classes[kind]["scores"][name] for kind in shown])
        for name in names
    }
    floors = [name for name in names if SCORES[name].bounds and _has_floor(line, name)]
    head = ["class", "generated", "real"]
    for name in names:
        head += [heading(name), *(["of real"] if name in floors else [])]
    rows = []
    for kind in shown:
        own = line.classes[kind]
        row = [kind, f"{own['fakes']:,}", f"{own['reals']:,}"]
        for name in names:
            row.append(_cell(name, own["scores"].get(name), decimals[name]))
            if name in floors:
                row.append(_cell(name, own["floor"].get(name), decimals[name]))
        rows.append(tuple(row))
    return Table(tuple(head), rows, title=title)


def _shown(line: ScoreLine, names: Sequence[str]) -> list[str]:
    kinds = list(line.classes)
    if len(kinds) <= MOST:
        return kinds
    sign = 1 if SCORES[names[0]].better == "higher" else -1

    def value(own: ClassScores) -> float:
        return sign * (own["scores"][names[0]]["value"] or 0.0)

    return sorted(kinds, key=lambda kind: value(line.classes[kind]))[:MOST]


def _has_floor(line: ScoreLine, name: str) -> bool:
    return any(name in own["floor"] for own in line.classes.values())


def _cell(name: str, score: Value | None, decimals: int | None) -> str:
    return "" if score is None else with_error(name, score, decimals)
