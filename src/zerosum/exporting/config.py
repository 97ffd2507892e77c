"""What an exported model says of itself: the config.json of its folder, read without torch."""

import json
import re
from pathlib import Path
from typing import Any

from zerosum.errors import ZerosumError
from zerosum.reading import read_text, reason
from zerosum.recipe.load import files_in, kept_recipe
from zerosum.recipe.parts import PartFile
from zerosum.recipe.settings import Recipe
from zerosum.trust import UntrustedError
from zerosum.versions import versions

CONFIG = "config.json"
AGAIN = "export it again: zerosum export RUN --format hub; or fetch it again"


def is_exported(folder: Path) -> bool:
    """Whether a folder may be that of an exported model."""
    return (folder / CONFIG).is_file()


def read_config(folder: Path) -> dict[str, Any]:
    """The file, with all that `zerosum export` writes. Raises ZerosumError where it is missing,
    damaged or of another program."""
    path = folder / CONFIG
    try:
        config = json.loads(read_text(path))
    except OSError as error:
        raise ZerosumError(f"{path} cannot be read: {reason(error)}", AGAIN) from error
    except ValueError as error:  # also where it is no UTF-8
        raise ZerosumError(f"{path} is no JSON: {error}", AGAIN) from error
    if not isinstance(config, dict) or config.get("library_name") != "zerosum":
        raise ZerosumError(
            f"{path} is not of a model that zerosum exported",
            "give the folder or repository of one: zerosum export RUN --format hub",
        )
    texts = ("run", "checkpoint", "weights", "sha256")
    missing = [name for name in texts if not isinstance(config.get(name), str)]
    missing += [] if isinstance(config.get("recipe"), dict) else ["recipe"]
    if missing:
        raise ZerosumError(f"{path} has no {missing[0]}", AGAIN)
    return config


def recipe_in(config: dict[str, Any], folder: Path) -> Recipe:
    """The recipe of the model in a folder; raises ZerosumError where this version cannot read it,
    and UntrustedError where its parts may not be run here."""
    path, own, other = folder / CONFIG, versions()["zerosum"], str(config.get("zerosum", ""))
    try:
        return kept_recipe(config["recipe"], f"in {path}", folder)
    except UntrustedError:
        raise
    except ZerosumError as error:
        if _numbers(other) <= _numbers(own):
            raise
        what = f"{path} was exported by zerosum {other}, and this is {own}: {error.what}"
        raise ZerosumError(what, "pip install -U zerosum") from error


def parts_in(folder: Path) -> list[PartFile]:
    """The files of parts of the model in a folder, not run."""
    return files_in(read_config(folder)["recipe"], f"in {folder / CONFIG}")


def _numbers(version: str) -> list[int]:
    """The numbers of a version, which are in order where versions are."""
    return [int(each) for each in re.findall(r"\d+", version)]
