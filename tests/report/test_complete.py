"""`zerosum report --all`: what a page lacks is computed once, and what cannot be says why."""

import json
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests.cli.scored_runs import output, refusal
from tests.generation.conftest import write_checkpoint
from tests.report.conftest import STATE
from tests.report.page_runs import SMALL, bare_run
from zerosum import api_report
from zerosum.analysis import modes
from zerosum.analysis.requests import NeighboursRequest
from zerosum.api_report import PARTS, complete_run
from zerosum.recipe.load import load_recipe
from zerosum.records.run import RunFolder
from zerosum.report.page.pages import Page
from zerosum.report.page.run_pictures import interpolation
from zerosum.weights import MissingWeightsError, Weights

report_command = import_module("zerosum.cli.report")
FEW = SMALL | {"data.limit": 120, "evaluation.images": 50}


def trained(folder: Path, **changed: object) -> RunFolder:
    """A run of digits with one checkpoint, that nobody has looked at."""
    run = bare_run(folder, FEW | changed)
    write_checkpoint(run, load_recipe("digits", FEW | changed), images=80_000)
    run.state_file.write_text(json.dumps(STATE))
    return run


def test_all_computes_what_is_missing_and_the_second_time_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modes, "IMAGES", 100)
    run = trained(tmp_path / "run")
    told: list[str] = []
    complete_run(run, told.append, device="cpu")
    assert told == [f"{part.name} …" for part in PARTS]
    told.clear()
    lines = output("report", run.path, "--all")
    assert lines == [f"page: {run.path / 'report.html'}"]
    text = (run.path / "report.html").read_text("utf-8")
    assert "Not computed" not in text and "Not scored" not in text
    for shown in (
        "half as far again past both",
        "Points on a plane",
        "Which classes does it make?",
    ):
        assert shown in text


def test_what_cannot_be_computed_says_why_and_the_rest_is_there(tmp_path: Path) -> None:
    run = trained(tmp_path / "run", **{"data.source": str(tmp_path / "gone")})
    told: list[str] = []
    complete_run(run, told.append, device="cpu")
    for name in ("scores", "classes", "neighbours", "map"):
        [why] = [text for text in told if text.startswith(f"{name} left out: ")]
        assert str(tmp_path / "gone") in why
    found = interpolation(run)
    assert found is not None and found.beyond and found.picture.width > 300


def test_a_run_without_a_checkpoint_has_a_page_all_the_same(tmp_path: Path) -> None:
    run = bare_run(tmp_path / "run")
    told: list[str] = []
    complete_run(run, told.append)
    [why] = told
    assert why.startswith("nothing to compute: ") and "no checkpoint yet" in why
    assert "--all computes once" in refusal("report", run.path, "--all", "--watch").what


def test_without_weights_neighbours_are_searched_in_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(tmp_path / "run")
    searched: list[bool] = []

    def search(_run: RunFolder, asked: NeighboursRequest, _stage: object) -> None:
        searched.append(asked.pixels)
        if not asked.pixels:
            raise MissingWeightsError(Weights("Inception", tmp_path / "inception.pth", "its site"))

    monkeypatch.setattr(api_report, "write_neighbours", search)
    monkeypatch.setattr(api_report, "PARTS", [PARTS[0], *PARTS[3:4]])
    told: list[str] = []
    complete_run(run, told.append, device="cpu")
    assert searched == [False, True]
    assert told[-1] == (
        "neighbours: there are no Inception weights on this machine; searched in pixels …"
    )


def test_after_each_run_of_a_study_it_says_how_long_the_others_will_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [RunFolder(tmp_path / name) for name in ("one", "two", "three")]
    clock = iter((0.0, 240.0, 480.0, 720.0))
    monkeypatch.setattr(report_command.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(
        report_command, "StageBar", lambda: nullcontext(SimpleNamespace(stage=None))
    )
    monkeypatch.setattr(api_report, "complete_run", lambda *_, **__: None)
    report_command._complete(cast(Page, SimpleNamespace(runs=lambda: runs)), "cpu", "auto", None)
    assert capsys.readouterr().err.splitlines() == [
        "about 8 minutes to go, if the others take as long",
        "about 4 minutes to go, if the others take as long",
    ]
