"""What all images go through before the discriminator: a method, and the numbers drawn for it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from zerosum.adversarial import ada, diffaugment
from zerosum.recipe.augmentation import AugmentationSettings


@dataclass(frozen=True)
class Augmentation:
    """A method of augmentation with its settings."""

    apply: Callable[[Tensor, Tensor, Tensor], Tensor]
    """(images float32 (n, C, H, W), numbers drawn for each (n, numbers), the strength or the
    probability of its changes, a scalar) → images of the same shape. Differentiable to second
    order; image k depends on image k and its numbers alone."""
    uniform: int
    """How many numbers are drawn for an image, uniform in [0, 1)."""
    normal: int = 0
    """How many then from N(0, 1)."""

    def draw(self, random: np.random.Generator, *shape: int) -> NDArray[np.float32]:
        """The numbers: float32 (*shape, uniform + normal)."""
        uniform = random.random((*shape, self.uniform), dtype=np.float32)
        normal = random.standard_normal((*shape, self.normal), dtype=np.float32)
        return np.concatenate([uniform, normal], axis=-1)


def augmentation_of(settings: AugmentationSettings) -> Augmentation | None:
    """The augmentation that a recipe asks for; None where it asks for none."""
    kinds = settings.chosen
    if settings.method == "diffaugment":
        return Augmentation(
            lambda images, numbers, strength: diffaugment.diffaugment(
                images, numbers, kinds, strength
            ),
            diffaugment.NUMBERS,
        )
    if settings.method == "ada":
        return Augmentation(
            lambda images, numbers, probability: ada.ada(images, numbers, kinds, probability),
            len(ada.UNIFORM),
            len(ada.NORMAL),
        )
    return None
