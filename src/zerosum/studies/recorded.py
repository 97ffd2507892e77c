"""Which cells a study has: those of its file, and those that were chosen on the way.

It needs no torch: `zerosum runs` counts them.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from zerosum.errors import ZerosumError
from zerosum.records.lines import append_line, read_lines
from zerosum.records.runs import is_run
from zerosum.studies.cells import Cell, cells_of
from zerosum.studies.folder import StudyFolder
from zerosum.studies.settings import Study

OF_CELLS: dict[str, type] = {"kind": str, "cell": dict}
"""Fields that each line of cells.jsonl has."""
DRAWN = "drawn"


def all_cells(study: Study, folder: StudyFolder) -> list[Cell]:
    """The cells of a study's file and those that were chosen on the way; of a study whose settings
    are drawn, those that were drawn so far."""
    lines = read_lines(folder.cells_file, OF_CELLS)
    recorded = [_from_line(line) for line in lines]
    if study.drawn or any(line["kind"] == DRAWN for line in lines):
        return recorded
    return cells_of(study) + recorded


def recorded_cells(folder: StudyFolder) -> list[Cell]:
    """The cells that were chosen on the way, oldest first."""
    return [_from_line(line) for line in read_lines(folder.cells_file, OF_CELLS)]


def not_begun(folder: StudyFolder) -> int:
    """How many of a study's cells have no run yet; 0 where its file cannot be read."""
    try:
        cells = all_cells(folder.study(), folder)
    except ZerosumError:
        return 0
    return sum(not is_run(folder.run(cell.name).path) for cell in cells)


def record_cell(folder: StudyFolder, cell: Cell, kind: str) -> None:
    """Note a cell that is not in the study's file."""
    append_line(folder.cells_file, {"kind": kind, "cell": asdict(cell)})


def _from_line(line: Mapping[str, Any]) -> Cell:
    """A cell as it was recorded; JSON knows lists alone where pairs of betas were."""
    fields = dict(line["cell"])
    for table in ("axes", "published_axes", "overrides"):
        fields[table] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in fields[table].items()
        }
    return Cell(**fields)
