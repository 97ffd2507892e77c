"""A line of metrics.jsonl: where a training stands, and what its steps since the last one measured.

Which fields it has depends on the recipe and on the step; `diagnosis/log_fields.py` says what each
is. All are numbers but `phase`, a word, and None where one was not finite.
"""

from collections.abc import Mapping
from typing import Any

LogLine = Mapping[str, Any]
"""Field → value. `images` is in each."""

EARLIER_NAMES = {
    "score_real": "d_real",
    "score_fake_before": "d_fake_before",
    "score_fake_after": "d_fake_after",
}
"""Fields as an earlier version wrote them."""


def named_as_now(line: LogLine) -> LogLine:
    """A line with today's names. An earlier version wrote a penalty of 0 where the recipe has
    none."""
    if EARLIER_NAMES.keys().isdisjoint(line):
        return line
    named = {EARLIER_NAMES.get(name, name): value for name, value in line.items()}
    if named.get("penalty") == 0:
        del named["penalty"]
    return named
