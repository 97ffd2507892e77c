"""What came of the cells: read from their run folders, at any time."""

from collections.abc import Iterable
from dataclasses import dataclass

from zerosum.errors import ZerosumError
from zerosum.recipe import read_recipe
from zerosum.records.result import result_of
from zerosum.records.run import RunFolder
from zerosum.records.run_state import RunState
from zerosum.records.score_line import ScoreLine
from zerosum.studies.cells import Cell
from zerosum.studies.folder import Attempt, StudyFolder
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
    by_clock = cell.minutes > 0
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
        needed_steps=_needed_steps(run, status, state),
    )


def _needed_steps(run: RunFolder, status: Status, state: RunState) -> int:
    """The generator steps that a run's recipe needs, where it ended before these; 0 otherwise, and
    where its recipe cannot be read, which its own page says."""
    if status != "finished":
        return 0
    try:
        recipe = read_recipe(run.recipe_file)
    except ZerosumError:
        return 0
    return recipe.schedule.minimum_steps if ended_short(status, recipe, state) else 0
