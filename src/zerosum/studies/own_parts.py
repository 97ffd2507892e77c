"""Files of parts in a study: it keeps their texts, so that all of its cells train with the same."""

from collections.abc import Mapping
from pathlib import Path

from zerosum.errors import ZerosumError
from zerosum.files import write_atomically
from zerosum.parts import owner
from zerosum.reading import user_path
from zerosum.recipe.parts import PartFile, PartsSettings, kept_files, kept_text
from zerosum.recipe.scores import SCORES
from zerosum.studies.cells import Cell
from zerosum.studies.folder import StudyFolder
from zerosum.studies.settings import FIELD, SHORT, Study, unknown_score
from zerosum.trust import trust


def with_paths_from(study: Study, folder: Path) -> Study:
    """A study whose settings name files by paths that count from a folder: that of its file."""
    return _with_files(
        study,
        tuple(
            str(folder / user_path(each)) if isinstance(each, str) else each
            for each in _files(study)
        ),
    )


def with_texts(study: Study) -> Study:
    """A study whose settings hold the texts of the files that they name. Raises ZerosumError where
    one cannot be read, or none has the score of its table."""
    score = study.table.score
    files = tuple(
        each if isinstance(each, Mapping) else kept_text(str(each)) for each in _files(study)
    )
    ours = score in SCORES and not owner("score", score)
    if not ours and score not in PartsSettings.model_validate({"files": files}).brought("score"):
        what, _, remedy = unknown_score(score).partition("; ")
        raise ZerosumError(f"study {study.name}: {what}", remedy)
    return _with_files(study, files)


def _files(study: Study) -> tuple[object, ...]:
    given = study.settings.get(FIELD, ())
    return tuple(given) if isinstance(given, tuple | list) else (given,)


def _with_files(study: Study, files: tuple[object, ...]) -> Study:
    settings = {name: value for name, value in study.settings.items() if name != FIELD}
    return study.model_copy(update={"settings": settings | ({FIELD: files} if files else {})})


def with_file_names(study: Study) -> Study:
    """A study whose settings have, of files with parts, their names alone: for people."""
    names = tuple(
        str(each["name"]) if isinstance(each, Mapping) else Path(str(each)).name
        for each in _files(study)
    )
    settings = dict(_with_files(study, ()).settings)
    return study.model_copy(update={"settings": settings | ({SHORT: names} if names else {})})


def kept_at(folder: StudyFolder, study: Study) -> list[Path]:
    """Where the study's folder has the files that its cells are trained with."""
    return [_place(folder, each) for each in _kept(study.settings)]


def _place(folder: StudyFolder, file: PartFile) -> Path:
    return folder.parts / file.sha256[:12] / file.name


def _kept(settings: Mapping[str, object]) -> list[PartFile]:
    return kept_files(settings.get(FIELD, ()), "the study")


def files_for(folder: StudyFolder, cell: Cell) -> list[Path]:
    """The files that the command of a cell names, written into the study's folder where they are
    not there yet. Whoever trains its cells, on whatever machine, may run them: the study's own user
    named them."""
    kept: list[Path] = []
    for each in _kept(cell.overrides):
        place = _place(folder, each)
        if "," in str(place.absolute()):
            raise ZerosumError(
                f"{place.absolute()} has a comma, which stands between the files of --{SHORT}",
                "give the file a name, and --out a folder, without one",
            )
        if not place.is_file():
            write_atomically(place, each.text.encode())
        trust(each.text)
        kept.append(place.absolute())
    return kept
