"""Whether a generator makes the classes that it is asked for, as a table and in words."""

from zerosum.analysis.class_counts import Modes
from zerosum.report.document import Table

LARGEST_TABLE = 12
"""Classes of a table that fits a terminal and a page."""
MOST_NAMED = 6


def asked_table(modes: Modes) -> Table | None:
    """Images by the class that was asked for, a row each, and by the one that came out; None where
    that is not known, or there are too many classes."""
    names = modes.class_names
    if modes.asked is None or len(names) > LARGEST_TABLE:
        return None
    rows = [
        (name, *(f"{count:,}" if count else "" for count in row))
        for name, row in zip(names, modes.asked.table, strict=True)
    ]
    return Table(
        ("asked", *names), rows, title="Table: Which classes were asked for, and which came out"
    )


def asked_words(modes: Modes) -> str:
    """The share of images that are of the class that was asked for, or why it is not known; "" of a
    generator that is not asked for classes."""
    if modes.unmatched:
        names = ", ".join(modes.unmatched[:MOST_NAMED])
        names += ", …" if len(modes.unmatched) > MOST_NAMED else ""
        return f"not known: the classifier knows no class called {names}"
    if (asked := modes.asked) is None:
        return ""
    real = asked.real
    beside = "" if real is None else f" (of real images {real:.1%} are found to be of theirs)"
    return f"{asked.right:.1%} are of the class that was asked for{beside}"
