"""Which cell comes next: those of the grid in their order, then those that train longer."""

from collections.abc import Sequence
from typing import Any, Protocol

from zerosum.studies.cells import LONGER, Cell, cells_of, longer_cell, only
from zerosum.studies.folder import StudyFolder
from zerosum.studies.ranking import rankings
from zerosum.studies.recorded import all_cells, record_cell, recorded_cells
from zerosum.studies.results import CellResult, SettingResult, by_setting, read_results
from zerosum.studies.settings import Study


class CellQueue(Protocol):
    """Hands out the cells of a study."""

    def next(self, running: Sequence[Cell]) -> Cell | None:
        """The next cell; None when there is none, or none until one of the running ones ends."""

    def rivals(self, cell: Cell) -> Sequence[str]:
        """The names of the cells that a cell may be held against, so as to stop the poor ones."""


class GridQueue:
    """Every cell of the grid that has not ended, then the best ones for longer."""

    def __init__(self, study: Study, folder: StudyFolder, words: tuple[str, ...] = ()) -> None:
        self.study, self.folder, self.words = study, folder, words
        self.cells = all_cells(study, folder)
        self.given: set[str] = set()

    def next(self, running: Sequence[Cell]) -> Cell | None:
        if (cell := take(self.folder, only(self.cells, self.words), self.given)) is not None:
            return cell
        if not running and self.study.longer is not None and self._begin_longer():
            self.cells = all_cells(self.study, self.folder)
            return self.next(running)
        return None

    def rivals(self, cell: Cell) -> Sequence[str]:
        return rivals(self.cells, cell)

    def _begin_longer(self) -> bool:
        """Choose what is trained for longer, once, when every cell of the grid has ended."""
        assert self.study.longer is not None
        recorded = recorded_cells(self.folder)
        grid = cells_of(self.study)
        results = read_results(self.folder, grid)
        if recorded or not all(result.ended for result in results):
            return False
        for setting in best_settings(by_setting(results), self.study):
            for each in setting.cells:
                record_cell(self.folder, longer_cell(each.cell, self.study.longer), LONGER)
        return bool(recorded_cells(self.folder))


def take(folder: StudyFolder, cells: Sequence[Cell], given: set[str]) -> Cell | None:
    """The first of the cells that has not had its turn, by its name in `given`, and that something
    can still come of; it has had its turn then."""
    left = [cell for cell in cells if cell.name not in given]
    for result in read_results(folder, left):
        if may_go_on(result):
            given.add(result.cell.name)
            return result.cell
    return None


def may_go_on(result: CellResult) -> bool:
    """Whether a cell has something left to do: one that failed for a reason outside of its
    training is tried again."""
    if result.status == "failed":
        return result.run.state().get("status") != "failed"
    if result.status == "finished" and result.scores is None and not result.reason:
        return result.cell.settings().evaluation.images > 0
    return not result.ended


def best_settings(settings: Sequence[SettingResult], study: Study) -> list[SettingResult]:
    """Of each value of the axes in longer.best_of, the setting with the best mean score; where not
    all were measured alike, the best of each kind."""
    assert study.longer is not None
    best: dict[tuple[Any, ...], list[SettingResult]] = {}
    for setting in settings:
        if not setting.beside and setting.group is not None:
            values = (setting.published_axes[axis] for axis in study.longer.best_of)
            best.setdefault((setting.group, *values), []).append(setting)
    ranked = [rankings(found, study.table.score) for found in best.values()]
    return [ranking.entries[0] for each in ranked for ranking in each]


def rivals(cells: Sequence[Cell], cell: Cell) -> list[str]:
    """The cells of the same images and budget, but itself."""

    def budget(each: Cell) -> tuple[object, ...]:
        schedule = each.settings().schedule
        return each.data, schedule.images, schedule.epochs, LONGER in each.axes

    return [
        other.name for other in cells if other.name != cell.name and budget(other) == budget(cell)
    ]


def study_results(folder: StudyFolder) -> list[CellResult]:
    """How each cell of a study stands now. Raises ZerosumError where there is no study."""
    return read_results(folder, all_cells(folder.study(), folder))
