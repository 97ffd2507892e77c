"""Which scores may be laid side by side, and whether one of them is the best beyond its error."""

import math
from collections.abc import Mapping, Sequence

from zerosum.evaluation.protocol import Protocol, disagreements
from zerosum.result import Line, result_of, results_of

Value = Mapping[str, float | None]
"""A score: its value (None for infinity) and its error (None where there are too few images)."""

SURE = 2.0
"""A best is ahead of every other by more than this many of both errors together."""
HOW = (
    "* the best: ahead of every other by more than twice both errors together, 2 √(a² + b²), and "
    "measured alike; where none is marked, the errors do not tell"
)
PARTS = {
    "fakes": "number of generated images",
    "reals": "number of real images",
    "real_fingerprint": "real images",
    "resolution": "size in pixels",
    "channels": "grey or colour",
    "fit": "how pictures became squares (fit)",
    "extractor": "feature network",
    "weights": "weights of the feature network",
    "resize": "resizing",
    "precision": "precision of the feature network",
    "damage": "damage",
}
"""What a sentence calls the decisive parts of a protocol."""


def protocol_of(line: Line) -> Protocol:
    """How a line's numbers were measured."""
    return Protocol.from_dict(line["protocol"])


def comparable(one: Line, other: Line) -> bool:
    """Whether the numbers of two lines may be laid side by side."""
    return not disagreements(protocol_of(one), protocol_of(other))


def result_lines(lines: Sequence[Line], checkpoint: str = "") -> list[Line]:
    """The lines that can stand for a run, its result first, then the newest: of that checkpoint,
    where one is named. Where none was reported or asked for, how checkpoints were compared."""
    own = [line for line in lines if checkpoint in ("", line["protocol"]["checkpoint"])]
    return results_of(own) if result_of(own) else own[::-1]


def choose_lines(lines: Sequence[Sequence[Line]]) -> list[Line | None]:
    """One line for each side, of its lines in the order of `result_lines`; None where it has none.

    The results, where these are comparable. Where they are not, but all sides have scores of the
    same checkpoint that are, the first of those.
    """
    scored = [own for own in lines if own]
    first: list[Line | None] = [own[0] if own else None for own in lines]
    if not scored or all(comparable(own[0], scored[0][0]) for own in scored):
        return first
    alike = [_same_checkpoint(own) for own in lines]
    for wanted in next(own for own in alike if own):
        found = [next((line for line in own if comparable(line, wanted)), None) for own in alike]
        if all(line is not None for line, own in zip(found, lines, strict=True) if own):
            return found
    return first


def _same_checkpoint(lines: Sequence[Line]) -> list[Line]:
    name = lines[0]["protocol"]["checkpoint"] if lines else ""
    return [line for line in lines if line["protocol"]["checkpoint"] == name]


def groups(lines: Sequence[Line | None]) -> list[list[int]]:
    """The places of the lines that are comparable with each other, the largest group first."""
    found: list[list[int]] = []
    for place, line in enumerate(lines):
        if line is None:
            continue
        for group in found:
            if all(comparable(line, _there(lines, other)) for other in group):
                group.append(place)
                break
        else:
            found.append([place])
    return sorted(found, key=len, reverse=True)


def _there(lines: Sequence[Line | None], place: int) -> Line:
    line = lines[place]
    assert line is not None
    return line


def best_of(values: Sequence[Value | None], better: str) -> int | None:
    """The place of the value that is better ("lower" or "higher") than every other by more than
    `SURE` of both errors together, √(a² + b²); None where there is none, or only one value.

    A value without an error is ahead of none, and none is ahead of it.
    """
    there = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(there) < 2:
        return None
    sign = 1 if better == "lower" else -1
    first, best = min(there, key=lambda each: sign * _number(each[1]))
    others = [value for place, value in there if place != first]
    return first if all(clearly_apart(best, other) for other in others) else None


def clearly_apart(one: Value, other: Value) -> bool:
    """Whether two values differ by more than `SURE` of both errors together."""
    if one["error"] is None or other["error"] is None:
        return False
    return abs(_number(one) - _number(other)) > SURE * math.hypot(one["error"], other["error"])


def _number(value: Value) -> float:
    found = value["value"]
    return math.inf if found is None else found


def difference_words(one: Protocol, other: Protocol) -> str:
    """The decisive parts in which two protocols differ, each with both values."""
    parts = disagreements(one, other)
    if "real_fingerprint" in parts:
        parts.pop("reals", None)  # said with the images
    if "extractor" in parts:
        parts.pop("weights", None)  # of another network they are others
    return "; ".join(_both(part, one, other) for part in parts)


def _both(part: str, one: Protocol, other: Protocol) -> str:
    what, told = PARTS[part], [_told(part, protocol) for protocol in (one, other)]
    if part == "damage":
        kinds, seeds = zip(*(text.rpartition("; seed ")[::2] for text in told), strict=True)
        if kinds[0] == kinds[1]:
            what, told = "seed of the damage", list(seeds)
    if told[0] == told[1]:
        return f"{what}: {told[0]} both, but not the same ones"
    return f"{what}: {told[0]} here, {told[1]} there"


def _told(part: str, protocol: Protocol) -> str:
    value = getattr(protocol, part)
    if part == "real_fingerprint":
        return f"{protocol.reals:,} of {protocol.real_data} ({protocol.real_part})"
    if part == "channels":
        return "grey" if value == 1 else "colour"
    return f"{value:,}" if isinstance(value, int) else str(value or "none")
