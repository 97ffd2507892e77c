"""Scores in words: one table for the terminal, the summary and the docs, from their JSON lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from zerosum.evaluation.protocol import Protocol
from zerosum.evaluation.scores import SCORES

APPROXIMATE = "-approx"
HEAD = ("score", "value", "±", "real against real", "better")


def score_rows(line: Mapping[str, Any]) -> Sequence[tuple[str, str, str, str, str]]:
    """A row for each score of a line of scores.jsonl: title, value, error, floor, direction."""
    extractor = Protocol.from_dict(line["protocol"]).extractor
    rows = []
    for name, score in line["scores"].items():
        floor = line.get("floor", {}).get(name)
        rows.append(
            (
                title(name, extractor),
                number(name, score["value"]),
                "" if score["error"] is None else number(name, score["error"]),
                "" if floor is None else number(name, floor["value"]),
                SCORES[name].better,
            )
        )
    return rows


def title(name: str, extractor: str) -> str:
    """What a table calls a score: distances say in which features, and all do where these are not
    quite those of their name."""
    text = SCORES[name].title
    told = name in ("fid", "kid", "fid-infinity", "is") or extractor.endswith(APPROXIMATE)
    return f"{text} ({extractor})" if told else text


def number(name: str, value: float) -> str:
    """A score to the digits that mean something: three or four."""
    if name == "kid":
        return f"{value:.5f}" if abs(value) >= 1e-3 else f"{value:.2g}"
    return f"{value:.4g}" if name.startswith("fid") else f"{value:.3f}"


def protocol_lines(line: Mapping[str, Any]) -> list[str]:
    """What stands under a table: the protocol, the floor's images, how a best was chosen."""
    lines = Protocol.from_dict(line["protocol"]).lines()
    if line.get("floor_words"):
        lines.append(f"floor      {line['floor_words']}")
    if line.get("compared"):
        lines.append(
            f"chosen     the best of {line['compared']:,} compared checkpoints, "
            "on other and fewer images than these"
        )
    return lines


def one_line(line: Mapping[str, Any]) -> str:
    """A line of scores.jsonl in one line of progress."""
    extractor = Protocol.from_dict(line["protocol"]).extractor
    parts = [
        f"{title(name, extractor)} {number(name, score['value'])}"
        for name, score in line["scores"].items()
    ]
    return f"scores at {line['images']:,} images: {', '.join(parts)}"
