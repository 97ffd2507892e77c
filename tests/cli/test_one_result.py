"""A run and a study stay what they were when somebody measures them otherwise."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.cli.scored_runs import output, pictures_of_noise, run_on
from tests.permissions import ordinary_user
from tests.report.conftest import lines_of
from tests.report.test_study_page import laid_out, read, small, study_at
from tests.studies.builders import grid_study
from zerosum.records.lines import write_lines
from zerosum.records.run import RunFolder
from zerosum.report.document import Table
from zerosum.report.page.run_page import run_document
from zerosum.report.score_chart import score_lines
from zerosum.report.study import study_document
from zerosum.report.study.progress_chart import tracks_of
from zerosum.report.summary import write_summary
from zerosum.studies.cell_queue import study_results

DIGITS = ("--extractor", "digits", "--scores", "fid,recall", "--device", "cpu")


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run that reported FID 3.25 when it was finished."""
    folder = run_on(pictures_of_noise(tmp_path / "noise", 30), tmp_path / "own")
    write_lines(folder.metrics_file, lines_of(9))
    output("evaluate", folder.path, *DIGITS, "--images", 20)
    (line,) = folder.scores()
    scores = {**line.scores, "fid": {"value": 3.25, "error": 0.5}}
    folder.scores_file.unlink()
    folder.add_scores(replace(line, kind="final", scores=scores))
    write_summary(folder)
    return folder


def told(run: RunFolder) -> dict[str, Any]:
    """What summary, page and chart say of the result."""
    document, _ = run_document(run)
    sections = {section.key: section for section in document.sections}
    summary = run.summary_file.read_text().partition("## Scores")[2].partition("\n##")[0]
    return {
        "summary": summary,
        "main": document.head[0],
        "table": sections["scores"].table,
        "verdict": (document.verdict, sections["health"]),
        "chart": score_lines(run.scores()),
    }


def test_scores_that_were_asked_for_are_in_tensorboard_too(run: RunFolder) -> None:
    output("evaluate", run.path, *DIGITS, "--images", 15)
    board = EventAccumulator(str(run.tensorboard)).Reload()
    _, asked = run.scores()
    data = asked.protocol["real_data"]
    assert asked.kind == "manual"
    (event,) = board.Scalars(f"scores/FID (digits), 15 images against {data}")
    assert (event.step, event.value) == (200_000, pytest.approx(asked.value("fid")))
    assert len([tag for tag in board.Tags()["scalars"] if "FID" in tag]) == 2


def test_a_run_tells_its_own_result_after_other_evaluations(run: RunFolder) -> None:
    before = told(run)
    assert "3.25" in before["summary"] and "3.25" in str(before["main"])
    output("evaluate", run.path, *DIGITS, "--images", 10)
    output("evaluate", run.path, *DIGITS, "--layer", "logits", "--images", 20)
    other = run_on(run.path.parent / "noise", run.path.parent / "other")
    words = ("--out", run.path.parent / "compared")
    output("compare", run.path, other.path, "--again", "--images", 15, *DIGITS, *words)
    assert len(run.scores()) == 4
    assert told(run) == before
    # The others are listed, each under its protocol.
    others = run.summary_file.read_text().split("### Also measured")[1:]
    counts = ("15 images of own", "20 images of own", "10 images of own")
    assert all(count in text for count, text in zip(counts, others, strict=True))
    scores = next(each for each in run_document(run)[0].sections if each.key == "scores")
    assert len([block for block in scores.blocks if isinstance(block, Table)]) == 4


def test_scores_of_a_run_that_cannot_be_written_to_are_printed(run: RunFolder) -> None:
    before, summary = run.scores(), run.summary_file.read_text()
    run.scores_file.chmod(0o444)
    run.path.chmod(0o555)
    try:
        with ordinary_user():
            lines = output("evaluate", run.path, *DIGITS, "--images", 15)
    finally:
        run.path.chmod(0o755)
    assert any(line.startswith("FID (digits)") for line in lines)
    told = f"note       these scores are not kept with the run: cannot write {run.scores_file}"
    assert any(line.startswith(told) for line in lines)
    assert run.scores() == before and run.summary_file.read_text() == summary


def test_a_table_chart_and_page_of_a_study_stay_after_other_evaluations(tmp_path: Path) -> None:
    folder = study_at(tmp_path / "four", small(grid_study()))

    def told() -> tuple[Any, ...]:
        drawn = [(track.images, track.values) for track in tracks_of(laid_out(folder))]
        page = read(folder).text.partition("Made by zerosum")[0]  # the minute follows
        return study_document(folder, laid_out(folder)), drawn, page

    before = told()
    for cell in study_results(folder):
        own = cell.run.scores()[-1]
        for parts in ({"extractor": "inception-2048"}, {"fakes": 500}):
            scores = {"fid": {"value": 99.0, "error": 0.5}}
            protocol = {**own.protocol, **parts}
            cell.run.add_scores(replace(own, kind="manual", protocol=protocol, scores=scores))
    assert told() == before
