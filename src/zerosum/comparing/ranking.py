"""Which scores may be laid side by side, and whether one of them is the best beyond its error."""

import math
from collections.abc import Mapping, Sequence

from scipy import stats

from zerosum.comparing.noise import LEVEL, holm
from zerosum.evaluation.protocol import Protocol, disagreements
from zerosum.records.result import Line, result_of, results_of

Value = Mapping[str, float | None]
"""A score: its value (None for infinity), its error (None where there are too few images) and the
error's degrees of freedom."""

HOW = (
    "* the best: ahead of every other by more than other pictures of the same generators would "
    f"make it (Welch's t-test on the values ± errors, {LEVEL:.0%} of error over all columns "
    "together by Holm's procedure), and measured alike; where none is marked, the errors do not "
    "tell. Of other trainings with other seeds they say nothing"
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


def best_by_score(rows: Sequence[Mapping[str, Value]], better: Mapping[str, str]) -> dict[str, int]:
    """For each score that one row is the best by, which row: ahead of every other one in the
    direction that is `better` ("lower" or "higher") by more than the errors of both explain.

    The best value of a score is tested against every other, and its largest p-value is held
    against those of all scores together by Holm's procedure: of equal generators some row is
    called the best by some score in one of twenty comparisons at most. A value whose error is not
    known is the best of none, and none is better than it.
    """
    found: dict[str, tuple[int, float]] = {}
    for name, direction in better.items():
        there = [(place, row[name]) for place, row in enumerate(rows) if name in row]
        if len(there) < 2:
            continue
        sign = 1 if direction == "lower" else -1
        first, best = min(there, key=lambda each: sign * _number(each[1]))
        others = [difference(best, value) for place, value in there if place != first]
        if None not in others:
            found[name] = first, max(p for p in others if p is not None)
    clear = holm([p for _, p in found.values()])
    return {
        name: place for (name, (place, _)), sure in zip(found.items(), clear, strict=True) if sure
    }


def difference(one: Value, other: Value) -> float | None:
    """The two-sided p-value of the difference of two scores by Welch's t-test, from their errors
    and the errors' degrees of freedom; None where these are not known, as in lines of versions
    whose ± was no standard error, and for infinity."""
    a, b = one["error"], other["error"]
    if None in (one["value"], other["value"]):
        return None
    if a is None or b is None or not one.get("freedom") or not other.get("freedom"):
        return None
    gap, error = abs(_number(one) - _number(other)), math.hypot(a, b)
    if error == 0:
        return 1.0 if gap == 0 else 0.0
    # Of shares of the whole: fourth powers of small errors would be 0.
    parts = (a / error) ** 4 / (one["freedom"] or 1) + (b / error) ** 4 / (other["freedom"] or 1)
    return float(2 * stats.t.sf(gap / error, 1 / parts))


def has_standard_errors(line: Line) -> bool:
    """Whether the errors of a line are standard errors, which a test may use."""
    versions = line.get("restoration", {}).get("versions", {})
    every = [line["scores"], *versions.values()]
    return all(value.get("freedom") for scores in every for value in scores.values()
               if value["error"] is not None)  # fmt: skip


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
