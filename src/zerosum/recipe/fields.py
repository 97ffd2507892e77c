"""The fields of a recipe by their dotted names, and the shorthands for several at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from zerosum.recipe.names import NameOf
from zerosum.recipe.sections import Later
from zerosum.recipe.settings import Recipe
from zerosum.suggest import near

SHORTHANDS: Mapping[str, tuple[str, ...]] = {
    "learning-rate": ("optimizer.generator.learning_rate", "optimizer.discriminator.learning_rate"),
    "optimizer": ("optimizer.generator.kind", "optimizer.discriminator.kind"),
    "batch": ("schedule.batch",),
    "epochs": ("schedule.epochs",),
    "images": ("schedule.images",),
    "latent": ("network.latent",),
    "width": ("network.generator.width", "network.discriminator.width"),
    "with": ("parts.files",),
}
"""What the command line and studies may say for a field, or for that field of both players."""


@dataclass(frozen=True)
class RecipeField:
    """One leaf of the recipe: its dotted name, its type, and what it means."""

    name: str
    annotation: Any
    description: str
    default: Any
    later: Literal["never", "longer", "freely"]
    """How a run that goes on may change it."""


def recipe_fields() -> dict[str, RecipeField]:
    """Every field of a recipe by its dotted name, in the order of the recipe file."""
    return {field.name: field for field in _leaves(Recipe, "")}


def field_names() -> list[str]:
    """What a setting may be called: the shorthands and the dotted names of all fields."""
    return [*SHORTHANDS, *recipe_fields()]


def _leaves(model: type[BaseModel], prefix: str) -> Iterator[RecipeField]:
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _leaves(info.annotation, f"{prefix}{name}.")
        else:
            yield _leaf(f"{prefix}{name}", info)


def _leaf(name: str, info: FieldInfo) -> RecipeField:
    rules = [each for each in info.metadata if isinstance(each, Later)]
    later = rules[0].change if rules else "never"
    names = [each for each in info.metadata if isinstance(each, NameOf)]
    annotation = Annotated[info.annotation, names[0]] if names else info.annotation
    return RecipeField(name, annotation, info.description or "", info.default, later)


def option_words(name: str, value: object) -> list[str]:
    """A field, by dotted name or shorthand, and its value as words of the command line."""
    if isinstance(value, bool):
        return [f"--{name}", "yes" if value else "no"]
    if isinstance(value, tuple | list):
        field = recipe_fields()[SHORTHANDS.get(name, (name,))[0]]
        words = [str(each) for each in value]
        several = get_origin(field.annotation) is tuple and get_args(field.annotation)[-1] is ...
        return [f"--{name}", ",".join(words)] if several else [f"--{name}", *words]
    return [f"--{name}", str(value)]


def nearest(name: str, names: list[str]) -> str:
    """What to do about a wrong name of a field."""
    return near(name, names) or "`zerosum recipes show digits` shows every field with its default"
