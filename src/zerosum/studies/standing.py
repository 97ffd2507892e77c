"""How a run stands: as its training left it, and of a study's cell as the study counts it.

Nobody else decides it. It needs no torch: `zerosum runs` asks for every run that is there.
"""

from dataclasses import dataclass
from typing import Literal

from zerosum.errors import ZerosumError
from zerosum.recipe.changes import budget_words
from zerosum.recipe.length import too_few_steps
from zerosum.recipe.load import read_recipe
from zerosum.recipe.settings import Recipe
from zerosum.records.logs import result_of
from zerosum.records.run import TOO_EARLY, RunFolder
from zerosum.records.run_state import RunState
from zerosum.records.runs import CELLS
from zerosum.studies.cells import minutes_of
from zerosum.studies.folder import Attempt, StudyFolder

Status = Literal["waiting", "running", "stopped", "finished", "pruned", "failed"]
ENDED: tuple[Status, ...] = ("finished", "pruned", "failed")
"""Nothing more comes of such a cell in this study."""


@dataclass(frozen=True)
class Standing:
    """How a run stands, for whoever tells it."""

    status: str
    """A `Status`; "" before its training saved anything."""
    reason: str = ""
    """Why it stopped, failed or was pruned, or which time was up, in one line; "" otherwise."""
    by_clock: bool = False
    """Whether it is a cell whose length is a time, so that it has no number of images to reach."""


def run_standing(run: RunFolder) -> Standing:
    """How a run stands. A study's cell that had its minutes and was scored is finished, though as a
    training it was stopped and could go on; one that its study gave up is pruned or failed.

    Raises ZerosumError where a file of the run is damaged; of a study that cannot be read the cells
    are told as runs.
    """
    state = run.state()
    own = Standing(state.get("status", ""), state.get("reason", ""))
    folder = StudyFolder(run.path.resolve().parent.parent)
    if run.path.resolve().parent.name != CELLS or not folder.exists():
        return own
    name = run.path.resolve().name
    try:
        minutes, attempt = minutes_of(folder.study(), name), folder.attempts().get(name, Attempt())
    except ZerosumError:
        return own
    scored = result_of(run.scores()) is not None
    status, reason = cell_status(run, state, minutes, scored, attempt)
    by_clock = minutes > 0
    if status in ("waiting", "running") or (status == own.status and not reason):
        return Standing(own.status, own.reason, by_clock)
    if status == "finished" and out_of_minutes(minutes, state) and not reason:
        reason = f"its {budget_words(0, 0, minutes)} {'was' if minutes == 1 else 'were'} up"
    return Standing(status, reason, by_clock)


def ended_short(status: str, recipe: Recipe, state: RunState) -> str:
    """Why a finished run can have no good pictures yet, where it had fewer generator steps than
    its recipe needs; "" for all others. `status` is that of its `Standing`."""
    if "train" not in state.get("data", {}) or status != "finished":
        return ""
    return too_few_steps(recipe, int(state.get("step", 0)))


def verdict_in_words(verdict: str, *, short: bool) -> str:
    """A verdict as lists and tables tell it; of a run that ended before the steps that its recipe
    needs it is no finding, and says so."""
    return f"{verdict} (too few steps)" if short and verdict not in ("", TOO_EARLY) else verdict


def cell_status(
    run: RunFolder,
    state: RunState,
    minutes: float,
    scored: bool,
    attempt: Attempt,
) -> tuple[Status, str]:
    """The status of a cell and the reason for it: why it failed, was pruned, or has no scores.

    `state` is its state.json, `minutes` the training time after which it is done (0: images
    decide), `attempt` how its last noted turn ended.
    """
    word: Status = state.get("status") or ("running" if run.exists() else "waiting")
    if word == "failed":
        return "failed", state.get("reason", "")
    if attempt.status == "pruned":
        return "pruned", attempt.reason
    if (
        word == "finished"
        or (minutes > 0 and scored)
        or (out_of_minutes(minutes, state) and not read_recipe(run.recipe_file).evaluation.images)
    ):
        return "finished", attempt.reason if attempt.status == "finished" and not scored else ""
    return ("failed", attempt.reason) if attempt.status == "failed" else (word, "")


def out_of_minutes(minutes: float, state: RunState) -> bool:
    """Whether a cell that is trained by the clock has had its time; starting counts as well, so
    that a tenth may be missing."""
    return minutes > 0 and float(state.get("seconds", 0.0)) >= 0.9 * 60 * minutes
