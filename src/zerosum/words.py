"""Counts with their nouns, lists of names, and durations, as they are said."""

import math
from collections.abc import Sequence


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun: "1 step", "2 steps", "1,200 unreadable files".

    `plural` is given where it is more than the noun with an s.
    """
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {plural or f'{noun}s'}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "a", "a and b", "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def capital(text: str) -> str:
    """A text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def first_of(names: Sequence[str], most: int, between: str = ", ") -> str:
    """The first names of many: "a, b and 3 more"."""
    more = len(names) - most
    shown = between.join(names[:most])
    return f"{shown}{between.rstrip(', ')} and {more} more" if more > 0 else shown


def roughly(seconds: float) -> str:
    """A time that is estimated: "40 s", "12 min", "2 h 10 min", "3 days"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes / (24 * 60):.0f} days"


def clock(seconds: float) -> str:
    """A duration as 1:02:03 or 2:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def about(seconds: float) -> str:
    """A long duration as people say it: "about 12 minutes", "about 3.5 hours"."""
    minutes = seconds / 60
    if minutes < 90:
        return f"about {counted(max(round(minutes), 1), 'minute')}"
    return f"about {minutes / 60:.1f}".removesuffix(".0") + " hours"


def percent(share: float) -> str:
    """A share to two digits: "10%", "1.2%", "0.05%"."""
    return f"{float(f'{100 * share:.2g}'):g}%"


def one_of(chance: float) -> str:
    """A probability as a reader can picture it: "1 of 190 cases", "65 of 100 cases"."""
    if chance < 1e-6:
        return "fewer than 1 of a million cases"
    if chance > 0.1:
        return f"{100 * chance:.0f} of 100 cases"
    return f"1 of {int(float(f'{1 / chance:.2g}')):,} cases"


def value(number: float | None) -> str:
    """A number to four digits; what is not finite is said in words."""
    if number is None or not math.isfinite(number):
        return "not finite"
    return f"{number:.4g}" if abs(number) < 10_000 else f"{number:,.0f}"
