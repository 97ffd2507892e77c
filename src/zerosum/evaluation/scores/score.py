"""What a score is: a number with its error, and what a reader must know of it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Result:
    """A score. `error` is its standard error over other images of the same generator, against the
    same real ones; None where there are too few images to tell."""

    value: float
    error: float | None = None
    freedom: int = 0
    """Degrees of freedom of the error: how well it is known itself. 0 without an error."""
    deviation: float | None = None
    """Of the score's own parts, as other tools print it beside the value: KID over its subsets,
    the Inception Score over its splits. No standard error."""


@dataclass(frozen=True)
class Score:
    """How a score is shown, and what it is compared with."""

    title: str
    better: Literal["lower", "higher"]
    error: str
    """How its standard error comes about."""
    share: bool = False
    """Whether it is a share, from 0 to 1."""
    floor: bool = False
    """Whether real images against other real ones say how good it can be."""
    overlap: bool = False
    """Whether it says how many images of one side lie among those of the other: about 0 where the
    two have nothing in common."""
