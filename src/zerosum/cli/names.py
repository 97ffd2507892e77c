"""What a user may give for a run, a study or images: paths, and names without runs/ or studies/.

Told at once, before the seconds that importing torch takes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import click

from zerosum.cli.known import Known, Listed, unnamed
from zerosum.errors import ZerosumError
from zerosum.reading import user_path
from zerosum.records.runs import (
    named_path,
    named_run,
    near_names,
    run_names,
    study_names,
    unknown_run,
)


class RunName(Listed, click.ParamType[Path]):
    """A run, by its path or its name: `runs/demo` or `demo`; checkpoints of it likewise."""

    name, title = "run", "runs here, newest first"
    paths: Literal["file", "dir"] = "dir"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,  # noqa: ARG002
    ) -> Path:
        return named_run(value)

    def known(self) -> Known:
        return unnamed(run_names())


class RunOrStudyName(RunName):
    """A run, or a study: its folder, its name, or the file that it was run from."""

    name, title = "run or study", "runs and studies here"
    paths: Literal["file", "dir"] = "file"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,  # noqa: ARG002
    ) -> Path:
        from zerosum.studies.shipped import shipped_studies

        path = named_path(value)
        if not path.exists() and str(value) not in shipped_studies():
            raise unknown_run(value, "run and no study", run_names() + study_names())
        return path

    def known(self) -> Known:
        return unnamed(run_names() + study_names())


class FolderOfRuns(RunName):
    """A folder in which runs may lie, by its path; also a study, or a folder in runs/, by name."""

    name, title = "folder", "studies here"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,  # noqa: ARG002
    ) -> Path:
        path = named_path(value)
        if not path.exists():
            near = near_names(str(value), study_names())
            remedy = near or "give a folder in which there are runs, or a study"
            raise ZerosumError(f"there is no folder at {value}", remedy)
        if not path.is_dir():
            raise ZerosumError(f"{path} is a file", "give a folder in which there are runs")
        return path

    def known(self) -> Known:
        return unnamed(study_names())


class RunOrImages(Listed, click.ParamType[str]):
    """A run or a checkpoint of it, or images: a folder, an archive or a place in it, a set's name.

    What is there under the path itself wins over what lies in runs/ under that name, and a run over
    a set of images that is known by name.
    """

    name, title = "run or images", "runs here, newest first"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,  # noqa: ARG002
    ) -> str:
        path = named_path(value)
        if path.exists():
            # As it was given, where it is the path itself: ./digits is no digits.
            return str(value) if path == user_path(value) else str(path)
        require_images(str(value), run_names())
        return str(value)

    def known(self) -> Known:
        return unnamed(run_names())


def require_images(text: str, runs: Sequence[str] | None = None) -> None:
    """Raise ZerosumError where nothing is at a path, no archive is above it, and it is no set's
    name: with the names that may have been meant, also of the `runs` where one may be given."""
    path = user_path(text)
    if path.exists() or any(each.is_file() for each in path.parents):
        return
    from zerosum.data.sources import NAMES

    if text in NAMES:
        return
    near = near_names(text.removeprefix("runs/"), [*(runs or ()), *NAMES])
    run = "" if runs is None else f"a run{' (`zerosum runs` lists them)' if runs else ''}, or "
    remedy = f"{near} give {run}a folder or archive of images".strip()
    raise ZerosumError(f"there is nothing at {text}", remedy)
