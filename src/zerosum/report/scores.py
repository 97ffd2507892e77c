"""Scores in words: one table for the terminal, the summary and the docs, from their JSON lines."""

import math
from collections.abc import Iterable, Mapping, Sequence

from zerosum.evaluation.protocol import Protocol
from zerosum.recipe.scores import ALL_SCORES, SCORES, title
from zerosum.records.logs import VERSIONS, ScoreLine, Value
from zerosum.report.document import Table
from zerosum.words import counted

SHOWN = 4
"""Results of a run that are shown, at most: its own, then the newest others."""
ARROWS = {"lower": "↓", "higher": "↑"}
TRADE_OFF = (
    "PSNR falls from {before} to {after} dB while {distance} improves, as expected: a pixel loss "
    "rewards the mean of all pictures that fit the damaged one, which is blurred; the critic "
    "rewards one sharp picture of them (the perception-distortion trade-off, Blau and Michaeli "
    "2018, arXiv 1711.06077)"
)


def score_table(line: ScoreLine) -> Table:
    """The table of a line of scores.jsonl: a row for each score, or, where pictures were restored,
    for each of their versions.

    A score has its title, value, error, floor and the direction that is better. Where the floor is
    of another size than the scores, the columns of the real images and of as many generated ones
    say which.
    """
    table_title = f"Scores at {line.images:,} images"
    if line.versions:
        return _version_table(line, table_title)
    extractor = Protocol.from_dict(line.protocol).extractor
    size = f" ({line.floor_size})" if line.floor_size else ""
    beside = {f"real against real{size}": line.floor}
    if size:
        beside[f"generated{size}"] = line.floor_generated
    rows = []
    for name, score in line.scores.items():
        decimals = line_decimals(line, name)
        error = "" if score["error"] is None else number(name, score["error"], decimals)
        floors = [number(name, own[name]["value"], decimals) if name in own else ""
                  for own in beside.values()]  # fmt: skip
        value = number(name, score["value"], decimals)
        rows.append((title(name, extractor), value, error, *floors, SCORES[name].better))
    head = ("score", "value", "±", *beside, "better")
    return Table(head, rows, title=table_title, words=frozenset({len(head) - 1}))


def _version_table(line: ScoreLine, table_title: str) -> Table:
    """A row for each version of the held-out pictures, a column for each score with the direction
    that is better: value and error."""
    extractor = Protocol.from_dict(line.protocol).extractor
    versions = line.versions
    names = list(next(iter(versions.values())))
    head = ["", *(heading(name, title(name, extractor)) for name in names)]
    shown = [version for version in VERSIONS if version in versions]
    decimals = {name: decimals_of(name, [versions[each][name] for each in shown]) for name in names}
    rows = [
        [
            VERSIONS[version],
            *(with_error(name, versions[version][name], decimals[name]) for name in names),
        ]
        for version in shown
    ]
    return Table(head, rows, title=table_title)


def heading(name: str, words: str = "") -> str:
    """A score's title, or these words for it, with the direction that is better: "FID ↓",
    "PSNR ↑ (dB)"."""
    first, *more = (words or ALL_SCORES[name].title).split(" (", 1)
    return " (".join([f"{first} {ARROWS[ALL_SCORES[name].better]}", *more])


def trade_off(line: ScoreLine) -> str:
    """Why PSNR falls from the pre-trained generator to the adversarial one while the distance of
    the features falls too; "" where that is not so."""
    versions = line.versions
    if not {"pretrained", "restored"} <= set(versions):
        return ""
    before, after = versions["pretrained"], versions["restored"]
    distance = next((name for name in SCORES if SCORES[name].distance and name in after), "")
    if not distance or _number_of(after, distance) >= _number_of(before, distance):
        return ""
    if _number_of(after, "psnr") >= _number_of(before, "psnr"):
        return ""
    told = [number("psnr", version["psnr"]["value"]) for version in (before, after)]
    return TRADE_OFF.format(before=told[0], after=told[1], distance=SCORES[distance].title)


def _number_of(scores: Mapping[str, Value], name: str) -> float:
    value = scores[name]["value"]
    return math.inf if value is None else value


def line_decimals(line: ScoreLine, name: str) -> int | None:
    """The decimals of a score of a line of scores.jsonl, of its error and of its floor."""
    there = (line.scores, line.floor, line.floor_generated)
    return decimals_of(name, [part[name] for part in there if name in part])


def floor_value(line: ScoreLine, name: str) -> float | None:
    """What real images score against real ones at the size of the scores themselves, so that it
    can be drawn beside them; None where there is no such floor."""
    floor = line.floor.get(name)
    if floor is None or line.floor_size:
        return None
    if line.floor_size is None:  # an old line: its words tell
        words, fakes = line.floor_words, line.protocol["fakes"]
        if not (words.startswith(f"{fakes:,} of ") and words.endswith("against these")):
            return None
    return floor["value"]


def number(name: str, value: float | None, decimals: int | None = None) -> str:
    """A score with so many decimals, else to the digits that mean something: three or four. None
    stands for the infinite PSNR of equal pictures; of other scores, as of what is no number in an
    old line, there is none."""
    if value is None or not math.isfinite(value):
        return ALL_SCORES[name].missing
    return ALL_SCORES[name].digits(value) if decimals is None else f"{value:z.{decimals}f}"


def with_error(name: str, score: Value, decimals: int | None = None) -> str:
    """A score's `value` and, where it is known, its `error`: "5.00 ± 0.25"."""
    value, error = score["value"], score.get("error")
    text = number(name, value, decimals)
    return text if error is None else f"{text} ± {number(name, error, decimals)}"


def decimals_of(name: str, scores: Sequence[Value]) -> int | None:
    """How many decimals one column, map or chart of a distance has, of the `value` and `error` of
    all its numbers. None of scores whose number of decimals is fixed, and where there is no number.

    Two digits of the largest error, and five of the largest value at most; more where the smallest
    error would read as 0. Without errors four digits of the smallest value.
    """
    values = _sizes(score["value"] for score in scores)
    errors = _sizes(score.get("error") for score in scores)
    if not ALL_SCORES[name].distance or not values:
        return None
    most, least = 4 - _magnitude(max(values)), 3 - _magnitude(min(values))
    if not errors:
        return max(min(least, most), 0)
    usual = min(1 - _magnitude(max(errors)), most)
    return max(usual, min(-_magnitude(min(errors)), least), 0)


def _sizes(numbers: Iterable[float | None]) -> list[float]:
    """The sizes of the finite numbers that are not 0."""
    return [abs(each) for each in numbers if each and math.isfinite(each)]


def _magnitude(value: float) -> int:
    """The power of ten of the first digit, once it is rounded to two."""
    return math.floor(math.log10(float(f"{value:.1e}")))


def protocol_lines(line: ScoreLine) -> list[str]:
    """What stands under a table: the protocol, the floor's images, how a best was chosen."""
    lines = Protocol.from_dict(line.protocol).lines()
    if line.floor_words:
        lines.append(f"floor      {line.floor_words}")
    if line.compared:
        lines.append(
            f"chosen     the best of {counted(line.compared, 'compared checkpoint')}, "
            "on other and fewer images than these"
        )
    return lines


def one_line(line: ScoreLine) -> str:
    """A line of scores.jsonl in one line of progress."""
    extractor = Protocol.from_dict(line.protocol).extractor
    parts = [
        f"{title(name, extractor)} {number(name, score['value'])}"
        for name, score in line.ranked.items()
    ]
    return f"scores at {line.images:,} images: {', '.join(parts)}"
