"""What a task computes in a step."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from zerosum.recipe import Recipe


@dataclass(frozen=True)
class Draw:
    """What the generator's input for a batch may depend on: which step it is, and this process's
    n real images of the batch."""

    step: int
    critic_step: int
    share: slice
    """Where these n lie in the whole batch, for which everything random is drawn."""
    first: int
    """The number of the first of them in the training's stream."""
    real: Tensor
    """float32 (n, C, H, W) in [-1, 1]."""
    labels: Tensor | None
    """Their classes, int64 (n,); None where they have none."""


@dataclass(frozen=True)
class Task:
    """What a step asks a task for."""

    inputs: Callable[[Recipe, Draw], Tensor]
    """What the generator is given: float32 (n, ...), of the shape that the recipe's `task.inputs`
    tells, on the device of the real images. A function of (seed, draw)."""
