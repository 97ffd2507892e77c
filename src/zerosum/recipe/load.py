"""Recipes from shipped names and files, with overrides, and back to a file."""

import contextlib
import tomllib
from collections.abc import Mapping
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from zerosum.checksums import DamagedError, checked_toml, require_same_toml
from zerosum.errors import UsageError, ZerosumError
from zerosum.files import write_atomically
from zerosum.reading import read_regular, read_text, reason, user_path
from zerosum.recipe.earlier import completed, missing_fields
from zerosum.recipe.fields import SHORTHANDS, nearest, recipe_fields
from zerosum.recipe.parts import PartFile, kept_files
from zerosum.recipe.settings import Recipe, value_of
from zerosum.recipe.shipped import shipped_recipes, shipped_text
from zerosum.suggest import did_you_mean
from zerosum.trust import UntrustedError
from zerosum.visible import shell_word

if TYPE_CHECKING:
    from tomlkit.items import String

LIMITS = {
    "greater_than_equal": "should be {} or more",
    "less_than_equal": "should be {} or less",
    "greater_than": "should be more than {}",
    "less_than": "should be less than {}",
}
"""Limits of numbers in fewer words than pydantic's, by its types of errors."""


def load_recipe(name_or_path: str, overrides: Mapping[str, object] | None = None) -> Recipe:
    """A shipped recipe or a `.toml` file, with fields replaced.

    `overrides` maps dotted names (`schedule.batch`) or shorthands (`learning-rate`) to values.
    Raises ZerosumError for a file that is missing or wrong, UsageError for a wrong override; both
    name the field, what was given and what is allowed.
    """
    return override(recipe_of(parse_recipe(name_or_path), name_or_path), overrides or {})


def recipe_of(tables: dict[str, Any], name: str) -> Recipe:
    """The recipe of tables as a run or a person wrote them; `name` is what errors call it. Raises
    ZerosumError for what is wrong in them."""
    try:
        return Recipe.model_validate(completed(tables))
    except ValidationError as error:
        what, remedy = _sentences(error)
        raise ZerosumError(f"recipe {name}: {what}", remedy) from None


def kept_recipe(tables: dict[str, Any], name: str, folder: Path | None = None) -> Recipe:
    """As `recipe_of`, of what a run or an exported model kept: its parts have to be texts. Raises
    UntrustedError where these may not be run here; `folder` has them, if any does."""
    files_in(tables, name)
    try:
        return recipe_of(tables, name)
    except UntrustedError as error:
        if folder is None:
            raise
        shown = shell_word(str(folder))
        raise UntrustedError(
            f"{folder} brings code of its own: {error.what}",
            f"read it: zerosum parts {shown}; to have it run: zerosum parts {shown} --trust",
        ) from None


def files_in(tables: dict[str, Any], name: str) -> list[PartFile]:
    """The files of parts in what a run or an exported model kept of its recipe, not run."""
    parts = tables.get("parts", {})
    # What is no table at all has no files, and is told of with the other fields.
    return kept_files(parts.get("files", ()), name) if isinstance(parts, dict) else []


def override(recipe: Recipe, overrides: Mapping[str, object]) -> Recipe:
    """A recipe with fields replaced, as `load_recipe` replaces them."""
    fields = list(recipe_fields())
    for name in overrides:
        if name not in fields and name not in SHORTHANDS:
            raise UsageError(f"there is no field {name}", nearest(name, [*fields, *SHORTHANDS]))
    replaced = {
        field: value for name, value in overrides.items() for field in SHORTHANDS.get(name, (name,))
    }
    if "schedule.epochs" in replaced and "schedule.images" not in replaced:
        # Images win over epochs, so epochs asked for by name must not lose to a recipe's images.
        replaced["schedule.images"] = 0
    content = recipe.model_dump()
    for field, value in replaced.items():
        *sections, last = field.split(".")
        reduce(getitem, sections, content)[last] = value
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise UsageError(*_sentences(error)) from None


def read_recipe(path: Path) -> Recipe:
    """The recipe that a run keeps of itself. Raises ZerosumError as `load_recipe` does, and where
    it is no longer what was written."""
    with contextlib.suppress(OSError):  # which `load_recipe` tells
        try:
            require_same_toml(read_regular(path))
        except DamagedError as error:
            raise ZerosumError(
                f"{path} is damaged: {error}",
                "put it back as it was (state.json has the command that began the run); where you "
                "changed it on purpose, delete its last line",
            ) from error
    return kept_recipe(parse_recipe(str(path)), str(path), path.parent)


def kept_parts(path: Path) -> list[PartFile]:
    """The files of parts in a run's recipe, not run."""
    return files_in(parse_recipe(str(path)), str(path))


def parse_recipe(name_or_path: str) -> dict[str, Any]:
    """The tables of a recipe as they are written, before defaults and checks."""
    if name_or_path in shipped_recipes():
        return tomllib.loads(shipped_text(name_or_path))
    return _parse_file(name_or_path)


def _parse_file(name_or_path: str) -> dict[str, Any]:
    path = user_path(name_or_path)
    try:
        return _with_files(tomllib.loads(read_text(path)), path.parent)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        is_name = path.name == name_or_path
        hint = did_you_mean(name_or_path, shipped_recipes()) if is_name else ""
        if not hint:
            hint = "`zerosum recipes` lists the shipped ones; or give the path of a .toml file"
            if path.suffix != ".toml":
                hint += ", or a folder of pictures: zerosum train --data FOLDER"
        raise UsageError(f"there is no recipe {name_or_path!r}", hint) from error
    except OSError as error:
        raise ZerosumError(
            f"cannot read {path}: {reason(error)}", "give a .toml file that is readable for you"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ZerosumError(
            f"{path} is not a TOML file: {error}",
            "start from a shipped one: `zerosum recipes show dcgan > my.toml`",
        ) from error


def _with_files(tables: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A recipe's tables, where paths of parts are those from its own folder."""
    parts = tables.get("parts")
    if isinstance(parts, dict) and isinstance(files := parts.get("files"), list | str):
        listed = [files] if isinstance(files, str) else files
        parts["files"] = [
            str(folder / user_path(each)) if isinstance(each, str) else each for each in listed
        ]
    return tables


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Write the recipe that a run keeps of itself, with every field and a checksum."""
    write_atomically(path, checked_toml(recipe_to_toml(recipe)).encode())


def later_fields(path: Path) -> list[str]:
    """The fields that came after the version that wrote a run's recipe.toml."""
    return missing_fields(_parse_file(str(path)))


def recipe_to_toml(recipe: Recipe) -> str:
    """Every field of a recipe, defaults written out; files of parts, which may be long, at the
    end."""
    import tomlkit

    content = recipe.model_dump(mode="json")
    parts = content.pop("parts")
    for each in parts["files"]:
        each["text"] = _multiline(each["text"])
    return tomlkit.dumps({**content, "parts": parts})


def _multiline(text: str) -> "String":
    """A text as TOML has it with the fewest escapes."""
    import tomlkit

    plain = "'''" not in text and all(c.isprintable() or c in "\n\t" for c in text)
    if plain and text and text[-1] != "'":
        # TOML drops a line's end that follows the opening quotes: this one, not the text's own.
        return tomlkit.string(f"\n{text}", literal=True, multiline=True)
    return tomlkit.string(text)


def differences(before: Recipe, after: Recipe) -> dict[str, tuple[Any, Any]]:
    """The fields in which two recipes differ: dotted name → (before, after)."""
    pairs = {name: (value_of(before, name), value_of(after, name)) for name in recipe_fields()}
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


def _sentences(error: ValidationError) -> tuple[str, str]:
    """The first thing wrong with a recipe's tables: what, and what to do."""
    details = error.errors()[0]
    fields = recipe_fields()
    parts = [str(part) for part in details["loc"]]
    name = ".".join(parts)
    while parts and name not in fields and details["type"] != "extra_forbidden":
        # A location inside a field, such as the second of two betas, belongs to the field.
        parts.pop()
        name = ".".join(parts)
    if details["type"] == "model_type":
        # A plain value where a table belongs; only a file can have one.
        name = ".".join(map(str, details["loc"]))
        return (
            f"{name} = {details['input']!r} is not allowed: {name} is a section",
            f"write [{name}] and the section's fields below it, each on its line",
        )
    if details["type"] == "extra_forbidden":
        return f"there is no field {name}", nearest(name, list(fields))
    limit = next(iter(details.get("ctx", {}).values()), None)
    message = LIMITS.get(details["type"], "").format(limit) or details["msg"]
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    what, _, remedy = message.partition("; ")
    if not name:
        return what, remedy or "change one of the fields that are named"
    given = details["input"]
    return (
        f"{name} = {given!r} is not allowed: {what}",
        remedy or f"{name}: {fields[name].description}",
    )
