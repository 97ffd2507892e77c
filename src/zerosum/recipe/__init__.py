"""What to train: typed settings, the shipped recipes, overrides from the command line.

A recipe is a TOML file; `load_recipe` reads one by name or path and says what is wrong with it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zerosum.recipe.changes import LENGTHS as LENGTHS
    from zerosum.recipe.changes import by_shorthand as by_shorthand
    from zerosum.recipe.changes import set_differently as set_differently
    from zerosum.recipe.changes import set_differently_in_words as set_differently_in_words
    from zerosum.recipe.changes import written as written
    from zerosum.recipe.fields import SHORTHANDS as SHORTHANDS
    from zerosum.recipe.fields import RecipeField as RecipeField
    from zerosum.recipe.fields import field_names as field_names
    from zerosum.recipe.fields import nearest as nearest
    from zerosum.recipe.fields import option_words as option_words
    from zerosum.recipe.fields import recipe_fields as recipe_fields
    from zerosum.recipe.load import differences as differences
    from zerosum.recipe.load import later_fields as later_fields
    from zerosum.recipe.load import load_recipe as load_recipe
    from zerosum.recipe.load import override as override
    from zerosum.recipe.load import read_recipe as read_recipe
    from zerosum.recipe.load import recipe_to_toml as recipe_to_toml
    from zerosum.recipe.load import write_recipe as write_recipe
    from zerosum.recipe.network import Bias as Bias
    from zerosum.recipe.sections import DamageSettings as DamageSettings
    from zerosum.recipe.sections import DataSettings as DataSettings
    from zerosum.recipe.sections import ObjectiveSettings as ObjectiveSettings
    from zerosum.recipe.sections import PlayerOptimizerSettings as PlayerOptimizerSettings
    from zerosum.recipe.sections import ScheduleSettings as ScheduleSettings
    from zerosum.recipe.sections import images_per_step as images_per_step
    from zerosum.recipe.settings import Recipe as Recipe
    from zerosum.recipe.settings import oddities as oddities
    from zerosum.recipe.settings import too_few_steps as too_few_steps
    from zerosum.recipe.settings import value_of as value_of
    from zerosum.recipe.shipped import headline as headline
    from zerosum.recipe.shipped import shipped_recipes as shipped_recipes
    from zerosum.recipe.shipped import shipped_text as shipped_text

HOMES = ("shipped", "network", "sections", "settings", "fields", "load", "changes")


def __getattr__(name: str) -> object:
    """A name of one of the modules, which is imported when it is first used: the names of recipes
    are completed and listed without the time that pydantic takes."""
    for home in HOMES:
        module = import_module(f"{__name__}.{home}")
        if not name.startswith("_") and hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
