"""Damaged pictures restored."""

from torch import Tensor

from zerosum.data import damage_batch
from zerosum.recipe import Recipe
from zerosum.tasks.task import Draw, Task


def damaged(recipe: Recipe, draw: Draw) -> Tensor:
    """Damaged copies of the real images, of their shape."""
    return damage_batch(draw.real, recipe.damage, recipe.seed, draw.first)


RESTORE = Task(inputs=damaged)
