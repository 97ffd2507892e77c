"""The game: losses of both players and penalties on the discriminator.

Pure functions of tensors, found by the names that recipes use.
"""

from zerosum.adversarial.losses import LOSSES, PIXEL_LOSSES, Loss
from zerosum.adversarial.penalties import PENALTIES, Penalty

__all__ = ["LOSSES", "PENALTIES", "PIXEL_LOSSES", "Loss", "Penalty"]
