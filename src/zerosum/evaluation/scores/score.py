"""What a score is: a number with its error, and what a reader must know of it."""

from collections.abc import Callable
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


def three_decimals(value: float) -> str:
    """Of a score near 1."""
    return f"{value:.3f}"


def four_digits(value: float) -> str:
    """Of a score of any size."""
    return f"{value:.4g}"


SHARE = (0.0, 1.0)


@dataclass(frozen=True)
class Score:
    """How a score is shown, and what it is compared with."""

    title: str
    better: Literal["lower", "higher"]
    error: str
    """How its standard error comes about."""
    bounds: tuple[float, float] | None = None
    """What it is drawn between; None where it may be of any size."""
    digits: Callable[[float], str] = three_decimals
    """A value alone, to the digits that mean something."""
    missing: str = "—"
    """What stands for a value that is no finite number."""
    distance: bool = False
    """Whether it is a distance of two distributions of features: of any size, so that errors decide
    how many decimals a column of it has."""
    unit_of_features: bool = False
    """Whether its size depends on the feature network so much that its title names that one."""
    needs: Literal["", "class logits", "training images"] = ""
    """What it is computed from besides the features of generated and of real images."""
    floor: bool = False
    """Whether real images against other real ones say how good it can be."""
    overlap: bool = False
    """Whether it says how many images of one side lie among those of the other: about 0 where the
    two have nothing in common."""
