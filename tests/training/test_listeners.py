"""Somebody's own listener, and what becomes of the run when it raises."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zerosum
from zerosum.cli.terminal import open_console
from zerosum.records.run import checkpoint_names
from zerosum.studies.run_verdict import diagnose_run
from zerosum.training.progress import Listener

TINY: dict[str, object] = {
    "images": 160, "batch": 16, "width": 4, "data.limit": 64, "schedule.log_every": 2,
    "evaluation.images": 0,
}  # fmt: skip


class Raising(Listener):
    """Raises at the second log line."""

    def __init__(self) -> None:
        self.lines = 0

    def logged(self, line: Mapping[str, Any]) -> None:
        self.lines += 1
        if self.lines == 2:
            raise ValueError(f"nobody hears of {line['images']} images")


class RaisingInScores(Listener):
    def scoring(self, what: str, done: int, total: int) -> None:
        raise LookupError(f"{what}: {done} of {total}")


class RaisingAtOnce(Listener):
    def message(self, text: str) -> None:
        raise LookupError(text)


def test_a_listener_that_raises_ends_the_run_as_failed_with_everything_saved(
    tmp_path: Path,
) -> None:
    out = tmp_path / "run"
    with pytest.raises(ValueError, match="nobody hears of 64 images"):
        zerosum.train("digits", out=out, overrides=TINY, listener=Raising())
    run = zerosum.Run.open(out)
    state = run.state()
    assert state["status"] == "failed"
    assert state["reason"] == "its listener raised ValueError: nobody hears of 64 images"
    assert state["images"] == 64
    assert checkpoint_names(run.folder)[-1] == state["checkpoint"] == "000000064"
    assert (run.folder.samples / "000000064.png").is_file()
    summary = run.folder.summary_file.read_text()
    assert "failed: its listener raised ValueError" in summary and "at 64 images" in summary


def test_a_run_whose_listener_raised_goes_on_to_the_weights_of_one_that_was_not_disturbed(
    tmp_path: Path,
) -> None:
    disturbed, quiet = tmp_path / "disturbed", tmp_path / "quiet"
    with pytest.raises(ValueError):
        zerosum.train("digits", out=disturbed, overrides=TINY, listener=Raising())
    again = zerosum.train("digits", out=disturbed, overrides=TINY, quiet=True)
    assert again.state()["status"] == "finished"
    once = zerosum.train("digits", out=quiet, overrides=TINY, quiet=True)
    assert np.array_equal(again.generator()(range(4)), once.generator()(range(4)))
    assert [line["loss_generator"] for line in again.metrics()] == [
        line["loss_generator"] for line in once.metrics()
    ]


def test_a_run_whose_listener_raised_did_not_diverge(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(ValueError):
        zerosum.train("digits", out=out, overrides=TINY, listener=Raising())
    assert diagnose_run(zerosum.Run.open(out).folder).verdict != "diverged"


def test_a_listener_that_raises_while_the_run_is_scored_leaves_the_scores_to_the_next_call(
    tmp_path: Path,
) -> None:
    out, scored = tmp_path / "run", TINY | {"evaluation.images": 60}
    with pytest.raises(LookupError, match="features"):
        zerosum.train("digits", out=out, overrides=scored, listener=RaisingInScores())
    assert zerosum.Run.open(out).state()["status"] == "failed"
    again = zerosum.train("digits", out=out, overrides=scored, quiet=True)
    assert again.state()["status"] == "finished"
    assert [line["kind"] for line in again.scores()] == ["final"]


class Remembering(Listener):
    """Remembers where sheets and checkpoints were written, and that the training was over."""

    def __init__(self) -> None:
        self.sheets, self.checkpoints, self.over = list[Path](), list[Path](), False

    def sampled(self, path: Path, images: int) -> None:  # noqa: ARG002
        assert path.is_file()
        self.sheets.append(path)

    def saved(self, path: Path, images: int) -> None:  # noqa: ARG002
        assert path.is_dir()
        self.checkpoints.append(path)

    def ended(self) -> None:
        self.over = True


def test_a_listener_hears_of_each_sheet_and_checkpoint_also_beside_one_that_raises(
    tmp_path: Path,
) -> None:
    heard, out = Remembering(), tmp_path / "run"
    with pytest.raises(ValueError):
        zerosum.train("digits", out=out, overrides=TINY, listener=[Raising(), heard], quiet=True)
    run = zerosum.Run.open(out).folder
    assert {*heard.sheets} == {*run.samples.glob("*.png")}
    assert heard.checkpoints[-1].name == checkpoint_names(run)[-1] and heard.over


class Unread(Listener):
    """Prints to a pipe whose reader has gone."""

    def logged(self, line: Mapping[str, Any]) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as file:
            open_console(file=file).print(line["images"])


def test_a_run_whose_output_nobody_reads_any_more_is_saved_as_one_that_was_stopped(
    tmp_path: Path,
) -> None:
    out = tmp_path / "run"
    with pytest.raises(BrokenPipeError):
        zerosum.train("digits", out=out, overrides=TINY, listener=Unread())
    run = zerosum.Run.open(out)
    assert (run.state()["status"], run.state()["checkpoint"]) == ("stopped", "000000032")
    assert checkpoint_names(run.folder)[-1] == "000000032"
    assert "| status | stopped |" in run.folder.summary_file.read_text()


def test_a_listener_that_raises_does_not_make_a_finished_run_a_failed_one(tmp_path: Path) -> None:
    out = tmp_path / "run"
    zerosum.train("digits", out=out, overrides=TINY, quiet=True)
    with pytest.raises(LookupError):
        zerosum.train("digits", out=out, overrides=TINY, listener=RaisingAtOnce())
    assert zerosum.Run.open(out).state()["status"] == "finished"
