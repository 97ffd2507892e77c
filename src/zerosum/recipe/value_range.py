"""Which values of a deep picture are black and white."""

import re
from dataclasses import dataclass

NUMBER = r"-?(?:\d+\.?\d*|\.\d+)"
AUTO = "auto"


@dataclass(frozen=True)
class ValueRange:
    """The value that is black, and the larger one that is white."""

    black: float
    white: float

    def __str__(self) -> str:
        """As it is written in a recipe: 0-65535."""
        return f"{self.black:.10g}-{self.white:.10g}"


def parse_range(text: str) -> ValueRange | None:
    """What `data.range` says: two rising numbers with a dash between ("-1-1"); None for "auto".

    Raises ValueError, with what is allowed, for anything else.
    """
    if text == AUTO:
        return None
    match = re.fullmatch(f"({NUMBER})-({NUMBER})", text.replace(" ", ""))
    if not match or not float(match[1]) < float(match[2]):
        raise ValueError("must be auto, or black and white with a dash between: 0-1, -1-1, 0-4095")
    return ValueRange(float(match[1]), float(match[2]))
