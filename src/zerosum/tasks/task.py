"""What a task computes: what a generator is given, what its loss adds, what a sheet shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from zerosum.data import PackedData
from zerosum.recipe.settings import Recipe

Make = Callable[[Tensor], NDArray[np.uint8]]
"""A generator: what it is given (n, ...) → pictures, uint8 (n, H, W, C)."""


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
    """Their classes, int64 (n,); None where the task does without."""


Numbers = Sequence[int] | NDArray[np.int64]
Numbered = Callable[[Recipe, int, Numbers, float | None, Sequence[int]], Tensor]
"""What the generator is given for the pictures of these numbers and a seed: float32 (n, ...), on
the CPU. Row k depends on (seed, numbers[k]) alone. Then `truncate` of `sample_latents`, and which
classes take turns, where the task has classes: none means all."""


@dataclass(frozen=True)
class Task:
    """What a step, a sheet and a picture by its number ask a task for."""

    inputs: Callable[[Recipe, Draw], Tensor]
    """What the generator is given: float32 (n, ...), of the shape that the recipe's `task.inputs`
    tells, on the device of the real images. A function of (seed, draw)."""
    sheet: Callable[[Recipe, PackedData, Make], tuple[NDArray[np.uint8], dict[str, str]]]
    """The pictures of a sample sheet, uint8 (n, H, W, C), and text for its file."""
    numbered: Numbered | None = None
    """None where each picture has an original, and there are none by number."""
    supervised_loss: Callable[[Recipe, Tensor, Tensor, "Features | None"], Tensor] | None = None
    """How far what was made is from its originals, (n, C, H, W) both → a scalar: what the
    generator's loss adds, `objective.pixel_weight` times. None where there are no originals."""
    labels: bool = False
    """Whether the classes of the real images are wanted: in `Draw`, and by the discriminator, which
    is then asked with (images, labels), or names them."""


Features = Callable[[Tensor], list[Tensor]]
"""Maps of a frozen network: images (n, C, H, W) → maps, (n, channels, height, width) each."""
