"""Damaged pictures restored."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zerosum.adversarial.losses import PIXEL_LOSSES
from zerosum.data import PackedData
from zerosum.data.batches import from_uint8
from zerosum.data.damage import damage_batch, damage_held_out
from zerosum.recipe.settings import Recipe
from zerosum.tasks.task import Draw, Features, Make, Task

COLUMNS = 8


def damaged(recipe: Recipe, draw: Draw) -> Tensor:
    """Damaged copies of the real images, of their shape."""
    return damage_batch(draw.real, recipe.damage, recipe.seed, draw.first)


def restorations(
    recipe: Recipe, data: PackedData, make: Make
) -> tuple[NDArray[np.uint8], dict[str, str]]:
    """Held-out pictures damaged, restored, and as they were: (48, H, W, C) uint8, three rows of
    eight, twice; fewer where fewer are held out, and of the training's own where none are."""
    split = data.held_out if len(data.held_out) else data.train
    numbers = np.arange(min(2 * COLUMNS, len(split)))
    originals = split.take(numbers)
    worse = damage_held_out(originals, recipe.damage, recipe.seed, numbers)
    versions = worse, make(from_uint8(worse)), originals
    return np.concatenate(
        [
            version[first : first + COLUMNS]
            for first in range(0, len(originals), COLUMNS)
            for version in versions
        ]
    ), {}


def pixel_loss(
    recipe: Recipe, restored: Tensor, original: Tensor, features: Features | None
) -> Tensor:
    """How far restored pictures are from their originals: pixels, and features where asked."""
    objective = recipe.objective
    loss = PIXEL_LOSSES[objective.pixel_loss](restored, original)
    if features is not None:
        with torch.no_grad():
            wanted = features(original)
        pairs = zip(features(restored), wanted, strict=True)
        # Johnson et al. 2016 (arXiv 1603.08155), equation 2: the mean over a map, for each map.
        distance = torch.stack([(ours - theirs).square().mean() for ours, theirs in pairs]).mean()
        loss = loss + objective.feature_weight * distance
    return loss


TASK = Task(inputs=damaged, sheet=restorations, supervised_loss=pixel_loss)
