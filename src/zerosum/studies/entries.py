"""What stands in a table for one setting: its scores over seeds, and how its cells stand."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from zerosum.comparing.comparability import Draw, measured_alike
from zerosum.comparing.setting_words import NAME
from zerosum.diagnosis.verdicts import FAILURES
from zerosum.evaluation.likeness import likeness
from zerosum.records.run import DIVERGED
from zerosum.studies.cells import LONGER
from zerosum.studies.published import is_of
from zerosum.studies.results import CellResult, SettingResult
from zerosum.studies.settings import Published


@dataclass(frozen=True)
class Measured:
    """One score of one setting."""

    values: tuple[float, ...]
    """Of each seed that has one, in the order of the cells; finite."""
    error: float | None
    """The score's own error where one seed has one; None with more seeds, or where it has none."""

    @property
    def mean(self) -> float | None:
        """Over the seeds; None without a value."""
        return fmean(self.values) if self.values else None

    @property
    def spread(self) -> float | None:
        """The sample standard deviation over the seeds; None with fewer than two."""
        return stdev(self.values) if len(self.values) > 1 else None

    @property
    def bar(self) -> float | None:
        """The spread of several seeds; of one, the score's own error."""
        return self.spread if len(self.values) > 1 else self.error


@dataclass(frozen=True)
class Entry:
    """One setting in a table."""

    setting: SettingResult
    group: int | None
    """The number of the group of cells that were measured alike; None where nothing was scored."""
    cells: tuple[CellResult, ...]
    """Its cells of that group: whose scores are averaged."""
    standing: tuple[str, ...]
    """How the cells stand that have no score, such as "diverged" or "running 40 %"; those that
    stand alike once, with their number."""
    marks: tuple[str, ...]
    """What goes wrong in cells that have a score: "collapsed", or "collapsed in 1 of 3"."""
    published: tuple[Published, ...] = ()
    """The published numbers that are of it."""

    def measured(self, score: str) -> Measured:
        """The values of a score of its cells."""
        there = [cell for cell in self.cells if _finite(cell.value(score))]
        values = tuple(float(cell.value(score) or 0.0) for cell in there)
        error = None
        if len(there) == 1 and there[0].scores is not None:
            error = there[0].scores.scores[score]["error"]
        return Measured(values, None if error is None else float(error))

    @property
    def like(self) -> bool | None:
        """Whether the images of any of its cells are like the data; None where that cannot be
        told."""
        found = [likeness(cell.scores).like for cell in self.cells if cell.scores is not None]
        if True in found:
            return True
        return None if not found or None in found else False

    @property
    def longer(self) -> bool:
        """Whether it was trained once more, for longer."""
        return LONGER in self.setting.axes

    @property
    def beside(self) -> bool:
        """Whether it is outside of the grid."""
        return self.longer or NAME in self.setting.axes


def entries(settings: Sequence[SettingResult], published: Sequence[Published] = ()) -> list[Entry]:
    """An entry for each setting, in their order, with the published numbers that are of it."""
    every = [cell for setting in settings for cell in setting.cells]
    draws = [Draw(cell.cell.data, cell.cell.seed) for cell in every]
    found = measured_alike([cell.scores for cell in every], draws)
    numbers = {every[place].cell.name: n for n, group in enumerate(found) for place in group}
    made = []
    for setting in settings:
        number, cells = _most(setting, numbers)
        standing = [standing_of(cell) for cell in setting.cells if cell not in cells]
        own = tuple(each for each in published if is_of(each, setting))
        made.append(Entry(setting, number, cells, _counted(standing), _marks(cells), own))
    return made


def _most(
    setting: SettingResult, numbers: Mapping[str, int]
) -> tuple[int | None, tuple[CellResult, ...]]:
    """The number of the group that most of a setting's cells are in, and these cells; None and ()
    where none has scores."""
    own = [numbers[cell.cell.name] for cell in setting.cells if cell.cell.name in numbers]
    if not own:
        return None, ()
    number = max(dict.fromkeys(own), key=own.count)
    return number, tuple(cell for cell in setting.cells if numbers.get(cell.cell.name) == number)


def standing_of(result: CellResult) -> str:
    """How a cell without a usable score stands: "diverged", "failed: reason", "running 40 %",
    "waiting", "pruned", "no score: reason"."""
    if result.status == "failed":
        if diverged(result):
            return DIVERGED
        return f"failed: {result.reason or 'it does not say why'}"
    if result.status == "finished":
        if result.scores is not None:
            return "measured in another way"
        return f"no score: {result.reason}" if result.reason else "no score"
    if result.status in ("running", "stopped"):
        share = progress(result)
        return result.status if share is None else f"{result.status} {share:.0%}".replace("%", " %")
    return result.status


def diverged(result: CellResult) -> bool:
    """Whether a cell failed because its numbers left the finite ones."""
    return result.status == "failed" and (result.verdict == DIVERGED or DIVERGED in result.reason)


def progress(result: CellResult) -> float | None:
    """The share of its training that a cell has done, 0 to 1; None where that is not known."""
    images, seconds = result.run.seen()
    if result.cell.minutes:
        return min(1.0, seconds / (60 * result.cell.minutes))
    return min(1.0, images / result.images_total) if result.images_total else None


def failed_cells(results: Iterable[CellResult]) -> list[CellResult]:
    """The cells from which no score will come: failed, pruned, or finished without one though one
    was wanted."""
    return [
        cell
        for cell in results
        if cell.status in ("failed", "pruned")
        or (cell.status == "finished" and cell.scores is None and cell.reason)
    ]


def _finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _counted(standing: Sequence[str]) -> tuple[str, ...]:
    """Each text once, in order, with its number where it stands for several."""
    return tuple(
        text if number == 1 else f"{number} × {text}" for text, number in Counter(standing).items()
    )


def _marks(cells: Sequence[CellResult]) -> tuple[str, ...]:
    found = Counter(cell.verdict for cell in cells if cell.verdict in FAILURES)
    return tuple(
        verdict if number == len(cells) else f"{verdict} in {number} of {len(cells)}"
        for verdict, number in found.items()
    )
