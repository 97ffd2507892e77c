"""The shipped recipes: one TOML file each, whose header names its source and what differs.

Nothing here needs more than the standard library, so that listing them is immediate.
"""

import shlex
from importlib import resources


def shipped_recipes() -> list[str]:
    """The names of the shipped recipes, sorted."""
    files = resources.files(__name__).iterdir()
    return sorted(file.name[: -len(".toml")] for file in files if file.name.endswith(".toml"))


def shipped_text(name: str) -> str:
    """The file of a shipped recipe, with its comments."""
    return resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


def recipe_in(command: str) -> str:
    """The recipe that the text of a command `zerosum train …` names: a shipped one, or the path of
    a file; "" where it is no such command, as what Python code noted may be."""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    if words[:2] != ["zerosum", "train"]:
        return ""
    shipped = shipped_recipes()
    named = (word for word in words[2:] if word in shipped or word.endswith(".toml"))
    return next(named, "")


def shipped_name(command: str) -> str:
    """The shipped recipe that the text of a command `zerosum train …` names; "" for any other."""
    name = recipe_in(command)
    return name if name in shipped_recipes() else ""


def headline(text: str) -> str:
    """The first line of a recipe's header: what it is, in one line."""
    return text.partition("\n")[0].removeprefix("#").strip()
