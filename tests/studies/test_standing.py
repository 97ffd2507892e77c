"""How a cell stands is told alike by its study, its summary, its page and a comparison."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.report.conftest import STATE, lines_of
from tests.report.page_runs import bare_run, score_line
from zerosum.api_run import Run
from zerosum.comparing.sides import Side
from zerosum.files import write_json
from zerosum.recipe.load import read_recipe
from zerosum.records.lines import append_line
from zerosum.records.run import RunFolder
from zerosum.report.comparison.settings import facts_of
from zerosum.report.page.run_page import run_document
from zerosum.report.run_facts import overview
from zerosum.report.summary import write_summary
from zerosum.studies.cells import cells_of
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import read_results
from zerosum.studies.settings import Study
from zerosum.studies.standing import Standing, run_standing

CLOCK: dict[str, Any] = {"status": "stopped", "reason": "", "images_total": 10**9, "step": 2_000}


@pytest.fixture
def cell(tmp_path: Path) -> Callable[..., RunFolder]:
    """The one cell of a study of three minutes, stopped after 185 seconds, scored or not."""

    def make(*, scored: bool, minutes: float = 3, **state: Any) -> RunFolder:
        folder = StudyFolder(tmp_path / "study")
        folder.write_study(Study(name="study", recipe=("digits",), minutes=minutes), "")
        run = bare_run(folder.cells / "seed-0")
        write_json(run.state_file, STATE | CLOCK | state)
        for line in lines_of(25):
            append_line(run.metrics_file, line)
        if scored:
            append_line(run.scores_file, score_line(80_000, 12.0, "manual"))
        return run

    return make


def told(run: RunFolder) -> list[str]:
    """The first word of the status in every place that says one."""
    folder = StudyFolder(run.path.parent.parent)
    (result,) = read_results(folder, cells_of(folder.study()))
    recipe, state = read_recipe(run.recipe_file), run.state()
    texts = [
        result.status,
        run_standing(run).status,
        write_summary(run).read_text().partition("| status | ")[2].splitlines()[0],
        dict(overview(run, recipe, state, ""))["status"],
        run_document(run)[0].verdict.partition(" · ")[2],
        facts_of(Side("a", "a", run, recipe))["status"],
        repr(Run(run)).partition(": ")[2],
    ]
    return [text.replace(":", " ").replace(",", " ").split()[0] for text in texts]


def test_a_cell_whose_minutes_are_up_is_finished_everywhere(cell: Callable[..., RunFolder]) -> None:
    run = cell(scored=True)
    assert set(told(run)) == {"finished"}
    text = write_summary(run).read_text()
    assert "| status | finished: its 3 minutes were up |" in text
    assert "| images seen | 80,000 |" in text
    assert "# continue" not in text and "--images 160000" in text


def test_a_cell_without_its_scores_yet_is_stopped_everywhere(
    cell: Callable[..., RunFolder],
) -> None:
    assert set(told(cell(scored=False))) == {"stopped"}


def test_a_cell_that_its_study_gave_up_is_told_so_everywhere(
    cell: Callable[..., RunFolder],
) -> None:
    run = cell(scored=False)
    note = {"cell": "seed-0", "status": "failed", "reason": "killed by signal 9"}
    append_line(StudyFolder(run.path.parent.parent).attempts_file, note)
    folder = StudyFolder(run.path.parent.parent)
    assert run_standing(run) == Standing("failed", "killed by signal 9", by_clock=True)
    assert folder.attempts()
    assert "| status | failed: killed by signal 9 |" in write_summary(run).read_text()


def test_a_run_of_no_study_stands_as_its_training_left_it(
    cell: Callable[..., RunFolder], tmp_path: Path
) -> None:
    run = cell(scored=True)
    run.path.rename(tmp_path / "alone")
    assert run_standing(RunFolder(tmp_path / "alone")) == Standing("stopped")


def test_a_cell_that_was_never_trained_is_no_more_than_begun(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path / "study")
    folder.write_study(Study(name="study", recipe=("digits",), minutes=3), "")
    assert run_standing(bare_run(folder.cells / "seed-0")).status == ""


def test_it_is_known_without_the_seconds_that_torch_takes() -> None:
    words = "import sys, zerosum.studies.standing; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", words]).returncode == 0
