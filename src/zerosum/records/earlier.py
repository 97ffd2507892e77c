"""Lines of metrics.jsonl as an earlier version wrote them."""

from typing import Any

EARLIER_NAMES = {
    "score_real": "d_real",
    "score_fake_before": "d_fake_before",
    "score_fake_after": "d_fake_after",
}
"""Fields of metrics.jsonl as an earlier version wrote them."""


def named_as_now(line: dict[str, Any]) -> dict[str, Any]:
    """A line of metrics.jsonl with today's names. An earlier version wrote a penalty of 0 where the
    recipe has none."""
    if EARLIER_NAMES.keys().isdisjoint(line):
        return line
    named = {EARLIER_NAMES.get(name, name): value for name, value in line.items()}
    if named.get("penalty") == 0:
        del named["penalty"]
    return named
