"""The phases of a restoration: who learns in each, where they end, and that a run goes on exactly
across their borders."""

import runpy
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

import zerosum
from tests.training.launcher import Launcher
from zerosum.adversarial.losses import LOSSES
from zerosum.adversarial.objectives import accuracy
from zerosum.data import Split
from zerosum.data.batches import Batches
from zerosum.errors import UsageError, ZerosumError
from zerosum.networks.device import is_out_of_memory
from zerosum.randomness import random_for
from zerosum.recipe.load import load_recipe
from zerosum.recipe.phases import Phase, phase_at, phases_of
from zerosum.recipe.settings import Recipe
from zerosum.records.run import RunFolder, checkpoint_names
from zerosum.tasks.restore import pixel_loss
from zerosum.training.checkpoints import Position
from zerosum.training.devices import out_of_memory
from zerosum.training.game import Game, StepResult, draw_batches
from zerosum.training.players import build_players
from zerosum.training.step import train_step
from zerosum.training.turns import learning_rates, next_turn, take_step

SOAK = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "soak.py"))
SMALL: dict[str, object] = {
    "data.resolution": 32, "network.generator.attention": 8, "width": 4, "batch": 8,
    "pretrain.generator_images": 100, "pretrain.critic_images": 60, "images": 200,
}  # fmt: skip


def small(**fields: object) -> Recipe:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return load_recipe("restore", SMALL | named)


def game_of(recipe: Recipe) -> Game:
    """A game on random images."""
    shape = (64, *recipe.data.resolution.shape, recipe.data.channels)
    pixels = random_for(0, "test images").integers(0, 256, shape, dtype=np.uint8)
    fabric = Fabric(accelerator="cpu", devices=1)
    split = Split(pixels, np.arange(64), None, ())
    batches = Batches(split, recipe.data, recipe.seed, fabric.device)
    players = build_players(recipe, fabric)
    return Game(recipe, players, batches, fabric, players.generator, players.discriminator)


def weights(network: nn.Module) -> Tensor:
    return torch.cat([weight.detach().flatten() for weight in network.parameters()]).clone()


def changed(game: Game, phase: str, turn: str = "discriminator") -> tuple[bool, bool, StepResult]:
    """Whether the generator and the discriminator learn in a step, and its result."""
    players = game.players
    before = weights(players.generator), weights(players.discriminator)
    position = Position(turn=turn)
    result, _ = take_step(game, Phase(phase, 0, 100), position)  # type: ignore[arg-type]
    after = weights(players.generator), weights(players.discriminator)
    return not torch.equal(before[0], after[0]), not torch.equal(before[1], after[1]), result


def test_alone_the_generator_learns_and_the_discriminator_stands_still() -> None:
    generator, discriminator, result = changed(game_of(small()), "generator")
    assert (generator, discriminator) == (True, False)
    assert result.measured == {"loss_pixel", "gradient_norm_generator"}
    assert result.images == 8


def test_alone_the_critic_learns_and_the_generator_stands_still() -> None:
    generator, discriminator, result = changed(game_of(small()), "critic")
    assert (generator, discriminator) == (False, True)
    assert {"loss_discriminator", "accuracy"} < result.measured
    assert "loss_pixel" not in result.measured
    assert 0 <= float(result.measure("accuracy")) <= 1


def test_in_the_game_each_learns_in_its_turn() -> None:
    game = game_of(small())
    assert changed(game, "adversarial", "discriminator")[:2] == (False, True)
    generator, discriminator, result = changed(game, "adversarial", "generator")
    assert (generator, discriminator) == (True, False)
    assert {"loss_generator", "loss_pixel", "d_fake_after"} < result.measured


def test_a_fixed_switch_teaches_both_in_every_step() -> None:
    game = game_of(small(schedule__switch="fixed", schedule__critic_steps=2))
    generator, discriminator, result = changed(game, "adversarial")
    assert (generator, discriminator) == (True, True)
    assert result.images == 16


def test_the_turn_is_the_generators_once_the_critics_mean_loss_is_low_enough() -> None:
    game = game_of(small(schedule__switch_loss=0.65))
    result = changed(game, "critic")[2]

    def turn_after(loss: float) -> str:
        measures = result.measures.clone()
        measures[1] = loss
        return next_turn(game, "discriminator", replace(result, measures=measures))

    assert turn_after(2 * 0.64) == "generator"
    assert turn_after(2 * 0.66) == "discriminator"
    assert next_turn(game, "generator", result) == "discriminator"


def test_the_phases_follow_each_other_and_end_where_the_budgets_say() -> None:
    recipe = small()
    assert phases_of(recipe, 64) == (
        Phase("generator", 0, 100),
        Phase("critic", 100, 160),
        Phase("adversarial", 160, 360),
    )
    names = [phase_at(recipe, 64, at).name for at in (0, 99, 100, 159, 160, 999)]
    assert names == ["generator"] * 2 + ["critic"] * 2 + ["adversarial"] * 2


def test_a_critic_that_is_ready_sooner_leaves_the_game_its_whole_budget() -> None:
    phases = phases_of(small(), 64, critic_ended=128)
    assert phases[1:] == (Phase("critic", 100, 128), Phase("adversarial", 128, 328))


def test_a_run_without_phases_is_one_game_from_its_first_image_on() -> None:
    recipe = load_recipe("dcgan", {"epochs": 3})
    assert phases_of(recipe, 50) == (Phase("adversarial", 0, 150),)


def test_each_phase_has_its_learning_rates_and_its_own_decay() -> None:
    recipe = small(schedule__decay="linear", pretrain__generator_learning_rate=4e-3)
    alone, _, both = phases_of(recipe, 64)
    assert learning_rates(recipe, alone, 0)["generator"] == 4e-3
    assert learning_rates(recipe, alone, 50)["generator"] == pytest.approx(2e-3)
    start = learning_rates(recipe, both, 160)
    assert (start["generator"], start["discriminator"]) == (1e-4, 5e-4)
    assert learning_rates(recipe, both, 260)["discriminator"] == pytest.approx(2.5e-4)


def test_the_generator_minimises_its_weighted_losses() -> None:
    """The gradient of 3 × adversarial + 7 × pixel is three and seven times those of each."""

    def gradient(adversarial: float, pixel: float) -> Tensor:
        game = game_of(
            small(
                objective__adversarial_weight=adversarial,
                objective__pixel_weight=pixel,
                network__discriminator__dropout=0.0,
            )
        )
        game.players.discriminator.eval()
        take_step(game, Phase("adversarial", 0, 100), Position(turn="generator"))
        return torch.cat(
            [p.grad.flatten() for p in game.players.generator.parameters() if p.grad is not None]
        )

    # A weight of 0 for the pixels would end the phase that needs them; next to 0 is as good.
    together, one, other = gradient(3, 7), gradient(1, 1e-12), gradient(0, 1)
    torch.testing.assert_close(together, 3 * one + 7 * other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("loss", ["mse", "l1"])
def test_the_pixel_loss_of_a_perfect_restoration_is_zero(loss: str) -> None:
    game = game_of(small(objective__pixel_loss=loss))
    real = draw_batches(game, 1, 0, 1)[0].real
    assert float(pixel_loss(game.recipe, real, real, game.features)) == 0
    expected = 0.25 if loss == "mse" else 0.5
    assert float(pixel_loss(game.recipe, real + 0.5, real, game.features)) == pytest.approx(
        expected, rel=1e-5
    )


def test_accuracy_is_of_images_where_logits_tell_and_of_pairs_where_scores_do() -> None:
    real, fake = torch.tensor([3.0, 1.0, -1.0, 2.0]), torch.tensor([2.0, -1.0, -2.0, 5.0])
    assert float(accuracy(LOSSES["non-saturating"], real, fake)) == (3 / 4 + 2 / 4) / 2
    assert float(accuracy(LOSSES["wasserstein"], real, fake)) == 3 / 4


def test_a_feature_loss_adds_the_difference_of_the_maps() -> None:
    game = game_of(small(objective__feature_weight=2.0))
    game = replace(game, features=lambda images: [images.mean((2, 3)), images.amax((2, 3))])
    real = draw_batches(game, 1, 0, 1)[0].real
    assert float(pixel_loss(game.recipe, real, real, game.features)) == 0
    assert float(pixel_loss(game.recipe, real + 0.5, real, game.features)) == pytest.approx(
        0.25 + 2 * 0.25, rel=1e-4
    )


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("restore", {"network.discriminator.spectral_norm": False}),
        ("dcgan", {"network.generator.norm": "layer", "network.discriminator.norm": "layer"}),
        ("wgan-gp", {"network.generator.norm": "instance"}),
        ("lsgan", {"network.generator.norm": "none", "network.discriminator.norm": "none",
                   "objective.loss": "relativistic"}),
    ],
)  # fmt: skip
def test_a_batch_computed_in_parts_has_the_gradients_of_the_whole(
    name: str, fields: dict[str, object]
) -> None:
    def after_two_steps(parts: int) -> Tensor:
        more: dict[str, object] = {"schedule.accumulate": parts, "optimizer": "sgd"}
        more |= {"width": 4, "batch": 8, "data.resolution": 32, "learning-rate": 1e-3}
        more |= {"network.discriminator.dropout": 0.0, "schedule.critic_steps": 2}
        if name == "restore":
            more |= SMALL | {"schedule.switch": "fixed"}
        game = game_of(load_recipe(name, {**more, **fields}))
        images = 0
        for step in (1, 2):
            images += train_step(game, step, images).images
        return torch.cat([weights(game.players.generator), weights(game.players.discriminator)])

    whole = after_two_steps(1)
    torch.testing.assert_close(after_two_steps(4), whole, rtol=1e-4, atol=1e-5)


def test_spectral_norm_lets_parts_differ_by_no_more_than_its_estimate_moves() -> None:
    """Each pass refines its estimate of the largest singular value, and parts make more passes."""

    def after_a_step(parts: int) -> Tensor:
        more = {"schedule__accumulate": parts, "optimizer": "sgd", "schedule__switch": "fixed"}
        game = game_of(small(network__discriminator__dropout=0.0, **more))
        with torch.no_grad():
            for _ in range(50):
                game.players.discriminator(draw_batches(game, 1, 0, 1)[0].real)
        train_step(game, 1, 0)
        return weights(game.players.discriminator)

    torch.testing.assert_close(after_a_step(4), after_a_step(1), rtol=1e-4, atol=1e-5)


def test_running_out_of_memory_names_batch_resolution_and_the_fields_that_help() -> None:
    told = out_of_memory(small(batch=128))
    assert "batch of 128 images of 32×32 pixels" in told.what
    for field in ("--schedule.accumulate 2", "--batch", "--width", "--data.resolution"):
        assert field in told.remedy
    again = out_of_memory(small(batch=128, schedule__accumulate=4))
    assert "in 4 parts" in again.what and "--schedule.accumulate 8" in again.remedy


def test_only_running_out_of_memory_is_taken_for_it() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**50)
    assert is_out_of_memory(caught.value)
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate …"))
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


def test_a_training_without_room_ends_with_that_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_room(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr("zerosum.training.loop.take_step", no_room)
    with pytest.raises(ZerosumError, match="out of memory with a batch of 64 images of 32×32"):
        zerosum.train("digits", out=tmp_path / "run", overrides={"batch": 64, "width": 4})


def test_a_run_may_go_on_in_smaller_parts(launcher: Launcher, tmp_path: Path) -> None:
    words = [*PHASES, "--pretrain.generator_images", 32, "--pretrain.critic_images", 0]
    words += ["--images", 64]
    assert launcher.run(tmp_path, *words, "--stop-after", "0s")[0] == 0
    code, child = launcher.run(tmp_path, *words, "--schedule.accumulate", 2)
    assert code == 0, child.stderr
    assert "continues run" in child.stdout


def test_parts_that_do_not_divide_a_batch_are_refused_with_one_that_does(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        zerosum.train(
            "digits", out=tmp_path / "run", overrides={"batch": 10, "schedule.accumulate": 4}
        )
    assert "cannot be computed in schedule.accumulate = 4 equal parts" in caught.value.what
    assert caught.value.remedy == "choose --batch 12"
    assert not (tmp_path / "run").exists()


PHASES = (
    "train", "restore", "--data", "digits", "--data.channels", 1, "--out", "run", "--device", "cpu",
    "--precision", "32", "--batch", 16, "--width", 4, "--data.resolution", 32,
    "--network.generator.attention", 8, "--pretrain.generator_images", 200,
    "--pretrain.critic_images", 150, "--images", 400, "--pretrain.critic_accuracy", 1.0,
    "--schedule.checkpoint_every", 1000, "--schedule.sample_every", 150,
    "--schedule.log_every", 5, "--schedule.average", 300, "--schedule.decay", "linear",
    "--schedule.switch_loss", 0.7, "--evaluation.images", 0,
)  # fmt: skip
"""47 steps: 13 of the generator alone, 9 of the critic alone, 25 of both."""


@pytest.fixture(scope="session")
def restored(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of PHASES, trained in one go. Shared: tests change nothing in it."""
    folder = tmp_path_factory.mktemp("restored")
    code, child = launcher.run(folder, *PHASES)
    assert code == 0, child.stderr
    return folder / "run"


def test_every_phase_has_its_lines_in_the_curves(restored: Path) -> None:
    lines = RunFolder(restored).metrics()
    phases = [line["phase"] for line in lines]
    assert sorted(set(phases), key=phases.index) == ["generator", "critic", "adversarial"]
    for line in lines:
        expected = {"generator": 1.0, "critic": 0.0}
        if line["phase"] in expected and line["step"] not in (15, 25):  # those cross a border
            assert line["generator_share"] == expected[line["phase"]]
    assert 0 < np.mean([line["generator_share"] for line in lines if line["step"] > 25]) <= 0.6
    assert RunFolder(restored).state()["images_total"] == 750


def test_what_the_generator_was_before_the_game_is_kept(restored: Path) -> None:
    run = RunFolder(restored)
    assert run.checkpoint("pretrained").name == "000000208"
    assert checkpoint_names(run)[0] == "000000208"


def test_a_run_that_stopped_around_a_border_ends_with_the_same_weights(
    launcher: Launcher, restored: Path, tmp_path: Path
) -> None:
    """A run with a checkpoint after each step, begun anew from those around both borders."""
    words = [*PHASES, "--schedule.checkpoint_every", 16, "--schedule.keep", 60]
    code, child = launcher.run(tmp_path, *words)
    assert code == 0, child.stderr
    names = checkpoint_names(RunFolder(tmp_path / "run"))
    for name in ("000000192", "000000208", "000000336", "000000352", "000000448"):
        folder = tmp_path / f"from-{name}"
        folder.mkdir()
        shutil.copytree(tmp_path / "run", folder / "run", symlinks=True)
        for later in names[names.index(name) + 1 :]:
            shutil.rmtree(folder / "run" / "checkpoints" / later)
        if name == "000000208":
            # As of a run that was killed before this checkpoint got its second name.
            (folder / "run" / "checkpoints" / "pretrained").unlink()
        code, child = launcher.run(folder, *words)
        assert code == 0, child.stderr
        assert f"continues run at {int(name)} images" in child.stdout
        same_end(restored, folder / "run")


def same_end(expected: Path, run: Path) -> None:
    """Demand the same weights and optimiser states at the end, and the same curves."""
    ends = [RunFolder(path).checkpoint("latest") for path in (expected, run)]
    for name in ("generator", "discriminator", "average", "optimizers"):
        files = [(end / f"{name}.safetensors").read_bytes() for end in ends]
        assert files[0] == files[1], name
    clocks = ("seconds", "images_per_second")
    curves = [
        [{k: v for k, v in line.items() if k not in clocks} for line in RunFolder(path).metrics()]
        for path in (expected, run)
    ]
    assert curves[0] == curves[1]
    assert RunFolder(run).checkpoint("pretrained").name == "000000208"


def test_a_critic_that_is_right_often_enough_ends_its_phase(
    launcher: Launcher, tmp_path: Path
) -> None:
    code, child = launcher.run(tmp_path, *PHASES, "--pretrain.critic_accuracy", 0.0, "--images", 64)
    assert code == 0, child.stderr
    run = RunFolder(tmp_path / "run")
    # Lines come every five steps of 16: the phase begins at step 14 and ends with step 15.
    assert [line["phase"] for line in run.metrics()][:3] == ["generator", "generator", "critic"]
    assert run.state()["images_total"] == 240 + 64
    assert "finished: 304 of 304 images" in child.stdout


def test_a_restoration_says_how_to_go_on(launcher: Launcher, tmp_path: Path) -> None:
    code, child = launcher.run(tmp_path, *PHASES, "--stop-after", "0s")
    assert code == 0, child.stderr
    assert "continue:    zerosum train restore" in child.stdout
    assert "zerosum restore run PICTURE --out restored" in child.stdout
    assert "zerosum sample" not in child.stdout
