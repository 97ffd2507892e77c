"""What to train: typed settings, the shipped recipes, overrides from the command line.

A recipe is a TOML file; `load_recipe` reads one by name or path and says what is wrong with it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zerosum.recipe.changes import (
        LENGTHS,
        by_shorthand,
        set_differently,
        set_differently_in_words,
        written,
    )
    from zerosum.recipe.fields import (
        SHORTHANDS,
        RecipeField,
        field_names,
        nearest,
        option_words,
        recipe_fields,
    )
    from zerosum.recipe.load import (
        differences,
        later_fields,
        load_recipe,
        override,
        read_recipe,
        recipe_to_toml,
        value_of,
        write_recipe,
    )
    from zerosum.recipe.sections import (
        Bias,
        DamageSettings,
        DataSettings,
        ObjectiveSettings,
        PlayerOptimizerSettings,
        ScheduleSettings,
        images_per_step,
    )
    from zerosum.recipe.settings import Recipe, oddities, too_few_steps
    from zerosum.recipe.shipped import headline, shipped_recipes, shipped_text

__all__ = [
    "LENGTHS",
    "SHORTHANDS",
    "Bias",
    "DamageSettings",
    "DataSettings",
    "ObjectiveSettings",
    "PlayerOptimizerSettings",
    "Recipe",
    "RecipeField",
    "ScheduleSettings",
    "by_shorthand",
    "differences",
    "field_names",
    "headline",
    "images_per_step",
    "later_fields",
    "load_recipe",
    "nearest",
    "oddities",
    "option_words",
    "override",
    "read_recipe",
    "recipe_fields",
    "recipe_to_toml",
    "set_differently",
    "set_differently_in_words",
    "shipped_recipes",
    "shipped_text",
    "too_few_steps",
    "value_of",
    "write_recipe",
    "written",
]

_HOMES = {
    "changes": (
        "LENGTHS",
        "by_shorthand",
        "set_differently",
        "set_differently_in_words",
        "written",
    ),
    "fields": (
        "SHORTHANDS",
        "RecipeField",
        "field_names",
        "nearest",
        "option_words",
        "recipe_fields",
    ),
    "load": (
        "differences",
        "later_fields",
        "load_recipe",
        "override",
        "read_recipe",
        "recipe_to_toml",
        "value_of",
        "write_recipe",
    ),
    "sections": (
        "Bias",
        "DamageSettings",
        "DataSettings",
        "ObjectiveSettings",
        "PlayerOptimizerSettings",
        "ScheduleSettings",
        "images_per_step",
    ),
    "settings": ("Recipe", "oddities", "too_few_steps"),
    "shipped": ("headline", "shipped_recipes", "shipped_text"),
}
"""The names of each module, imported when they are first used: the names of recipes are completed
and listed without the time that pydantic takes."""


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
