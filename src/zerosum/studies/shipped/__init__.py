"""The shipped studies: one TOML file each, whose header says what was published and where.

Nothing here needs more than the standard library, so that listing them is immediate.
"""

import tomllib
from collections.abc import Iterable
from importlib import resources


def shipped_studies() -> list[str]:
    """The names of the shipped studies, sorted."""
    files = resources.files(__name__).iterdir()
    return sorted(file.name[: -len(".toml")] for file in files if file.name.endswith(".toml"))


def shipped_text(name: str) -> str:
    """The file of a shipped study, with its comments."""
    return resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


def shipped_presets() -> dict[str, list[str]]:
    """The studies that have a preset, by its name."""
    found: dict[str, list[str]] = {}
    for study in shipped_studies():
        presets: Iterable[str] = tomllib.loads(shipped_text(study)).get("preset", {})
        for preset in presets:
            found.setdefault(preset, []).append(study)
    return found
