"""Values that go from a first to a last one while a run goes on."""

from pathlib import Path

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

import zerosum
from zerosum.data import Split
from zerosum.data.batches import Batches
from zerosum.errors import UsageError
from zerosum.randomness import random_for
from zerosum.recipe.load import load_recipe
from zerosum.recipe.phases import Phase
from zerosum.training.augmenter import augmenter_of
from zerosum.training.game import Game
from zerosum.training.players import build_players
from zerosum.training.step import train_step
from zerosum.training.turns import learning_rates, set_values

SCHEDULED: dict[str, object] = {
    "schedule.decay": "cosine",
    "schedule.decay_images": 400,
    "learning-rate": 2e-4,
    "optimizer.generator.last_learning_rate": 5e-5,
    "optimizer.discriminator.last_learning_rate": 1e-4,
    "optimizer.discriminator.last_beta2": 0.9,
    "objective.penalty_weight": 2.0,
    "objective.last_penalty_weight": 0.2,
    "schedule.average": 0,
    "schedule.last_average": 1_000,
    "augmentation.method": "ada",
    "augmentation.target": 0.0,
    "augmentation.last_probability": 0.3,
}
SMALL: dict[str, object] = {
    "data.resolution": 16, "data.channels": 1, "width": 4, "latent": 4, "batch": 8,
}  # fmt: skip
WHOLE = Phase("adversarial", 0, 1_000)


def game(**more: object) -> Game:
    recipe = load_recipe("r3", {**SMALL, **more})
    fabric = Fabric(accelerator="cpu", devices=1)
    pixels = random_for(0, "test images").integers(0, 256, (32, 16, 16, 1), dtype=np.uint8)
    batches = Batches(Split(pixels, np.arange(32), None, ()), recipe.data, 0, fabric.device)
    players = build_players(recipe, fabric)
    augmenter = augmenter_of(recipe.augmentation, fabric.device, (), from_another=False)
    generate, discriminate = players.generator, players.discriminator
    return Game(recipe, players, batches, fabric, generate, discriminate, augmenter=augmenter)


def test_half_way_a_cosine_has_the_middle_and_after_its_images_the_last_value() -> None:
    recipe = load_recipe("r3", SCHEDULED)
    first, middle, last, later = (learning_rates(recipe, WHOLE, at) for at in (0, 200, 400, 900))
    assert first == {"generator": 2e-4, "discriminator": 2e-4}
    assert middle["generator"] == pytest.approx(1.25e-4)
    assert last["generator"] == later["generator"] == pytest.approx(5e-5)
    assert last["discriminator"] == pytest.approx(1e-4)


def test_all_that_has_a_last_value_is_set_before_a_step() -> None:
    play = game(**SCHEDULED)
    assert play.augmenter is not None
    expected = {0: (0.99, 2.0, 0.0), 200: (0.945, 1.1, 500.0), 400: (0.9, 0.2, 1_000.0)}
    for images, (beta2, weight, half_life) in expected.items():
        set_values(play, WHOLE, images)
        [group] = play.players.discriminator_optimizer.param_groups
        assert group["betas"] == pytest.approx((0.0, beta2))
        [unchanged] = play.players.generator_optimizer.param_groups
        assert unchanged["betas"] == (0.0, 0.99)
        assert play.live.penalty_weight is not None
        assert float(play.live.penalty_weight) == pytest.approx(weight)
        assert play.live.half_life == pytest.approx(half_life)
        assert float(play.augmenter.amount) == pytest.approx(0.3 * images / 400)


def test_a_last_value_of_0_is_gone_to_and_the_same_is_stayed_at() -> None:
    to_nothing: dict[str, object] = {
        "objective.last_penalty_weight": 0.0,
        "schedule.average": 1_000,
        "schedule.last_average": 0,
        "augmentation.probability": 0.3,
        "augmentation.last_probability": 0.0,
        "optimizer.generator.last_learning_rate": "same",
        "optimizer.discriminator.last_beta2": 0.0,
    }
    play = game(**SCHEDULED | to_nothing)
    rates = set_values(play, WHOLE, 400)
    assert rates["learning_rate_generator"] == 2e-4
    assert play.players.discriminator_optimizer.param_groups[0]["betas"][1] == 0
    assert play.players.generator_optimizer.param_groups[0]["betas"][1] == 0.99
    assert play.augmenter is not None and play.live.penalty_weight is not None
    assert float(play.live.penalty_weight) == float(play.augmenter.amount) == 0
    assert play.live.half_life == 0


def test_the_weight_of_a_penalty_keeps_its_place_for_a_graph_that_reads_it() -> None:
    play = game(**SCHEDULED)
    set_values(play, WHOLE, 0)
    place = play.live.penalty_weight
    set_values(play, WHOLE, 200)
    assert play.live.penalty_weight is place


def test_a_step_has_the_penalty_of_a_recipe_with_the_weight_of_its_moment() -> None:
    still = {"augmentation.method": "none", "augmentation.target": 0.6}
    unchanged = {**SCHEDULED, **still, "augmentation.last_probability": "same"}
    changing, constant = game(**unchanged), game(**{"objective.penalty_weight": 0.2})
    set_values(changing, WHOLE, 400)
    ours, theirs = train_step(changing, 1, 400), train_step(constant, 1, 400)
    assert float(ours.measure("penalty")) > 0
    assert torch.equal(ours.measure("penalty"), theirs.measure("penalty"))


def test_the_strength_of_an_augmentation_is_led_too() -> None:
    fields = {"method": "diffaugment", "strength": 0.25, "last_strength": 0.75}
    named = {f"augmentation.{name}": value for name, value in fields.items()}
    schedule = {"schedule.decay": "linear", "schedule.decay_images": 400}
    play = game(**named, **schedule)
    assert play.augmenter is not None and float(play.augmenter.amount) == 0.25
    amounts = []
    for images in (0, 200, 400):
        set_values(play, WHOLE, images)
        amounts.append(float(play.augmenter.amount))
    assert amounts == pytest.approx([0.25, 0.5, 0.75])


def test_an_average_whose_half_life_begins_at_0_is_the_generator_at_first() -> None:
    play = game(**SCHEDULED)
    set_values(play, WHOLE, 0)
    train_step(play, 1, 0)
    average = play.players.average
    assert average is not None
    pairs = zip(average.parameters(), play.players.generator.parameters(), strict=True)
    assert all(torch.equal(mean, weight) for mean, weight in pairs)


def test_without_last_values_nothing_but_the_recipe_is_read() -> None:
    play = game()
    set_values(play, WHOLE, 400)
    assert play.live.penalty_weight is None and play.live.half_life is None


def test_a_scheduled_run_that_goes_on_is_the_run_that_was_not_stopped(tmp_path: Path) -> None:
    fields = {**SCHEDULED, **SMALL, "evaluation.images": 0, "schedule.checkpoint_every": 96}
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    zerosum.train("r3", "digits", whole, overrides={**fields, "images": 192})
    for images in (96, 192):
        zerosum.train("r3", "digits", parts, overrides={**fields, "images": images})
    for name in ("generator", "average", "discriminator", "optimizers"):
        file = f"checkpoints/000000192/{name}.safetensors"
        assert (whole / file).read_bytes() == (parts / file).read_bytes()


def test_gamma_by_stylegan2s_rule_goes_with_resolution_and_batch() -> None:
    auto = {"objective.penalty_weight": "auto"}
    assert load_recipe("r3", {**auto, "batch": 32}).penalty_weight == pytest.approx(0.0256)
    larger = load_recipe("r3", {**auto, "data.resolution": 128, "batch": 32})
    assert larger.penalty_weight == pytest.approx(4 * 0.0256)


@pytest.mark.parametrize(
    ("recipe", "fields", "said"),
    [
        ("r3", {"objective.last_penalty_weight": 0.1}, "for schedule.decay, which is 'none'"),
        ("dcgan", {"schedule.last_average": 9_000}, "for schedule.decay, which is 'none'"),
        (
            "wgan",
            {"schedule.decay": "cosine", "optimizer.discriminator.last_beta2": 0.9},
            "is for adam and adamw, and this is 'rmsprop'",
        ),
        (
            "dcgan",
            {"schedule.decay": "linear", "objective.last_penalty_weight": 1.0},
            "the factor of no penalty",
        ),
        (
            "dcgan",
            {
                "schedule.decay": "cosine",
                "augmentation.method": "ada",
                "augmentation.last_probability": 0.3,
            },
            "follows either the schedule or the discriminator",
        ),
        ("wgan-gp", {"objective.penalty_weight": "auto"}, "a rule for r1 and r2"),
        ("r3", {"objective.penalty_weight": "much"}, "objective.penalty_weight = 'much'"),
    ],
)
def test_a_last_value_that_nothing_goes_to_is_refused(
    recipe: str, fields: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError) as raised:
        load_recipe(recipe, fields)
    assert said in raised.value.what
    assert raised.value.remedy
