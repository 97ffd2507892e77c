"""Curves and cells as tables of pandas."""

from pathlib import Path

import pytest

import zerosum
from tests.report.page_runs import bare_run, write_lines
from tests.studies.made_up import write_cell
from tests.studies.tiny import tiny_study
from zerosum import frames
from zerosum.studies.begin import begin_study
from zerosum.studies.cells import cells_of
from zerosum.studies.folder import StudyFolder


def test_the_curves_of_a_run_are_columns_by_the_images_seen(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    run = bare_run(tmp_path / "run")
    write_lines(run.metrics_file, [
        {"images": 16, "loss_generator": 0.5},
        {"images": 32, "loss_generator": None, "distance": 2.0},
    ])  # fmt: skip
    frame = zerosum.Run.open(run.path).frame()
    assert list(frame.index) == [16, 32] and frame.index.name == "images"
    assert list(frame["loss_generator"].isna()) == [False, True]
    assert list(frame["distance"].isna()) == [True, False]


def test_the_cells_of_a_study_are_rows_with_what_differs_and_their_scores(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    folder, study = StudyFolder(tmp_path / "tiny"), tiny_study(seeds=(0, 1))
    begin_study(folder, study, "")
    cells = cells_of(study)
    write_cell(folder, cells[0], 3.0)
    frame = zerosum.StudyRun.open(folder.path).frame()
    assert list(frame.index) == [cell.name for cell in cells]
    assert list(frame["latent"]) == [cell.axes["latent"] for cell in cells]
    assert frame.loc[cells[0].name, "fid"] == 3.0
    assert list(frame["status"][1:]) == ["waiting"] * (len(cells) - 1)
    assert frame["fid"][1:].isna().all()


def test_without_pandas_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "find_spec", lambda _name: None)
    with pytest.raises(zerosum.ZerosumError, match=r"not installed\n.*zerosum\[pandas\]"):
        frames.frame_of([{"a": 1}], "a")
