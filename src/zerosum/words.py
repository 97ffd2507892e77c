"""Counts with their nouns, as they are said."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun: "1 step", "2 steps", "1,200 unreadable files".

    `plural` is given where it is more than the noun with an s.
    """
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {plural or f'{noun}s'}"
