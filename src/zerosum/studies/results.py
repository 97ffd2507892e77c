"""What came of the cells and of the settings: read from their run folders, at any time."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from statistics import fmean, stdev

from zerosum.comparing.comparability import Draw, measured_alike
from zerosum.comparing.setting_words import NAME, Value
from zerosum.diagnosis.verdicts import FAILURES
from zerosum.evaluation.likeness import likeness
from zerosum.recipe.phases import images_total
from zerosum.recipe.settings import Recipe
from zerosum.records.logs import ScoreLine, result_of
from zerosum.records.run import DIVERGED, RunFolder
from zerosum.records.run_state import RunState
from zerosum.studies.cells import LONGER, Cell
from zerosum.studies.folder import Attempt, StudyFolder
from zerosum.studies.settings import Published
from zerosum.studies.standing import ENDED, Status, cell_status, ended_short, verdict_in_words


@dataclass(frozen=True)
class CellResult:
    """One run of a study: how it stands and how it scored."""

    cell: Cell
    run: RunFolder
    status: Status
    reason: str
    """Why it failed, was pruned, or has no scores, in one line; "" otherwise."""
    verdict: str
    """The newest verdict on its health, such as "collapsed"; "" where there is none."""
    images: int
    """Real images seen."""
    images_total: int
    """Real images that it will have seen; 0 where it has not begun, or the clock decides."""
    seconds: float
    """Training time, scoring not included."""
    scores: ScoreLine | None
    """The line of scores.jsonl that is its result: values, errors, protocol, floor; None where it
    was not scored."""
    needed_steps: int = 0
    """The generator steps that its recipe needs, where it ended before these; 0 otherwise."""

    def value(self, score: str) -> float | None:
        """The value of a score; None where it was not measured."""
        return None if self.scores is None else self.scores.value(score)

    @property
    def health(self) -> str:
        """Its verdict as tables tell it."""
        return verdict_in_words(self.verdict, short=self.needed_steps > 0)

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status in ENDED

    @property
    def row(self) -> dict[str, object]:
        """All of it by name: the cell, its axes and seed, how it stands, real images seen, seconds
        of training, and each score with its error as `fid_error`."""
        found: dict[str, object] = {"cell": self.cell.name, **self.cell.axes}
        found |= {"seed": self.cell.seed, "status": self.status, "health": self.health}
        found |= {"images_seen": self.images, "seconds": self.seconds}
        scores = {} if self.scores is None else self.scores.ranked
        for name, score in scores.items():
            found |= {name: score["value"], f"{name}_error": score["error"]}
        return found


def read_results(folder: StudyFolder, cells: Iterable[Cell]) -> list[CellResult]:
    """How each cell stands now, in the order given."""
    attempts = folder.attempts()
    return [read_result(folder, cell, attempts.get(cell.name, Attempt())) for cell in cells]


def read_result(folder: StudyFolder, cell: Cell, attempt: Attempt | None = None) -> CellResult:
    """How one cell stands; `attempt` is how its last noted turn ended."""
    run = folder.run(cell.name)
    state = run.state()
    result = result_of(run.scores())
    status, reason = cell_status(run, state, cell.minutes, result is not None, attempt or Attempt())
    by_clock, needed_steps = cell.minutes > 0, 0
    if status == "finished":
        recipe = cell.settings()
        if not by_clock and _wants_more(recipe, state):
            status, reason = "stopped", ""
        elif ended_short(status, recipe, state):
            needed_steps = recipe.schedule.minimum_steps
    return CellResult(
        cell=cell,
        run=run,
        status=status,
        reason=reason,
        verdict=run.verdict(),
        images=state.get("images", 0),
        images_total=0 if by_clock else state.get("images_total", 0),
        seconds=state.get("seconds", 0.0),
        scores=result,
        needed_steps=needed_steps,
    )


def _wants_more(recipe: Recipe, state: RunState) -> bool:
    """Whether a cell that is done with the images it was begun with has a larger budget now."""
    begun_with, train = state.get("images_total", 0), state.get("data", {}).get("train", 0)
    return 0 < begun_with < images_total(recipe, train)


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
class SettingResult:
    """The cells that differ in the seed alone: one setting, an entry of a study's table."""

    cells: tuple[CellResult, ...]
    group: int | None
    """The number of the group of cells that were measured alike; None where nothing was scored."""
    scored: tuple[CellResult, ...]
    """Its cells of that group: whose scores are averaged."""
    published: tuple[Published, ...] = ()
    """The published numbers that are of it."""

    @property
    def axes(self) -> Mapping[str, Value]:
        """What tells it from other settings: axis → value."""
        return self.cells[0].cell.axes

    @property
    def published_axes(self) -> Mapping[str, Value]:
        """As `axes`, with recipe and data in any case: what published numbers are matched with."""
        return self.cells[0].cell.published_axes

    @property
    def words(self) -> str:
        """Its axes in words."""
        return self.cells[0].cell.setting or "all cells"

    def values(self, score: str) -> list[float]:
        """The values of a score, one for each seed that has one."""
        found = [cell.value(score) for cell in self.cells]
        return [value for value in found if value is not None]

    def measured(self, score: str) -> Measured:
        """The values of a score of its cells that were measured alike."""
        lines = [cell.scores for cell in self.scored if cell.scores is not None]
        there = [line.scores[score] for line in lines if score in line.scores]
        found = [
            (value, each["error"])
            for each in there
            if (value := each["value"]) is not None and isfinite(value)
        ]
        return Measured(
            tuple(value for value, _ in found), found[0][1] if len(found) == 1 else None
        )

    @cached_property
    def standing(self) -> tuple[str, ...]:
        """How the cells stand that have no score, such as "diverged" or "running 40 %"; those that
        stand alike once, with their number."""
        scored = {cell.cell.name for cell in self.scored}
        found = Counter(standing_of(cell) for cell in self.cells if cell.cell.name not in scored)
        return tuple(text if count == 1 else f"{count} × {text}" for text, count in found.items())

    @property
    def marks(self) -> tuple[str, ...]:
        """What goes wrong in cells that have a score: "collapsed", or "collapsed in 1 of 3"."""
        found = Counter(cell.verdict for cell in self.scored if cell.verdict in FAILURES)
        every = len(self.scored)
        return tuple(
            verdict if count == every else f"{verdict} in {count} of {every}"
            for verdict, count in found.items()
        )

    @cached_property
    def like(self) -> bool | None:
        """Whether the images of any of its cells are like the data; None where that cannot be
        told."""
        found = [likeness(cell.scores).like for cell in self.scored if cell.scores is not None]
        if True in found:
            return True
        return None if not found or None in found else False

    @property
    def longer(self) -> bool:
        """Whether it was trained once more, for longer."""
        return LONGER in self.axes

    @property
    def beside(self) -> bool:
        """Whether it is outside of the grid."""
        return self.longer or NAME in self.axes


def by_setting(results: Iterable[CellResult]) -> list[SettingResult]:
    """Cells that differ in the seed alone, together; settings in the order of their first cell. Of
    a setting that was measured in several ways, those cells are scored that most of it is of."""
    every = list(results)
    draws = [Draw(each.cell.data, each.cell.seed) for each in every]
    groups = measured_alike([each.scores for each in every], draws)
    numbers = {place: number for number, group in enumerate(groups) for place in group}
    settings: dict[str, list[int]] = {}
    for place, each in enumerate(every):
        settings.setdefault(repr(dict(each.cell.axes)), []).append(place)
    found = []
    for places in settings.values():
        own = [numbers[place] for place in places if place in numbers]
        most = max(dict.fromkeys(own), key=own.count, default=None)
        scored = (every[place] for place in places if place in numbers and numbers[place] == most)
        found.append(SettingResult(tuple(every[place] for place in places), most, tuple(scored)))
    return found


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
