"""The nearest right names for a wrong one."""

from collections.abc import Sequence
from difflib import get_close_matches


def did_you_mean(name: str, names: Sequence[str]) -> str:
    """ "did you mean a or b?" for the names most like a wrong one; "" where none is like it."""
    close = get_close_matches(name, names, n=2, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else ""
