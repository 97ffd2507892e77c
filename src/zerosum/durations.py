"""Times as people write them."""

import re

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
TIME = r"(\d+(?:\.\d+)?) ?(s|m|h|d|secs?|mins?|hours?|days?)"


def seconds_of(text: str) -> float | None:
    """The seconds of a time such as 90s, 10m, 1.5h or 2d; None where it is none."""
    match = re.fullmatch(TIME, text.strip().lower())
    return float(match[1]) * UNITS[match[2][0]] if match else None
