"""Every field of a recipe as an option, made from the typed settings."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import click

from zerosum.cli.options import click_type, repeated
from zerosum.cli.words import normal
from zerosum.recipe.fields import SHORTHANDS, RecipeField, recipe_fields
from zerosum.recipe.settings import Recipe, value_of

PREFIX = "field_"
"""How the names of parameters begin that set fields."""
HIDDEN = {"data.source", "data.fingerprint", "data.classes"}
"""Fields that --data sets, and that a run writes for itself."""


@cache
def field_options() -> tuple[click.Option, ...]:
    """The shorthands, then every field by its dotted name."""
    fields = recipe_fields()
    shorthands = [
        _option(name, fields[targets[0]], _shorthand_help(fields, targets))
        for name, targets in SHORTHANDS.items()
    ]
    dotted = [
        _option(name, field, field.description)
        for name, field in fields.items()
        if name not in HIDDEN
    ]
    return (*shorthands, *dotted)


def overrides(values: Mapping[str, Any]) -> dict[str, object]:
    """What was given on the command line, by field name, from click's values."""
    names = {_identifier(name): name for name in [*SHORTHANDS, *recipe_fields()]}
    return {
        names[key]: value for key, value in values.items() if key in names and value is not None
    }


def field_values(recipe: Recipe) -> dict[str, str]:
    """What a recipe sets each field and shorthand to, as help shows it."""
    values = {name: _shown(value_of(recipe, name)) for name in recipe_fields()}
    return values | _shorthand_values(values)


def default_values() -> dict[str, str]:
    """What each field is where a recipe says nothing."""
    return {name: f"default: {_shown(field.default)}" for name, field in recipe_fields().items()}


def _shorthand_values(values: Mapping[str, str]) -> dict[str, str]:
    shown = {}
    for name, targets in SHORTHANDS.items():
        each = {target.split(".")[1]: values[target] for target in targets}
        alike = len(set(each.values())) == 1
        players = [f"{player} {value}" for player, value in each.items()]
        shown[name] = next(iter(each.values())) if alike else ", ".join(players)
    return shown


def is_field(option: click.Parameter) -> bool:
    """Whether an option sets a field of the recipe."""
    return (option.name or "").startswith(PREFIX)


def sections() -> list[str]:
    """The sections of a recipe, in order, as the help groups its options."""
    return list(dict.fromkeys(name.rpartition(".")[0] for name in recipe_fields()))


def _option(name: str, field: RecipeField, help_text: str) -> click.Option:
    kind, count = click_type(field.annotation)
    words = [_identifier(name), f"--{normal(name)}"]
    return click.Option(
        words, type=kind, nargs=count, help=help_text, default=None, **repeated(kind)
    )


def _identifier(name: str) -> str:
    return PREFIX + name.replace(".", "__").replace("-", "_")


def _shorthand_help(fields: Mapping[str, RecipeField], targets: tuple[str, ...]) -> str:
    whose = " (both players)" if len(targets) == 2 else ""
    return f"{fields[targets[0]].description}{whose}"


def _shown(value: object) -> str:
    if isinstance(value, tuple) and value:
        return (" " if isinstance(value[0], float | int) else ",").join(map(_shown, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and value >= 10_000:
        return f"{value:,}"
    return str(value) if value not in ("", ()) else "none"
