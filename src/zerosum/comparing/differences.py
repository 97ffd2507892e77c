"""The settings in which runs differ."""

from collections.abc import Sequence

from zerosum.recipe.fields import recipe_fields
from zerosum.recipe.settings import Recipe, value_of

SOURCE, FINGERPRINT = "data.source", "data.fingerprint"


def differing_fields(recipes: Sequence[Recipe]) -> list[str]:
    """The fields in which not all recipes are the same, in the order of a recipe file.

    The fingerprint of the images is none of them, and neither is their place where they are the
    same images: see `data_notes`.
    """
    fields = [
        name
        for name in recipe_fields()
        if name != FINGERPRINT and len({repr(value_of(each, name)) for each in recipes}) > 1
    ]
    if SOURCE in fields and same_images(recipes):
        fields.remove(SOURCE)
    return fields


def same_images(recipes: Sequence[Recipe]) -> bool:
    """Whether all were trained on the same images, as far as their fingerprints tell."""
    prints = {recipe.data.fingerprint for recipe in recipes}
    return len(prints) == 1 and "" not in prints
