"""The shipped recipes: one TOML file each, whose header names its source and what differs.

Nothing here needs more than the standard library, so that listing them is immediate.
"""

from importlib import resources


def shipped_recipes() -> list[str]:
    """The names of the shipped recipes, sorted."""
    files = resources.files(__name__).iterdir()
    return sorted(file.name[: -len(".toml")] for file in files if file.name.endswith(".toml"))


def shipped_text(name: str) -> str:
    """The file of a shipped recipe, with its comments."""
    return resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


def headline(text: str) -> str:
    """The first line of a recipe's header: what it is, in one line."""
    return text.partition("\n")[0].removeprefix("#").strip()
