"""The shipped studies: one TOML file each, whose header says what was published and where.

Nothing here needs more than the standard library, so that listing them is immediate.
"""

from importlib import resources


def shipped_studies() -> list[str]:
    """The names of the shipped studies, sorted."""
    files = resources.files(__name__).iterdir()
    return sorted(file.name[: -len(".toml")] for file in files if file.name.endswith(".toml"))


def shipped_text(name: str) -> str:
    """The file of a shipped study, with its comments."""
    return resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
