"""The game: losses of both players, penalties on the discriminator, what each player minimises.

Pure functions of tensors, found by the names that recipes use.
"""

from zerosum.adversarial.losses import LOSSES, PIXEL_LOSSES, Loss
from zerosum.adversarial.objectives import Discriminator, discriminator_loss, generator_loss
from zerosum.adversarial.penalties import PENALTIES

__all__ = [
    "LOSSES", "PENALTIES", "PIXEL_LOSSES", "Discriminator", "Loss", "discriminator_loss",
    "generator_loss",
]  # fmt: skip
