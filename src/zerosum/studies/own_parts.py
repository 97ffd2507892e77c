"""Files of parts in a study: it keeps their texts, so that all of its cells train with the same."""

from collections.abc import Mapping
from pathlib import Path

from zerosum.errors import ZerosumError
from zerosum.files import write_atomically
from zerosum.parts import trust
from zerosum.recipe.fields import SHORTHANDS
from zerosum.recipe.parts import PartFile, kept_files, kept_text
from zerosum.studies.cells import Cell
from zerosum.studies.folder import StudyFolder
from zerosum.studies.settings import Study

SHORT = "with"
[FIELD] = SHORTHANDS[SHORT]


def with_texts(study: Study) -> Study:
    """A study whose settings hold the texts of the files that they name. Raises ZerosumError where
    one cannot be read."""
    settings = dict(study.settings)
    for name in (SHORT, FIELD):
        if name in settings:
            given = settings.pop(name)
            files = given if isinstance(given, tuple | list) else (given,)
            settings[FIELD] = tuple(
                each if isinstance(each, Mapping) else kept_text(each) for each in files
            )
    return study.model_copy(update={"settings": settings})


def file_names(study: Study) -> list[str]:
    """The names of the files whose texts a study keeps."""
    return [each.name for each in _kept(study.settings)]


def _kept(settings: Mapping[str, object]) -> list[PartFile]:
    return kept_files(settings.get(FIELD, ()), "the study")


def files_for(folder: StudyFolder, cell: Cell) -> list[Path]:
    """The files that the command of a cell names, written into the study's folder where they are
    not there yet. Whoever trains its cells, on whatever machine, may run them: the study's own user
    named them."""
    kept: list[Path] = []
    for each in _kept(cell.overrides):
        place = folder.parts / each.sha256[:12] / each.name
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
