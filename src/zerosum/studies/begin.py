"""Whether a study may go on in a folder, and what will run there."""

from pathlib import Path

from zerosum.errors import UsageError, ZerosumError
from zerosum.records.run import slug
from zerosum.records.runs import STUDIES
from zerosum.studies.cells import Cell, cells_of
from zerosum.studies.folder import StudyFolder
from zerosum.studies.settings import Study
from zerosum.training.place import changed_settings


def study_folder(study: Study, out: Path | None) -> StudyFolder:
    """`out`, or studies/NAME."""
    return StudyFolder(out if out is not None else STUDIES / slug(study.name))


def begin_study(folder: StudyFolder, study: Study, text: str) -> None:
    """Write down what will run in a folder; `text` is its file, comments included.

    More seeds, values or images are allowed. Raises ZerosumError where the folder holds something
    else, or a study whose cells of the same name were set otherwise.
    """
    if folder.exists():
        before = folder.study()
        if before.drawn == study.drawn and not study.drawn:
            _require_same_cells(folder, cells_of(before), cells_of(study))
    elif folder.path.exists() and not folder.path.is_dir():
        raise ZerosumError(f"{folder.path} is a file", "choose another folder with --out")
    elif folder.path.exists() and any(entry.name != ".lock" for entry in folder.path.iterdir()):
        raise ZerosumError(
            f"{folder.path} is not empty and not a study", "choose another folder with --out"
        )
    folder.write_study(study, text)


def _require_same_cells(folder: StudyFolder, before: list[Cell], after: list[Cell]) -> None:
    known = {cell.name: cell for cell in before}
    for cell in after:
        old = known.get(cell.name)
        if old is None or not folder.run(cell.name).exists():
            continue
        changed = changed_settings(old.settings(), cell.settings(), longer=True)
        if (old.recipe, old.data) != (cell.recipe, cell.data):
            changed.append(f"{old.recipe} on {old.data} → {cell.recipe} on {cell.data}")
        if changed:
            raise ZerosumError(
                f"{folder.path} began with other settings: cell {cell.name}: {'; '.join(changed)}",
                "leave them as they were to go on, or choose another --out",
            )
        if _is_shorter(old, cell):
            raise ZerosumError(
                f"{folder.path} began with a larger budget: cell {cell.name}",
                "give at least as much, or choose another --out",
            )


def _is_shorter(before: Cell, after: Cell) -> bool:
    """Whether a budget in the same unit became smaller."""
    old, new = before.settings().schedule, after.settings().schedule
    if old.images and new.images:
        return new.images < old.images
    if not old.images and not new.images:
        return new.epochs < old.epochs
    return after.minutes < before.minutes


def require_data(cells: list[Cell]) -> None:
    """Raise UsageError for a cell that does not say which images."""
    for cell in cells:
        if not cell.data and not cell.settings().data.source:
            raise UsageError(
                f"recipe {cell.recipe} does not say which images, nor does the study",
                'add --data FOLDER, or data = "…" to the study',
            )


def require_scores_on_the_way(cells: list[Cell]) -> None:
    """Raise UsageError where a cell is scored at its end alone, so that none could be stopped."""
    for cell in cells:
        schedule = cell.settings().schedule
        if not schedule.evaluate_every:
            raise UsageError(
                f"--prune needs scores on the way, and cell {cell.name} is scored at its end alone",
                "add --schedule.evaluate_every N: images between scores, a fifth of the budget say",
            )
