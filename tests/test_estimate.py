"""A training that is looked at before it is begun: `zerosum.estimate` and `train --dry-run`."""

import signal
from pathlib import Path

import pytest

import zerosum
from tests.data.files import noise, write_folder
from tests.in_process import run_command
from tests.test_api import TINY, Interrupting
from zerosum.networks.build import build_discriminator, build_generator
from zerosum.networks.describe import count_parameters
from zerosum.recipe.fields import option_words
from zerosum.recipe.phases import Phase
from zerosum.recipe.settings import Recipe
from zerosum.training import loop, measured_speed
from zerosum.training.checkpoints import Position
from zerosum.training.game import Game, StepResult
from zerosum.training.progress import Listener
from zerosum.training.request import Devices
from zerosum.training.turns import take_step

WORDS = [word for item in TINY.items() for word in option_words(*item)]


@pytest.fixture(autouse=True)
def _two_steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(measured_speed, "SECONDS", 0.0)
    monkeypatch.chdir(tmp_path)


def test_an_estimate_says_what_would_be_trained(tmp_path: Path) -> None:
    found = zerosum.estimate("digits", overrides=TINY, quiet=True)
    assert (found.run, found.seen, found.images) == (Path("runs/digits-digits-1"), 0, 64)
    players = build_generator(found.recipe), build_discriminator(found.recipe)
    told = (found.generator_parameters, found.discriminator_parameters)
    assert told == tuple(map(count_parameters, players))
    assert found.speed.images_per_second > 0
    assert found.seconds == 64 / found.speed.images_per_second
    assert found.speed.memory > 10**7 and found.speed.device == "cpu"
    assert found.speed.notes[-1].startswith("computes with ")
    text = str(found)
    assert "digits: 64 images to train on, 2,000 held out" in text
    assert "differs from the recipe: batch 16 instead of 64, " in text
    assert "network.generator.width 4 instead of 32" in text
    assert "64 images × 1 epoch = 64 to see = 4 generator steps of 16" in text
    assert not list(tmp_path.iterdir())


RESTORE: dict[str, object] = {
    "data.resolution": 32, "network.generator.attention": 8, "width": 4, "batch": 8,
    "data.limit": 32, "pretrain.generator_images": 64, "pretrain.critic_images": 16, "images": 160,
}  # fmt: skip


def test_each_phase_of_a_restoration_is_measured_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One player alone goes at another speed than both."""
    phases: list[str] = []
    take, speeds = take_step, {"generator": 64.0, "critic": 8.0, "adversarial": 20.0}

    def taking(game: Game, phase: Phase, position: Position) -> tuple[StepResult, str]:
        phases.append(phase.name)
        return take(game, phase, position)

    monkeypatch.setattr(loop, "take_step", taking)
    pictures = write_folder(tmp_path / "photos", {f"{n}.png": noise(n) for n in range(20)})
    found = zerosum.estimate("restore", pictures, overrides=RESTORE, quiet=True)
    assert list(dict.fromkeys(phases)) == list(speeds)
    assert "measured over a few steps of each phase" in str(found)

    def known(_recipe: Recipe, phase: str, *_: object) -> measured_speed.MeasuredSpeed:
        return measured_speed.MeasuredSpeed(speeds[phase], int(speeds[phase]), "cpu", "32", ())

    monkeypatch.setattr(measured_speed, "_speed_of_phase", known)
    found = zerosum.estimate("restore", pictures, overrides=RESTORE, quiet=True)
    assert found.images == 64 + 16 + 160
    assert found.seconds == pytest.approx(64 / 64 + 16 / 8 + 160 / 20)
    assert found.speed.memory == 64


class StopAt(Listener):
    def __init__(self, images: int) -> None:
        self.images = images

    def stepped(self, images: int, total: int) -> None:  # noqa: ARG002
        if images == self.images:
            signal.raise_signal(signal.SIGINT)


def test_what_a_critic_was_spared_is_not_left_to_train(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was good enough after one of two steps: 16 + 8 + 160 images are the whole."""
    spared = RESTORE | {"pretrain.generator_images": 16, "pretrain.critic_accuracy": 0.0}
    settings = spared | {"schedule.log_every": 1, "data.channels": 1, "evaluation.images": 0}
    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        zerosum.train("restore", "digits", out, overrides=settings, listener=StopAt(32))

    def known(_recipe: Recipe, phase: str, *_: object) -> measured_speed.MeasuredSpeed:
        assert phase == "adversarial"
        return measured_speed.MeasuredSpeed(8.0, 0, "cpu", "32", ())

    monkeypatch.setattr(measured_speed, "_speed_of_phase", known)
    found = zerosum.estimate("restore", "digits", out, overrides=settings, quiet=True)
    assert (found.seen, found.images, found.seconds) == (32, 152, 152 / 8)


def test_a_dry_run_prints_the_estimate_and_leaves_no_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command("train", "digits", "--dry-run", *WORDS) == 0
    told = capsys.readouterr().out.splitlines()
    assert "would begin: runs/digits-digits-1" in told
    assert told[-2].startswith("time: about ") and told[-2].endswith(
        " for 64 images, without scores"
    )
    assert told[-1] == "nothing was written but the packed images in the cache"
    assert not list(tmp_path.iterdir())


def test_an_estimate_of_a_run_that_was_stopped_is_of_what_is_left(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        zerosum.train("digits", out=out, overrides=TINY, listener=Interrupting())
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    found = zerosum.estimate("digits", out=out, overrides=TINY, quiet=True)
    assert (found.seen, found.images) == (32, 32)
    assert f"would go on at 32 images: {out}" in str(found)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    with pytest.raises(zerosum.ZerosumError, match="began with other settings: seed: 0 → 1"):
        zerosum.estimate("digits", out=out, overrides=TINY | {"seed": 1}, quiet=True)


def test_an_estimate_is_refused_as_the_training_would_be() -> None:
    with pytest.raises(zerosum.UsageError, match="does not say which images"):
        zerosum.estimate("dcgan", quiet=True)
    with pytest.raises(zerosum.UsageError, match="a dry run measures one device"):
        zerosum.estimate("digits", devices=Devices(count=2), quiet=True)


def test_a_signal_during_the_measured_steps_ends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupting(self: measured_speed.Stopwatch, images: int, total: int) -> None:  # noqa: ARG001
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(measured_speed.Stopwatch, "stepped", interrupting)
    with pytest.raises(KeyboardInterrupt):
        zerosum.estimate("digits", overrides=TINY, quiet=True)
