"""Studies from shipped names and files: what is wrong in one is said in two lines."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from zerosum.errors import UsageError, ZerosumError
from zerosum.reading import read_text, reason, user_path
from zerosum.studies.own_parts import with_paths_from
from zerosum.studies.settings import Longer, Study, Table, but_budget, dotted
from zerosum.studies.shipped import shipped_studies, shipped_text
from zerosum.suggest import did_you_mean


def load_study(name_or_path: str, preset: str = "") -> Study:
    """A shipped study or a `.toml` file, as one of its presets says; named after both. Its
    files of parts count from its own folder.

    Raises UsageError when there is none, ZerosumError when it says something wrong.
    """
    name = "-".join(filter(None, (Path(name_or_path).stem, preset)))
    study = parse_study(study_text(name_or_path), name, name_or_path, preset)
    return with_paths_from(study, user_path(name_or_path).parent)


def study_text(name_or_path: str) -> str:
    """The file of a study, with its comments."""
    if name_or_path in shipped_studies():
        return shipped_text(name_or_path)
    path = user_path(name_or_path)
    try:
        return read_text(path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        hint = did_you_mean(name_or_path, shipped_studies())
        raise UsageError(
            f"there is no study {name_or_path!r}",
            hint or "`zerosum study list` lists the shipped ones; or give the path of a .toml file",
        ) from error
    except OSError as error:
        raise ZerosumError(
            f"cannot read {path}: {reason(error)}", "give a .toml file that is readable for you"
        ) from error
    except UnicodeDecodeError as error:
        raise ZerosumError(f"{path} is not a text file: {error}", _START) from error


_START = "start from a shipped one: `zerosum study show bedroom-learning-rate --file > my.toml`"


def parse_study(text: str, name: str, origin: str, preset: str = "") -> Study:
    """A study from its text, as one of its presets says; `origin` is what messages call it."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ZerosumError(f"{origin} is not a TOML file: {error}", _START) from error
    presets = content.pop("preset", {})
    if not _are_presets(presets):
        raise ZerosumError(
            f"{origin}: a preset is a table of what it changes, but for the study's name",
            "write [preset.NAME], and below it a line such as images = 200_000",
        )
    if preset and preset not in presets:
        there = f"it has: {', '.join(presets)}" if presets else "leave --preset out"
        raise UsageError(
            f"{origin} has no preset {preset!r}", did_you_mean(preset, list(presets)) or there
        )
    # All of them, so that a mistake in one shows before somebody asks for it.
    studies = {"": _valid({"name": name, **content}, origin)}
    for each, changes in presets.items():
        changed = {"name": name, **_merged(content, changes), "preset": each}
        studies[each] = _valid(changed, f"{origin}, preset {each}")
    return studies[preset]


def _are_presets(tables: object) -> bool:
    return isinstance(tables, dict) and all(
        isinstance(table, dict) and not {"name", "preset"} & table.keys()
        for table in tables.values()
    )


def _valid(content: Mapping[str, Any], origin: str) -> Study:
    try:
        return Study.model_validate(content)
    except ValidationError as error:
        raise ZerosumError(*_sentences(error, origin)) from error


def _merged(table: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """A table with what another says in place of its own, and so the tables in it. A budget
    replaces each other way to say one."""
    kept = but_budget(table, over)
    for name, value in over.items():
        own = kept.get(name)
        both = isinstance(own, Mapping) and isinstance(value, Mapping)
        kept[name] = _merged(dotted(own), dotted(value)) if both else value
    return kept


def _sentences(error: ValidationError, origin: str) -> tuple[str, str]:
    """What is wrong with a study, and what to do."""
    errors = error.errors()
    # What is written as a table is meant as a range, not as a list that went wrong.
    ranges = (each for each in errors if isinstance(each["input"], dict) and _is_range(each))
    details = next(ranges, errors[0])
    parts = [str(part) for part in details["loc"]]
    name = ".".join(part for part in parts if "Range" not in part and "[" not in part)
    message = details["msg"].removeprefix("Value error, ").removeprefix("Input ")
    message = message.replace("valid tuple", "list")
    if details["type"] == "extra_forbidden":
        last = str(details["loc"][-1])
        hint = did_you_mean(last, [*Study.model_fields, *Table.model_fields, *Longer.model_fields])
        return f"{origin}: there is no {name} in a study", hint or _START
    if details["type"] == "missing":
        return f"{origin} does not say {name}", f"{_example(name)}; or {_START}"
    what, _, remedy = message.partition("; ")
    if not name:
        return f"{origin}: {what}", remedy or _START
    return f"{origin}: {name} = {details['input']!r} is not allowed: {what}", remedy or _START


def _is_range(error: ErrorDetails) -> bool:
    return any("Range" in str(part) for part in error["loc"])


def _example(name: str) -> str:
    examples = {
        "recipe": 'add a line such as recipe = "dcgan"',
        "protocol": 'say how the published number was measured: protocol = "…"',
    }
    return examples.get(name.rpartition(".")[2], f"add {name}")
