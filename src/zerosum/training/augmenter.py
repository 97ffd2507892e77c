"""The augmentation of a training, and how much it does, which may follow what steps measure."""

from typing import Literal

import torch
from torch import Tensor

from zerosum.adversarial.ada import EVERY, next_probability
from zerosum.adversarial.augmentation import Augmentation, augmentation_of
from zerosum.adversarial.penalties import Place
from zerosum.recipe.augmentation import SPEED, SPEED_FROM_ANOTHER, AugmentationSettings
from zerosum.training.fabric import Fabric, mean_over_processes

PlayerName = Literal["discriminator", "generator"]

SEEN: tuple[tuple[PlayerName, Place], ...] = (
    ("discriminator", "real"),
    ("discriminator", "fake"),
    ("discriminator", "between"),
    ("generator", "fake"),
    ("generator", "real"),
)
"""In whose step the discriminator sees which images: each has numbers of its own."""


class Augmenter:
    """A method of augmentation and the probability of its changes (ada), or their strength
    (diffaugment): `amount`, a scalar on the device.

    It keeps its place in memory: a captured step reads it there.
    """

    def __init__(
        self,
        method: Augmentation,
        settings: AugmentationSettings,
        device: torch.device,
        state: tuple[float, ...],
    ) -> None:
        """`state` as `state` gave it."""
        self.method = method
        self._settings = settings
        amount, signs, steps, speed = state
        self.amount = torch.full((), amount, dtype=torch.float32, device=device)
        self._signs = torch.full((), signs, dtype=torch.float32, device=device)
        """The sum of what `adapt` was told since the probability last changed."""
        self._steps = int(steps)
        """How many times that was."""
        self._speed = int(speed)
        """Images in which the probability can rise from 0 to 1."""

    def __call__(self, images: Tensor, numbers: Tensor) -> Tensor:
        """Images float32 (n, C, H, W), changed by the numbers drawn for each, (n, numbers)."""
        return self.method.apply(images, numbers, self.amount)

    def adapt(self, sign_real: Tensor, images: int, fabric: Fabric) -> None:
        """Take in the mean sign of a step of `images` real images, a scalar of this process; every
        fourth time the probability changes, alike in all processes. Waits for nothing."""
        self._signs += sign_real
        self._steps += 1
        if self._steps < EVERY:
            return
        mean = mean_over_processes(fabric, self._signs) / EVERY
        change = EVERY * images
        target = self._settings.target
        self.amount.copy_(next_probability(self.amount, mean, target, change, self._speed))
        self._signs.zero_()
        self._steps = 0

    def state(self, fabric: Fabric) -> tuple[float, ...]:
        """What it goes on from, of several processes up to rounding; called by all. Waits for the
        device."""
        signs = mean_over_processes(fabric, self._signs)
        return float(self.amount), float(signs), self._steps, self._speed


def augmenter_of(
    settings: AugmentationSettings,
    device: torch.device,
    state: tuple[float, ...],
    *,
    from_another: bool,
) -> Augmenter | None:
    """The augmentation of a training that goes on from a state, or begins (an empty one), be it
    from another's weights; None where its recipe has none."""
    method = augmentation_of(settings)
    if method is None:
        return None
    speed = settings.images or (SPEED_FROM_ANOTHER if from_another else SPEED)
    first, _ = settings.amounts
    state = state or (first, 0.0, 0, speed)
    if not settings.adapts:
        # The recipe's, or set by its schedule before each step; an earlier version saved a 0.
        state = (first, *state[1:])
    return Augmenter(method, settings, device, state)
