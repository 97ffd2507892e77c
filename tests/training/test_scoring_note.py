"""RUN/scoring.json: whoever looks at a run from outside sees how far a scoring is."""

import time
from pathlib import Path

import pytest

from tests.studies.made_up import write_cell
from tests.studies.tiny import tiny_study
from zerosum.cli.study_display import progress
from zerosum.records.run import RunFolder
from zerosum.scoring import note as module
from zerosum.scoring.note import ScoringNote
from zerosum.studies.cells import cells_of
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import read_result

STAGE = "features of the real images"


def test_a_note_is_there_while_scores_are_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY", 0.0)
    run, heard = RunFolder(tmp_path), []
    note = ScoringNote(run, lambda what, done, total: heard.append((what, done, total)))
    note.stage(STAGE, 100, 400)
    note.stage(STAGE, 200, 400)
    found = run.scoring()
    assert (found["what"], found["done"], found["total"]) == (STAGE, 200, 400)
    assert (found["seconds_left"] or 0) > 0
    assert heard == [(STAGE, 100, 400), (STAGE, 200, 400)]
    note.close()
    assert run.scoring() == {} and list(tmp_path.iterdir()) == []


def test_a_note_of_a_killed_process_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, now = RunFolder(tmp_path), time.time()
    ScoringNote(run).stage(STAGE, 1, 400)
    assert run.scoring()
    monkeypatch.setattr(time, "time", lambda: now + 1_000)
    assert run.scoring() == {}


@pytest.mark.parametrize("content", ["", "[1]", '{"what": "scores"}', "no JSON"])
def test_a_note_that_is_none_says_nothing(content: str, tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.scoring_file.write_text(content)
    assert run.scoring() == {}


def test_a_run_that_cannot_be_written_to_is_scored_without_a_note(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    note = ScoringNote(RunFolder(tmp_path / "file"))
    note.stage(STAGE, 1, 2)
    note.close()


def test_a_line_of_a_study_says_how_far_the_scoring_of_a_cell_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY", 0.0)
    folder = StudyFolder(tmp_path)
    cell = cells_of(tiny_study())[0]
    write_cell(folder, cell, status="running")
    note = ScoringNote(folder.run(cell.name))
    note.stage(STAGE, 100, 400)
    assert progress(read_result(folder, cell)).endswith(f"scoring, {STAGE}: 100 of 400")
    note.stage(STAGE, 200, 400)
    assert progress(read_result(folder, cell)).endswith(" left")
    note.close()
    assert "scoring" not in progress(read_result(folder, cell))
