"""The runs and studies that lie below a folder, and which of them a user means by a name."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from zerosum.errors import ZerosumError
from zerosum.reading import user_path
from zerosum.records.run import STUDY_FILE, RunFolder
from zerosum.suggest import did_you_mean

RUNS = Path("runs")
"""Where `zerosum train` puts runs that have no --out."""
STUDIES = Path("studies")
"""Where `zerosum study run` puts studies that have no --out."""
CELLS = "cells"
"""The folder of a study in which its runs lie."""
DEEPEST = 4
"""Folders below the one that is searched; a study's runs lie two below the study's own place."""
MOST_NEAR = 3


@dataclass(frozen=True)
class Found:
    """Runs and studies below a folder, each newest first. A study's runs are not among the runs."""

    runs: tuple[Path, ...]
    studies: tuple[Path, ...]


def find_runs(folder: Path = RUNS) -> Found:
    """What was trained below a folder, or is that folder itself; nothing where there is none.

    Of a study's own folder the runs are its cells. Hidden folders, what cannot be looked into, and
    what lies in a run are left out; a run that links lead to stands once. Nothing but the names and
    times of files is read.
    """
    if is_run(folder):
        return Found((folder,), ())
    inside = folder / CELLS if is_study(folder) else folder
    once: dict[Path, Path] = {}
    for path in sorted(_walk(inside, DEEPEST), key=lambda path: path.resolve() != path.absolute()):
        once.setdefault(path.resolve(), path)  # links came last
    newest = sorted(once.values(), key=changed, reverse=True)
    studies = tuple(filter(is_study, newest))
    return Found(tuple(path for path in newest if path not in studies), studies)


def is_study(folder: Path) -> bool:
    """Whether a study was begun in a folder."""
    return _is(folder / STUDY_FILE, Path.is_file)


def is_run(folder: Path) -> bool:
    """Whether a run was begun in a folder, also where its recipe was lost since."""
    run = RunFolder(folder)
    if _is(run.recipe_file, Path.is_file):
        return True
    logs = (run.state_file, run.metrics_file)
    return _is(run.checkpoints, Path.is_dir) and any(_is(log, Path.is_file) for log in logs)


def changed(folder: Path) -> float:
    """When a run, or a study, last wrote down how far it is: seconds since 1970; 0.0 where nobody
    may know."""
    run = RunFolder(folder)
    files = (run.metrics_file, run.state_file, run.recipe_file, folder / STUDY_FILE)
    return max(map(_changed, files))


def run_names() -> list[str]:
    """What may be given for a run: the runs below runs/ without "runs/", newest first, then those
    of studies as STUDY/CELL."""
    names = [short_name(path) for path in find_runs(RUNS).runs]
    for study in find_runs(STUDIES).studies:
        names += [short_name(path) for path in find_runs(study).runs]
    return names


def study_names() -> list[str]:
    """The studies below studies/ without "studies/", newest first."""
    return [short_name(path) for path in find_runs(STUDIES).studies]


def short_name(path: Path) -> str:
    """The shortest name under which `named_path` finds a run or a study: without runs/ or studies/,
    a cell as STUDY/CELL."""
    for folder in (RUNS, STUDIES):
        if path != folder and path.is_relative_to(folder):
            inside = path.relative_to(folder)
            if folder == STUDIES and len(inside.parts) > 2 and inside.parts[1] == CELLS:
                inside = Path(inside.parts[0], *inside.parts[2:])
            return inside.as_posix()
    return str(path)


def named_path(text: str | Path) -> Path:
    """The path that a user means: one that is there, else of what lies in runs/ or studies/ under
    that name (a run, a checkpoint of it, a study, a cell of it as STUDY/CELL); else as it is."""
    path = user_path(text)
    return path if _leads_somewhere(path) else _below(path) or path


def named_run(text: str | Path) -> Path:
    """The folder of the run that a user names, by its path or its name below runs/ or studies/;
    or of a checkpoint of it.

    A run wins over a folder that is none. Raises ZerosumError where nothing is there, with the
    names that are near; not for a checkpoint that its run does not have.
    """
    path = user_path(text)
    if is_run(path):
        return path
    below = _below(path)
    if below is not None and (is_run(below) or not _leads_somewhere(path)):
        return below
    if not _leads_somewhere(path):
        raise unknown_run(text)
    return path


def unknown_run(
    text: str | Path, what: str = "run", known: list[str] | None = None
) -> ZerosumError:
    """The error for a name that is none, with those of the `known` (the runs) that are near."""
    names = run_names() if known is None else known
    if not names:
        there = "there are none here yet: begin one, as with `zerosum train digits`"
        return ZerosumError(f"there is no {what} at {text}", there)
    near = near_names(Path(text).as_posix().removeprefix(f"{RUNS}/"), names)
    if not near and len(names) <= MOST_NEAR:
        return ZerosumError(f"there is no {what} at {text}", f"here there are: {', '.join(names)}")
    return ZerosumError(
        f"there is no {what} at {text}",
        f"{near} `zerosum runs` lists those that are here".strip(),
    )


def near_names(text: str, names: list[str]) -> str:
    """ "did you mean a, b or c?": the names that hold the text, else those most like it; "" where
    none is near."""
    wanted = text.strip("/").casefold()
    holding = [name for name in names if wanted and wanted in name.casefold()][:MOST_NEAR]
    if not holding:
        return did_you_mean(text, names)
    *others, last = holding
    return f"did you mean {' or '.join([', '.join(others), last] if others else [last])}?"


def _below(path: Path) -> Path | None:
    """What lies in runs/ or studies/ under a relative path; None where nothing does."""
    if path.is_absolute() or ".." in path.parts or not path.parts:
        return None
    study, *cell = path.parts
    places = [RUNS / path, STUDIES / path]
    if cell:
        places.append(STUDIES.joinpath(study, CELLS, *cell))
    return next(filter(_leads_somewhere, places), None)


def _leads_somewhere(path: Path) -> bool:
    """Whether something is at a path, or may be where nobody may look, or a run is above it, which
    can tell what it has."""
    try:
        path.lstat()
    except PermissionError:
        return True
    except OSError:
        return any(map(is_run, path.parents))
    return True


def _walk(folder: Path, depth: int, above: frozenset[str] = frozenset()) -> Iterator[Path]:
    """The runs and studies below a folder down to that depth; links are followed, in no circles."""
    above |= {os.path.realpath(folder)}
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".")]
    except OSError:
        return
    for name in names:
        path = folder / name
        if is_run(path) or is_study(path):
            yield path
        elif depth > 1 and _is(path, Path.is_dir) and os.path.realpath(path) not in above:
            yield from _walk(path, depth - 1, above)


def _is(path: Path, kind: Callable[[Path], bool]) -> bool:
    """Whether a path is of a kind; not where nobody may look."""
    try:
        return kind(path)
    except OSError:
        return False


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def find_run(path: Path) -> tuple[RunFolder, str] | None:
    """The run that a path is, or whose checkpoint it is, with the checkpoint's name ("" for none).

    None for any other path.
    """
    run = RunFolder(path)
    if run.exists():
        return run, ""
    above = RunFolder(path.absolute().parent.parent)
    if path.is_dir() and above.exists() and path.absolute().parent == above.checkpoints.absolute():
        return above, path.name
    return None
