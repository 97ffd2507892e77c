"""What all images go through before the discriminator: a method, and the numbers drawn for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zerosum.adversarial import ada, diffaugment
from zerosum.adversarial.own_change import OWN_CHANGES, OwnChange
from zerosum.recipe.augmentation import AugmentationSettings

Apply = Callable[[Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Augmentation:
    """A method of augmentation with its settings."""

    apply: Apply
    """(images float32 (n, C, H, W), numbers drawn for each (n, numbers), the strength or the
    probability of its changes, a scalar) → images of the same shape. Differentiable to second
    order; image k depends on image k and its numbers alone."""
    uniform: int
    """How many numbers are drawn for an image, uniform in [0, 1)."""
    normal: int = 0
    """How many then from N(0, 1)."""
    own: int = 0
    """How many then, uniform in [0, 1), for the user's changes."""

    def draw(self, random: np.random.Generator, *shape: int) -> NDArray[np.float32]:
        """The numbers: float32 (*shape, uniform + normal + own). The user's come last, so that the
        others are the same with and without them."""
        uniform = random.random((*shape, self.uniform), dtype=np.float32)
        normal = random.standard_normal((*shape, self.normal), dtype=np.float32)
        own = random.random((*shape, self.own), dtype=np.float32)
        return np.concatenate([uniform, normal, own], axis=-1)


def augmentation_of(settings: AugmentationSettings) -> Augmentation | None:
    """The augmentation that a recipe asks for; None where it asks for none."""
    kinds, own = settings.chosen, settings.own_parts("kinds", OWN_CHANGES)
    if settings.method == "diffaugment":
        built_in = Augmentation(
            lambda images, numbers, strength: diffaugment.diffaugment(
                images, numbers, kinds, strength
            ),
            diffaugment.NUMBERS,
        )
        return followed_by(built_in, [(each.numbers, each) for each in own])
    if settings.method == "ada":
        built_in = Augmentation(
            lambda images, numbers, probability: ada.ada(images, numbers, kinds, probability),
            len(ada.UNIFORM),
            len(ada.NORMAL),
        )
        return followed_by(built_in, [(1 + each.numbers, by_chance(each)) for each in own])
    return None


def followed_by(built_in: Augmentation, own: Sequence[tuple[int, Apply]]) -> Augmentation:
    """An augmentation, and then changes of the user's, each with how many numbers it takes."""
    sizes = [built_in.uniform + built_in.normal, *(count for count, _ in own)]

    def apply(images: Tensor, numbers: Tensor, amount: Tensor) -> Tensor:
        first, *others = torch.split(numbers, sizes, dim=1)
        images = built_in.apply(images, first, amount)
        for drawn, (_, change) in zip(others, own, strict=True):
            images = change(images, drawn, amount)
        return images

    return replace(built_in, apply=apply, own=sum(sizes[1:])) if own else built_in


def by_chance(change: OwnChange) -> Apply:
    """A change in full with a probability, by the first of its numbers."""

    def apply(images: Tensor, numbers: Tensor, probability: Tensor) -> Tensor:
        does = (numbers[:, 0] < probability)[:, None, None, None]
        changed = change(images, numbers[:, 1:], torch.ones_like(probability))
        return torch.where(does, changed, images)

    return apply
