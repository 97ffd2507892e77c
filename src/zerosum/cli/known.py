"""What can be named on the command line: recipes, images, studies, runs. How names are understood
and completed, and listed where one is missing.

Wrong names are refused at once, before the seconds that importing torch takes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click

from zerosum.cli.terminal import echo, help_width
from zerosum.cli.values import Known, Value, unnamed
from zerosum.errors import UsageError, ZerosumError
from zerosum.named_sets import NAMED_SETS
from zerosum.reading import user_path
from zerosum.records.runs import (
    named_path,
    named_run,
    near_names,
    run_names,
    study_names,
    unknown_run,
)
from zerosum.visible import shell_word

Paths = Literal["", "file", "dir"]
MOST_LISTED = 20


class Name(Value[str]):
    """A name of some that are known, or a path."""

    paths: Paths = "file"

    def read(self, text: str) -> str:
        return text


class RecipeName(Name):
    """A shipped recipe, or a .toml file."""

    name, title = "recipe", "recipes"

    def known(self) -> Known:
        from zerosum.recipe.shipped import headline, shipped_recipes, shipped_text

        return [(name, headline(shipped_text(name))) for name in shipped_recipes()]

    def read(self, text: str) -> str:
        from zerosum.recipe.shipped import shipped_recipes

        path = user_path(text)
        if (path / "recipe.toml").is_file():
            raise UsageError(
                f"{text} is a run, and a recipe is asked for",
                f"to train it on write: zerosum train --out {shell_word(text)}",
            )
        images = path.is_dir() or path.suffix in (".zip", ".tar", ".tgz", ".gz", ".parquet")
        if text not in shipped_recipes() and (text in NAMED_SETS or (images and path.exists())):
            raise UsageError(
                f"{text} names images, and a recipe says how to train on them",
                f"write: zerosum train --data {shell_word(text)}",
            )
        return text


class DataName(Name):
    """Images: a set that is known by name, a folder or an archive."""

    name, title = "data", "images by name, beside folders, zips and tars of your own"

    def known(self) -> Known:
        return list(NAMED_SETS.items())


class StudyName(Name):
    """A shipped study, a .toml file, or the folder of a study."""

    name, title = "study", "studies"

    def known(self) -> Known:
        from zerosum.recipe.shipped import headline
        from zerosum.studies.shipped import shipped_studies, shipped_text

        return [(name, headline(shipped_text(name))) for name in shipped_studies()]


class RunName(Value[Path]):
    """A run, by its path or its name: `runs/demo` or `demo`; checkpoints of it likewise."""

    name, title = "run", "runs here, newest first"
    paths: Paths = "dir"

    def read(self, text: str) -> Path:
        return named_run(text)

    def known(self) -> Known:
        return unnamed(run_names())


class RunOrStudyName(Value[Path]):
    """A run, or a study: its folder, its name, or the file that it was run from."""

    name, title = "run or study", "runs and studies here"
    paths: Paths = "file"

    def read(self, text: str) -> Path:
        from zerosum.studies.shipped import shipped_studies

        path = named_path(text)
        if not path.exists() and text not in shipped_studies():
            raise unknown_run(text, "run and no study", run_names() + study_names())
        return path

    def known(self) -> Known:
        return unnamed(run_names() + study_names())


class FolderOfRuns(Value[Path]):
    """A folder in which runs may lie, by its path; also a study, or a folder in runs/, by name."""

    name, title = "folder", "studies here"
    paths: Paths = "dir"

    def read(self, text: str) -> Path:
        path = named_path(text)
        if not path.exists():
            near = near_names(text, study_names())
            remedy = near or "give a folder in which there are runs, or a study"
            raise ZerosumError(f"there is no folder at {text}", remedy)
        if not path.is_dir():
            raise ZerosumError(f"{path} is a file", "give a folder in which there are runs")
        return path

    def known(self) -> Known:
        return unnamed(study_names())


class RunOrImages(Value[str]):
    """A run or a checkpoint of it, or images: a folder, an archive or a place in it, a set's name.

    What is there under the path itself wins over what lies in runs/ under that name, and a run over
    a set of images that is known by name.
    """

    name, title = "run or images", "runs here, newest first"
    paths: Paths = "file"

    def read(self, text: str) -> str:
        path = named_path(text)
        if path.exists():
            # As it was given, where it is the path itself: ./digits is no digits.
            return text if path == user_path(text) else str(path)
        require_images(text, run_names())
        return text

    def known(self) -> Known:
        return unnamed(run_names())


def require_images(text: str, runs: Sequence[str] | None = None) -> None:
    """Raise ZerosumError where nothing is at a path, no archive is above it, and it is no set's
    name: with the names that may have been meant, also of the `runs` where one may be given."""
    path = user_path(text)
    if path.exists() or any(each.is_file() for each in path.parents) or text in NAMED_SETS:
        return
    near = near_names(text.removeprefix("runs/"), [*(runs or ()), *NAMED_SETS])
    run = "" if runs is None else f"a run{' (`zerosum runs` lists them)' if runs else ''}, or "
    remedy = f"{near} give {run}a folder or archive of images".strip()
    raise ZerosumError(f"there is nothing at {text}", remedy)


def listed(title: str, known: Known) -> list[str]:
    """A list of names with what they are, a line each, as wide as the terminal."""
    if not known:
        return []
    shown, width = known[:MOST_LISTED], max(len(name) for name, _ in known[:MOST_LISTED])
    lines = [f"  {name:<{width}}  {what}".rstrip() for name, what in shown]
    if len(known) > len(shown):
        lines.append(f"  … and {len(known) - len(shown):,} more")
    return [f"{title}:", *(_cut(line) for line in lines)]


def _cut(line: str) -> str:
    width = help_width()
    return line if len(line) <= width else f"{line[: width - 1].rstrip()}…"


def write_table(known: Known) -> None:
    """Print names with what they are, in two columns as wide as the terminal."""
    formatter = click.HelpFormatter(width=help_width())
    formatter.write_dl(known)
    echo(formatter.getvalue().rstrip())


def lists_for(missing: click.Parameter, ctx: click.Context | None) -> list[str]:
    """What may be given for a parameter that is missing, and for --data beside a recipe."""
    lines: list[str] = []
    for each in (missing, *_data_beside(missing, ctx)):
        if isinstance(each.type, Value) and each.type.title:
            lines += ["", *listed(each.type.title, each.type.known())]
    return lines


def _data_beside(missing: click.Parameter, ctx: click.Context | None) -> list[click.Parameter]:
    if ctx is None or not isinstance(missing.type, RecipeName):
        return []
    params = ctx.command.get_params(ctx)
    return [each for each in params if isinstance(each.type, DataName)]
