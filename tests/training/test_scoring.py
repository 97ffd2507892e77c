"""Scores while a run trains and when it ends: they disturb nothing, and the best is told fairly."""

import json
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import zerosum
from tests.training.conftest import TINY
from tests.training.launcher import Launcher
from zerosum.diagnosis.verdicts import RULES, Rule
from zerosum.evaluation.extractors import Extractor, open_extractor
from zerosum.evaluation.extractors.inception import VARIABLE
from zerosum.randomness import random_for
from zerosum.records.run import RunFolder, checkpoint_names
from zerosum.studies.run_verdict import diagnose_run
from zerosum.training.checkpoints import point_to, weights_digest
from zerosum.training.progress import Listener
from zerosum.training.stopping import SCORING, SCORING_SAVED

SCORED = (
    *TINY,
    "--evaluation.images", 240, "--schedule.evaluate_every", 900,
    "--evaluation.scores", "fid,precision,recall", "--schedule.keep", 2,
)  # fmt: skip
"""The TINY run with its generator scored at 900, 1,800, 2,700 and at the end."""


@pytest.fixture(scope="module")
def scored(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SCORED run, trained in one go. Shared: tests change nothing in it."""
    folder = tmp_path_factory.mktemp("scored")
    code, child = launcher.run(folder, *SCORED, charts=True)
    assert code == 0, child.stderr
    return folder / "run"


def lines_of(run: Path, kind: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (run / "scores.jsonl").read_text().splitlines()]
    return [line for line in lines if line["kind"] == kind]


def demand_the_same_weights(one: Path, other: Path) -> None:
    for player in ("generator", "discriminator", "average"):
        file = Path("checkpoints/latest") / f"{player}.safetensors"
        weights = load_file(other / file)
        for name, tensor in load_file(one / file).items():
            assert torch.equal(tensor, weights[name]), name


def test_a_run_that_is_scored_ends_with_the_weights_of_one_that_is_not(
    scored: Path, finished: Path
) -> None:
    assert len(lines_of(scored, "selection")) == 4
    assert not (finished / "scores.jsonl").exists()
    demand_the_same_weights(scored, finished)


def test_the_best_checkpoint_is_that_of_the_smallest_fid_and_is_kept(scored: Path) -> None:
    compared = lines_of(scored, "selection")
    best = min(compared, key=lambda line: line["scores"]["fid"]["value"])
    assert (scored / "checkpoints" / "best").resolve().name == f"{best['images']:09d}"
    assert (scored / "checkpoints" / "best" / "generator.safetensors").is_file()


def test_the_reported_number_is_of_other_and_more_pictures_than_the_choice(scored: Path) -> None:
    (reported,), compared = lines_of(scored, "final"), lines_of(scored, "selection")
    assert reported["compared"] == len(compared) == 4
    best = (scored / "checkpoints" / "best").resolve().name
    assert reported["protocol"]["checkpoint"] == best and reported["images"] == int(best)
    assert reported["protocol"]["fakes"] == 240
    assert {line["protocol"]["fakes"] for line in compared} == {60}
    # Pictures 0 to 239 against 1,000,000 and on: no latent in both.
    assert reported["protocol"]["first"] == 0
    assert {line["protocol"]["first"] for line in compared} == {1_000_000}
    summary = (scored / "summary.md").read_text()
    assert "the best of 4 compared checkpoints" in summary and "protocol" in summary


def test_the_average_is_scored_where_there_is_one(scored: Path) -> None:
    for line in (*lines_of(scored, "selection"), *lines_of(scored, "final")):
        assert line["protocol"]["generator"] == "average"


def test_a_run_on_digits_tells_how_many_of_them_it_covers(scored: Path) -> None:
    (reported,) = lines_of(scored, "final")
    covered = reported["modes"]["covered"]
    assert reported["modes"]["classes"] == 10 and 0 <= covered <= 10
    said = (scored.parent / "stdout").read_text()
    assert f"digits     {reported['modes']['verdict']}" in said
    for title in ("FID (digits)", "precision", "recall", "protocol", "real against real"):
        assert title in said


def test_scores_of_checkpoints_and_of_the_result_are_curves_of_tensorboard(scored: Path) -> None:
    board = EventAccumulator(str(scored / "tensorboard"))
    board.Reload()
    titles = {"fid": "FID (digits)", "precision": "precision", "recall": "recall"}
    for kind, count in (("selection", 60), ("final", 240)):
        for name, title in titles.items():
            tag = f"scores/{title}, {count} images against digits"
            points = [(event.step, event.value) for event in board.Scalars(tag)]
            wanted = [
                (line["images"], line["scores"][name]["value"]) for line in lines_of(scored, kind)
            ]
            assert points == [(step, pytest.approx(value, rel=1e-6)) for step, value in wanted]
    assert (scored / "charts" / "scores.png").is_file()


def test_a_stopped_run_scores_each_checkpoint_once_and_to_the_same_numbers(
    launcher: Launcher, scored: Path, tmp_path: Path
) -> None:
    code, child = launcher.run(tmp_path, *SCORED, "--stop-after", "1s")
    assert code == 0, child.stderr
    code, child = launcher.run(tmp_path, *SCORED)
    assert code == 0, child.stderr
    run = tmp_path / "run"
    demand_the_same_weights(run, scored)
    for kind in ("selection", "final"):
        pairs = list(zip(lines_of(run, kind), lines_of(scored, kind), strict=True))
        for mine, other in pairs:
            assert mine["images"] == other["images"] and mine["scores"] == other["scores"]


def test_the_same_command_on_a_finished_run_scores_nothing_again(
    launcher: Launcher, scored: Path
) -> None:
    code, child = launcher.run(scored.parent, *SCORED)
    assert code == 0, child.stderr
    assert len(lines_of(scored, "final")) == 1 and len(lines_of(scored, "selection")) == 4


def test_a_best_that_a_kill_left_unnamed_is_named_and_reported_by_the_next_start(
    launcher: Launcher, scored: Path, tmp_path: Path
) -> None:
    """A checkpoint is saved first, and then named."""
    run = tmp_path / "run"
    shutil.copytree(scored, run, symlinks=True)
    best = (run / "checkpoints" / "best").resolve().name
    older = next(name for name in checkpoint_names(RunFolder(run)) if name != best)
    point_to(run / "checkpoints" / "best", older)
    lines = (run / "scores.jsonl").read_text().splitlines(keepends=True)
    (run / "scores.jsonl").write_text("".join(line for line in lines if '"final"' not in line))
    code, child = launcher.run(tmp_path, *SCORED)
    assert code == 0, child.stderr
    assert (run / "checkpoints" / "best").resolve().name == best
    [(mine, theirs)] = zip(lines_of(run, "final"), lines_of(scored, "final"), strict=True)
    assert mine["scores"] == theirs["scores"] and mine["images"] == int(best)


def test_where_recall_decides_the_best_is_the_largest(launcher: Launcher, tmp_path: Path) -> None:
    words = [*SCORED, "--evaluation.decides", "recall", "--images", 2000]
    code, child = launcher.run(tmp_path, *words)
    assert code == 0, child.stderr
    compared = lines_of(tmp_path / "run", "selection")
    best = max(compared, key=lambda line: line["scores"]["recall"]["value"])
    assert int((tmp_path / "run" / "checkpoints" / "best").resolve().name) == best["images"]


class Hearing(Listener):
    """A listener that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.stages: list[tuple[str, int, int]] = []

    def message(self, text: str) -> None:
        self.told.append(text)

    def scoring(self, what: str, done: int, total: int) -> None:
        self.stages.append((what, done, total))


SMALL: dict[str, object] = {
    "network.kind": "mlp", "network.generator.norm": "none", "network.discriminator.norm": "none",
    "width": 4, "latent": 4, "batch": 16, "images": 64, "data.resolution": 16,
}  # fmt: skip


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """A folder of small colour pictures, for which Inception would be the network."""
    folder = tmp_path / "colours"
    folder.mkdir()
    for number, pixels in enumerate(random_for(0, "colours").integers(0, 256, (40, 16, 16, 3))):
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{number}.png")
    return folder


def test_a_run_without_a_feature_network_says_so_first_and_once_more_and_is_finished(
    colours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(platformdirs, "user_data_path", lambda _: tmp_path / "nothing")
    hearing = Hearing()
    every: dict[str, object] = {"schedule.evaluate_every": 16}
    run = zerosum.train(
        "dcgan", str(colours), tmp_path / "run", overrides=SMALL | every, listener=hearing
    )
    assert run.state()["status"] == "finished" and run.scores() == []
    said = [text for text in hearing.told if "no scores" in text]
    why = "there are no Inception weights on this machine"
    assert said == [f"there will be no scores: {why}", f"no scores: {why}"]
    assert any(VARIABLE in text for text in hearing.told)
    assert any("trains without scores" in text for text in hearing.told)


def test_scoring_is_heard_with_its_progress(tmp_path: Path) -> None:
    hearing = Hearing()
    scores: dict[str, object] = {"evaluation.images": 100, "images": 640, "width": 4}
    zerosum.train("digits", out=tmp_path / "run", overrides=scores, listener=hearing)
    totals = {what: total for what, _, total in hearing.stages}
    assert {what for what, done, total in hearing.stages if done == total} == set(totals)
    # The real side may be in the cache already: it is computed once, ever.
    assert totals["features of the images"] == 100 and {"scores", "the floor"} < set(totals)


def test_digits_are_counted_whatever_network_they_are_scored_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(name: str, **options: Any) -> Extractor:
        return replace(open_extractor("digits", **options), name=name)

    monkeypatch.setattr("zerosum.scoring.tools.open_extractor", opened)
    words: dict[str, object] = {
        "evaluation.images": 100, "images": 320, "width": 4, "evaluation.extractor": "inception",
    }  # fmt: skip
    (line,) = zerosum.train("digits", out=tmp_path / "run", overrides=words).scores()
    assert line["protocol"]["extractor"].startswith("inception")
    assert line["modes"]["classes"] == 10


def test_weights_are_known_by_their_content_before_they_are_saved(scored: Path) -> None:
    generator = zerosum.Run.open(scored).generator()
    assert weights_digest(generator.module) == generator.digest


class StoppingOnce(Hearing):
    """A listener during whose first scoring somebody presses Ctrl-C."""

    def scoring(self, what: str, done: int, total: int) -> None:
        if not self.stages:
            os.kill(os.getpid(), signal.SIGINT)
        super().scoring(what, done, total)


def test_a_run_stopped_while_it_scores_makes_up_for_that(tmp_path: Path) -> None:
    words: dict[str, object] = {
        "evaluation.images": 100, "images": 640, "width": 4, "schedule.evaluate_every": 320,
    }  # fmt: skip
    hearing = StoppingOnce()
    with pytest.raises(KeyboardInterrupt):
        zerosum.train("digits", out=tmp_path / "run", overrides=words, listener=hearing)
    stopped = zerosum.Run.open(tmp_path / "run")
    assert stopped.state()["status"] == "stopped" and stopped.scores() == []
    assert "stopped while scoring: the scores are left out" in hearing.told
    assert f"{SCORING.first}; {SCORING.again}" in hearing.told
    gone_on = zerosum.train("digits", out=tmp_path / "run", overrides=words)
    whole = zerosum.train("digits", out=tmp_path / "whole", overrides=words)
    assert [line["images"] for line in whole.scores()] == [
        line["images"] for line in gone_on.scores()
    ]
    pairs = zip(gone_on.scores(), whole.scores(), strict=True)
    assert all(mine["scores"] == other["scores"] for mine, other in pairs)


def test_ctrl_c_in_the_last_scoring_is_told_that_the_training_is_saved(tmp_path: Path) -> None:
    words: dict[str, object] = {"evaluation.images": 100, "images": 320, "width": 4}
    hearing = StoppingOnce()
    run = zerosum.train("digits", out=tmp_path / "run", overrides=words, listener=hearing)
    assert run.state()["status"] == "finished" and run.scores() == []
    assert f"{SCORING_SAVED.first}; {SCORING_SAVED.again}" in hearing.told
    assert not any("not saved" in text for text in hearing.told)


def test_a_verdict_of_stop_on_ends_the_run_with_everything_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a run of more than 1,000 steps has it, in twenty.
    soon = Rule(steps=10, images=10, after=10, against=True)
    monkeypatch.setitem(RULES, "collapsed", soon)
    words: dict[str, object] = {
        "evaluation.images": 0, "images": 3_000, "width": 4, "batch": 32, "schedule.log_every": 1,
    }  # fmt: skip
    hearing = Hearing()
    run = zerosum.train(
        "digits", out=tmp_path / "run", overrides=words, stop_on=["collapsed"], listener=hearing
    )
    state = run.state()
    assert [line.verdict for line in run.folder.health()] == ["collapsed"]
    assert state["status"] == "stopped" and state["reason"] == "health: collapsed"
    assert state["images"] == run.folder.health()[0].images == 20 * 32
    assert int(run.folder.checkpoint("latest").name) == state["images"]
    assert hearing.told[-2:] == ["health: collapsed", "stopped by --stop-on: collapsed"]


def test_a_short_run_is_not_stopped_by_what_healthy_ones_look_like_at_first(
    launcher: Launcher, tmp_path: Path
) -> None:
    words = [*TINY, "--stop-on", "collapsed,discriminator-ahead,generator-ahead,oscillating"]
    code, child = launcher.run(tmp_path, *words)
    assert code == 0, child.stderr
    run = RunFolder(tmp_path / "run")
    assert run.state()["status"] == "finished" and run.health() == []
    assert "the newest log lines look" in diagnose_run(run).evidence[-2]


def test_a_word_of_stop_on_that_is_no_verdict_is_refused(
    launcher: Launcher, tmp_path: Path
) -> None:
    code, child = launcher.run(tmp_path, *TINY, "--stop-on", "colapsed")
    assert code == 2
    assert "colapsed" in child.stderr and "collapsed" in child.stderr
    assert not (tmp_path / "run").exists()
