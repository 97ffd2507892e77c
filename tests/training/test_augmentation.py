"""Augmentation while a run is trained: its numbers, its probability, what of it is saved."""

import json
import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from PIL import Image

import zerosum
from tests.training.test_step import small_game
from zerosum.adversarial.ada import EVERY
from zerosum.recipe.augmentation import SPEED, SPEED_FROM_ANOTHER
from zerosum.records.run import RunFolder
from zerosum.training.augmenter import augmenter_of
from zerosum.training.fabric import Fabric
from zerosum.training.game import Game, draw_augmentation, draw_batches
from zerosum.training.progress import Listener
from zerosum.training.step import train_step

BATCH = 8
TINY: dict[str, object] = {
    "batch": BATCH, "images": 20 * BATCH, "width": 4, "latent": 4, "data.limit": 40,
    "data.resolution": 16, "schedule.log_every": 3, "evaluation.images": 0,
    "network.discriminator.dropout": 0.3,
}  # fmt: skip
ADA = {"augmentation.method": "ada", "augmentation.images": 500}


class StopAt(Listener):
    """Presses Ctrl-C in a step."""

    def __init__(self, step: int) -> None:
        self.images = step * BATCH

    def stepped(self, images: int, total: int) -> None:  # noqa: ARG002
        if images == self.images:
            signal.raise_signal(signal.SIGINT)


def train(
    out: Path, settings: Mapping[str, object], listener: Listener | None = None, **more: Any
) -> RunFolder:
    return zerosum.train(
        "digits", "digits", out, overrides={**TINY, **settings}, listener=listener,
        quiet=listener is None, **more,
    ).folder  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run with ADA, never stopped. Shared: tests change nothing in it."""
    return train(tmp_path_factory.mktemp("whole") / "run", ADA)


def demand_the_same(run: RunFolder, other: RunFolder) -> None:
    """All weights, moments and the state of the augmentation, bit for bit, and all curves."""
    for name in ("generator", "discriminator", "optimizers"):
        file = Path("checkpoints/latest") / f"{name}.safetensors"
        assert (run.path / file).read_bytes() == (other.path / file).read_bytes()
    assert saved(run) == saved(other)
    times = {"seconds", "images_per_second"}
    curves = [
        [{name: value for name, value in line.items() if name not in times} for line in lines]
        for lines in (run.metrics(), other.metrics())
    ]
    assert curves[0] == curves[1]


def saved(run: RunFolder) -> list[float]:
    """The state of the augmentation in the newest checkpoint."""
    state = json.loads((run.checkpoints / "latest" / "state.json").read_text())
    return list(state["augmentation"])


def test_a_run_that_stopped_goes_on_as_if_it_had_not(whole: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "parts", ADA, StopAt(14))  # between two changes of the probability
    stopped = saved(RunFolder(tmp_path / "parts"))
    assert stopped[0] > 0 and stopped[1] != 0 and stopped[2] == 2
    demand_the_same(train(tmp_path / "parts", ADA), whole)


def test_probability_moves_every_fourth_step_by_the_speed_that_was_asked_for(
    whole: RunFolder,
) -> None:
    curve = [line["augmentation_probability"] for line in whole.metrics()]
    assert all(-1 <= line["sign_real"] <= 1 for line in whole.metrics())
    change = EVERY * BATCH / 500
    # Lines are written after steps 3, 6, … 18 and 20; the probability changes after 4, 8, …, 20.
    assert curve[0] == 0
    assert all(value == pytest.approx(change * round(value / change)) for value in curve)
    assert 0 < max(curve) <= 5 * change + 1e-6


def test_probability_that_is_not_adapted_stays(tmp_path: Path) -> None:
    fixed = ADA | {"augmentation.target": 0.0, "augmentation.probability": 0.25}
    fixed |= {"augmentation.images": 0, "images": 6 * BATCH}
    lines = train(tmp_path / "run", fixed).metrics()
    assert {line["augmentation_probability"] for line in lines} == {0.25}
    assert not any("sign_real" in line for line in lines)


def test_a_run_that_begins_from_anothers_weights_adapts_five_times_as_fast(tmp_path: Path) -> None:
    adaptive = {"augmentation.method": "ada"}
    short = adaptive | {"images": 4 * BATCH}
    first = train(tmp_path / "first", short)
    second = train(tmp_path / "second", short, init_from=first.path)
    assert saved(second)[-1] == SPEED_FROM_ANOTHER
    # It is what the run keeps, however it goes on.
    again = train(tmp_path / "second", adaptive | {"images": 5 * BATCH})
    speeds = [saved(run)[-1] for run in (first, second, again)]
    assert speeds == [SPEED, SPEED_FROM_ANOTHER, SPEED_FROM_ANOTHER]


def augmented(name: str, **more: object) -> Game:
    game = small_game(name, **more)
    settings, device = game.recipe.augmentation, game.fabric.device
    return replace(game, augmenter=augmenter_of(settings, device, (), from_another=False))


def test_each_process_has_its_part_of_the_numbers_of_the_whole_batch() -> None:
    game = augmented("wgan-gp", **{"augmentation.method": "diffaugment"})
    whole = draw_augmentation(game, 3, 1)
    assert whole is not None
    assert not torch.equal(whole, cast(torch.Tensor, draw_augmentation(game, 3, 2)))
    device, parts = torch.device("cpu"), []
    for rank in range(2):
        fabric = SimpleNamespace(world_size=2, global_rank=rank, device=device)
        parts.append(draw_augmentation(replace(game, fabric=cast(Fabric, fabric)), 3, 1))
    assert torch.equal(torch.cat([part for part in parts if part is not None]), whole)


@pytest.mark.parametrize("name", ["wgan-gp", "dcgan"])
def test_images_of_both_steps_and_of_penalties_are_changed_each_by_numbers_of_its_own(
    name: str,
) -> None:
    seen: list[torch.Tensor] = []
    game = augmented(name, **{"augmentation.method": "diffaugment", "schedule.critic_steps": 1})
    assert game.augmenter is not None

    def noted(images: torch.Tensor, numbers: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
        seen.append(numbers)
        return images

    game.augmenter.method = replace(game.augmenter.method, apply=noted)
    train_step(game, 1, 0)
    # Reals, fakes, for WGAN-GP mixtures, and fakes in the generator's step.
    assert len(seen) == (4 if name == "wgan-gp" else 3)
    assert len({tuple(each.flatten().tolist()) for each in seen}) == len(seen)


@pytest.mark.parametrize("penalty", ["gradient", "r1", "r1+r2"])
@pytest.mark.parametrize("method", ["diffaugment", "ada"])
def test_a_penalty_trains_the_discriminator_through_the_augmentation(
    method: str, penalty: str
) -> None:
    """The penalty's part of the gradient, alone, is there and finite: the second derivative."""
    more: dict[str, object] = {
        "augmentation.method": method, "objective.penalty": penalty,
        "objective.loss": "hinge", "objective.penalty_weight": 1.0, "schedule.critic_steps": 1,
    }  # fmt: skip
    if method == "ada":
        more |= {"augmentation.probability": 0.8}
    game = augmented("wgan-gp", **more)
    light = augmented("wgan-gp", **more | {"objective.penalty_weight": 0.0})
    norms = []
    for each in (game, light):
        result = train_step(each, 1, 0)
        norms.append(float(result.measure("gradient_norm_discriminator")))
    assert torch.isfinite(torch.tensor(norms)).all()
    assert norms[0] != norms[1]


@pytest.mark.parametrize(("penalty", "expected"), [("gradient", 10.0), ("r1+r2", 0.0)])
def test_a_penalty_is_on_the_gradient_at_the_images_before_the_augmentation(
    penalty: str, expected: float
) -> None:
    """Where an augmentation leaves nothing of the images, there is none."""
    diffaugment = {"augmentation.method": "diffaugment", "objective.penalty": penalty}
    game = augmented("wgan-gp", **diffaugment)
    assert game.augmenter is not None

    def nothing_left(images: torch.Tensor, *_: torch.Tensor) -> torch.Tensor:
        return 0 * images

    game.augmenter.method = replace(game.augmenter.method, apply=nothing_left)
    assert float(train_step(game, 1, 0).measure("penalty")) == pytest.approx(expected)


def test_parts_of_a_batch_are_augmented_as_the_whole(tmp_path: Path) -> None:
    settings: dict[str, object] = {
        "augmentation.method": "diffaugment", "network.discriminator.norm": "none",
        "network.generator.norm": "none", "network.discriminator.dropout": 0.0,
        "images": 4 * BATCH,
    }  # fmt: skip
    whole = train(tmp_path / "whole", settings).metrics()
    parts = train(tmp_path / "parts", settings | {"schedule.accumulate": 2}).metrics()
    assert parts[0]["loss_discriminator"] == pytest.approx(whole[0]["loss_discriminator"], rel=1e-4)
    assert parts[-1]["d_real"] == pytest.approx(whole[-1]["d_real"], rel=1e-3)
    for field in ("d_train", "d_held_out", "d_generated"):
        assert parts[0][field] == pytest.approx(whole[0][field], rel=1e-3)


def test_batches_without_augmentation_have_no_numbers() -> None:
    assert draw_batches(small_game("dcgan"), 1, 0, 1)[0].draws is None


def test_asking_about_held_out_images_changes_nothing_of_a_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: RunFolder
) -> None:
    monkeypatch.setattr("zerosum.training.loop.held_out_outputs", lambda _training: {})
    silent = train(tmp_path / "silent", ADA)
    assert saved(silent) == saved(whole)
    for name in ("generator", "discriminator", "optimizers"):
        file = Path("checkpoints/latest") / f"{name}.safetensors"
        assert (whole.path / file).read_bytes() == (silent.path / file).read_bytes()
    held_out = {"d_train", "d_held_out", "d_generated"}
    for with_it, without in zip(whole.metrics(), silent.metrics(), strict=True):
        assert with_it.keys() - without.keys() == held_out
        assert with_it["d_real"] == without["d_real"]


def test_nothing_is_asked_where_nothing_is_held_out(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    for number in range(BATCH):
        Image.new("L", (16, 16), 20 * number).save(tmp_path / "pictures" / f"{number}.png")
    run = zerosum.train(
        "digits", tmp_path / "pictures", tmp_path / "run", quiet=True,
        overrides=TINY | {"data.validation": 0.0, "images": 3 * BATCH},
    ).folder  # fmt: skip
    assert len(run.metrics()) == 1 and not any("d_held_out" in line for line in run.metrics())
