"""Damages from files of the user's, applied and tried."""

import numpy as np
from numpy.typing import NDArray

from zerosum.randomness import random_for
from zerosum.recipe.damage import OwnDamage

Pixels = NDArray[np.uint8]


def damaged_by(damage: OwnDamage, picture: Pixels, random: np.random.Generator) -> Pixels:
    """What a damage makes of a copy of a picture, uint8 (H, W, C). Raises ZerosumError, with its
    line, where that is no such picture."""
    damaged = damage.function(picture=picture.copy(), random=random)
    return damage.function.require_like(damaged, picture, np.ndarray, "a picture")


def try_damage(damage: OwnDamage, shape: tuple[int, int, int]) -> None:
    """Try a damage on a picture of a shape (H, W, C). Raises ZerosumError, with its line, where it
    gives no such picture, or another each time."""
    picture = random_for(0, "a damage on trial").integers(0, 256, shape, dtype=np.uint8)
    first, second = (damaged_by(damage, picture, np.random.default_rng(0)) for _ in range(2))
    if not np.array_equal(first, second):
        damage.function.refuse(
            "gives another picture each time",
            "take all that is random from `random`, a numpy.random.Generator that it may name",
        )
