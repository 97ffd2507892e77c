"""What a recipe sets differently from the one it was made from, and how that is said."""

from collections.abc import Mapping, Sequence
from typing import Any

from zerosum.recipe.fields import SHORTHANDS, recipe_fields
from zerosum.recipe.load import differences
from zerosum.recipe.settings import Recipe, value_of
from zerosum.words import counted

SOURCE, FINGERPRINT, CLASSES = IMAGES = ("data.source", "data.fingerprint", "data.classes")
"""Fields that say which images: a run writes them, nobody sets them differently."""
LENGTHS = frozenset({"schedule.epochs", "schedule.images"})
"""Fields that say how long a training is, one or the other."""


def set_differently(shipped: Recipe, recipe: Recipe) -> dict[str, tuple[Any, Any]]:
    """The fields in which `recipe` is not as it was `shipped`, but for those that say which images:
    dotted name → (before, after).

    A length in another unit is one change: "schedule.images" → ("25 epochs", 20000).
    """
    found = {}
    for name, (before, after) in differences(shipped, recipe).items():
        if name in IMAGES or (name in LENGTHS and not after):
            continue
        length = budget_words(shipped.schedule.images, shipped.schedule.epochs)
        found[name] = (before or length if name in LENGTHS else before, after)
    return found


def budget_words(images: int, epochs: int, minutes: float = 0.0) -> str:
    """A budget as people say it; "" for none."""
    if images:
        return counted(images, "image")
    if epochs:
        return counted(epochs, "epoch")
    if minutes:
        return "1 minute" if minutes == 1 else f"{minutes:g} minutes"
    return ""


def set_differently_in_words(shipped: Recipe, recipe: Recipe) -> str:
    """The same in a line: "learning rate 0.1 instead of 0.0002"; "" where there is nothing.

    Without the length of the training, which is told by itself.
    """
    fields = [name for name in set_differently(shipped, recipe) if name not in LENGTHS]
    return ", ".join(
        f"{name.replace('-', ' ')} {written(value_of(recipe, field))}"
        f" instead of {written(value_of(shipped, field))}"
        for name, field in by_shorthand(fields, (shipped, recipe)).items()
    )


def differing_fields(recipes: Sequence[Recipe]) -> list[str]:
    """The fields in which not all recipes are the same, in the order of a recipe file.

    The fingerprint of the images is none of them, and neither is their place where they are the
    same images.
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


def by_shorthand(fields: Sequence[str], recipes: Sequence[Recipe]) -> Mapping[str, str]:
    """What to call fields: shorthand → one of its fields, where those of both players are among
    them and alike in each recipe; else dotted name → itself."""
    left, found = list(fields), {}
    for name, both in SHORTHANDS.items():
        alike = all(len({repr(value_of(recipe, each)) for each in both}) == 1 for recipe in recipes)
        if alike and set(both) <= set(left):
            found[name] = both[0]
            left = [field for field in left if field not in both]
    return found | {field: field for field in left}


def written(content: object) -> str:
    """A value as a recipe's file writes it."""
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, list | tuple):
        return f"[{', '.join(written(each) for each in content)}]"
    return f"{content:g}" if isinstance(content, float) else str(content)
