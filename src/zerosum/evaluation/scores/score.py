"""A score as a number with its error."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    classes: Mapping[str, "Result"] = field(default_factory=dict)
    """Of a score within classes: that of each, by its name."""
