"""`zerosum report`: what it prints, and what it refuses with one line of advice."""

from pathlib import Path

import pytest

from tests.cli.scored_runs import output, refusal
from tests.report.page_runs import bare_run
from zerosum.errors import UsageError
from zerosum.records.lock import lock


def test_the_page_is_written_into_the_run(tmp_path: Path) -> None:
    run = bare_run(tmp_path / "run")
    assert output("report", run.path) == [f"page: {run.path / 'report.html'}"]
    assert b"begun, nothing saved yet" in (run.path / "report.html").read_bytes()


def test_the_page_goes_where_it_is_told(tmp_path: Path) -> None:
    run, out = bare_run(tmp_path / "run"), tmp_path / "new" / "thesis.HTM"
    assert output("report", run.path, "--out", out) == [f"page: {out}"]
    assert out.is_file() and not (run.path / "report.html").exists()


def test_a_page_can_be_written_while_the_run_is_held(tmp_path: Path) -> None:
    run = bare_run(tmp_path / "run")
    with lock(run.path):
        assert len(output("report", run.path)) == 1


def test_watching_where_nothing_runs_writes_once(tmp_path: Path) -> None:
    run = bare_run(tmp_path / "run")
    [line] = output("report", run.path, "--watch")
    assert "nothing is running there" in line
    assert b"<body>" in (run.path / "report.html").read_bytes()


def test_without_a_chromium_there_is_a_page_and_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = bare_run(tmp_path / "run")
    monkeypatch.setenv("PATH", str(tmp_path))
    error = refusal("report", run.path, "--pdf")
    assert "no Chromium was found" in error.what and "install one" in error.remedy
    assert (run.path / "report.html").is_file()


def test_a_chromium_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, broken = bare_run(tmp_path / "run"), tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho it broke >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    error = refusal("report", run.path, "--pdf")
    assert f"{broken} printed no PDF (it broke)" in error.what
    assert not (run.path / "report.pdf").exists()


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    assert "no run and no study" in refusal("report", tmp_path / "none").what
    assert "it has no recipe.toml" in refusal("report", tmp_path).what
    run = bare_run(tmp_path / "run")
    (tmp_path / "file").write_text("")
    assert "it is a file" in refusal("report", tmp_path / "file").what
    assert isinstance(refusal("report", run.path, "--out", "page.pdf"), UsageError)
    assert isinstance(refusal("report", run.path, "--pdf", "--watch"), UsageError)
