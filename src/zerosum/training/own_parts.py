"""Parts of the user's that work on images, tried with those of a recipe before it is trained."""

from zerosum.adversarial.own_change import OWN_CHANGES, try_change
from zerosum.data.own_damage import try_damage
from zerosum.recipe.settings import Recipe


def try_parts(recipe: Recipe) -> None:
    """Try a recipe's own augmentations and damages on images of its size. Raises ZerosumError,
    with the line, for what is wrong with one."""
    channels, shape = recipe.data.channels, recipe.data.resolution.shape
    for change in recipe.augmentation.own_parts("kinds", OWN_CHANGES):
        try_change(change, (channels, *shape), recipe.objective.penalty)
    for damage in recipe.damage.functions:
        try_damage(damage, (*shape, channels))
