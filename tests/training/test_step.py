"""Our step against the textbook's: the same weights after three steps."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from torch import nn

from tests.training import textbook
from zerosum.adversarial.augmentation import Augmentation
from zerosum.data import Split
from zerosum.data.batches import Batches
from zerosum.randomness import random_for
from zerosum.recipe.augmentation import AugmentationSettings
from zerosum.recipe.load import load_recipe
from zerosum.recipe.settings import Recipe
from zerosum.tasks import TASKS, Draw, latent
from zerosum.training.augmenter import Augmenter
from zerosum.training.game import Game, draw_batches, draw_epsilon
from zerosum.training.players import Players, build_players
from zerosum.training.step import discriminator_step, make_fakes, train_step

STEPS = 3


def small_game(name: str, **more: object) -> Game:
    """A recipe at 32 pixels, small, on random images; without biases, as the textbook."""
    small = {"data.resolution": 32, "latent": 8, "width": 4, "batch": 8, "data.channels": 3}
    bare = {f"network.{player}.bias": "none" for player in ("generator", "discriminator")}
    recipe = load_recipe(name, {**small, **bare, **more})
    pixels = random_for(0, "test images").integers(0, 256, (64, 32, 32, 3), dtype=np.uint8)
    fabric = Fabric(accelerator="cpu", devices=1)
    split = Split(pixels, np.arange(64), None, ())
    batches = Batches(split, recipe.data, recipe.seed, fabric.device)
    players = build_players(recipe, fabric)
    return Game(recipe, players, batches, fabric, players.generator, players.discriminator)


def draw_latents(game: Game, step: int, critic_step: int) -> torch.Tensor:
    share, nothing = game.share(), torch.empty(0)
    return latent.draw_latents(game.recipe, Draw(step, critic_step, share, 0, nothing, None))


def copied(into: nn.Module, network: nn.Module) -> nn.Module:
    """The textbook's network with the start weights of ours: layers have the same order."""
    values = network.state_dict().values()
    into.load_state_dict(dict(zip(into.state_dict(), values, strict=True)))
    return into


def textbook_players(recipe: Recipe, players: Players) -> tuple[nn.Module, nn.Module]:
    norm = {"batch": nn.BatchNorm2d, "instance": nn.InstanceNorm2d}
    G = textbook.generator(3, recipe.network.generator.width, recipe.network.latent)
    kind = norm[recipe.network.discriminator.norm]
    D = textbook.discriminator(3, recipe.network.discriminator.width, kind)
    return copied(G, players.generator), copied(D, players.discriminator)


def run_ours(game: Game) -> None:
    images = 0
    for step in range(1, STEPS + 1):
        images += train_step(game, step, images).images


def demand_same_weights(game: Game, G: nn.Module, D: nn.Module) -> None:
    for ours, theirs in ((game.players.generator, G), (game.players.discriminator, D)):
        pairs = zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True)
        for (name, mine), reference in pairs:
            torch.testing.assert_close(mine, reference, rtol=1e-5, atol=1e-5, msg=name)


def critic_draws(game: Game) -> Iterator[tuple[int, int, int]]:
    """(step, critic step, images before) in the order of the training."""
    images = 0
    for step in range(1, STEPS + 1):
        for critic_step in range(game.recipe.schedule.critic_steps):
            yield step, critic_step, images
            images += game.recipe.schedule.batch


def test_dcgan_step_is_the_textbooks() -> None:
    game = small_game("dcgan")
    G, D = textbook_players(game.recipe, game.players)
    optimizer_G = torch.optim.Adam(G.parameters(), 2e-4, (0.5, 0.999))
    optimizer_D = torch.optim.Adam(D.parameters(), 2e-4, (0.5, 0.999))
    for step, critic_step, images in critic_draws(game):
        z, x = draw_latents(game, step, critic_step), game.batches.at(images, 8)
        textbook.dcgan_step(G, D, optimizer_G, optimizer_D, x, z)
    run_ours(game)
    demand_same_weights(game, G, D)


@pytest.mark.parametrize("name", ["wgan", "wgan-gp"])
def test_wasserstein_step_is_the_textbooks(name: str) -> None:
    game = small_game(name)
    G, D = textbook_players(game.recipe, game.players)
    if name == "wgan":
        optimizer_G: torch.optim.Optimizer = torch.optim.RMSprop(G.parameters(), 5e-5)
        optimizer_D: torch.optim.Optimizer = torch.optim.RMSprop(D.parameters(), 5e-5)
    else:
        optimizer_G = torch.optim.Adam(G.parameters(), 1e-4, (0.0, 0.9))
        optimizer_D = torch.optim.Adam(D.parameters(), 1e-4, (0.0, 0.9))
    for step, critic_step, images in critic_draws(game):
        z, x = draw_latents(game, step, critic_step), game.batches.at(images, 8)
        fake = G(z[:, :, None, None])
        if name == "wgan":
            textbook.wgan_critic_step(D, optimizer_D, x, fake.detach(), clip=0.01)
        else:
            epsilon = draw_epsilon(game, step, critic_step)
            textbook.wgan_gp_critic_step(D, optimizer_D, x, fake.detach(), epsilon, weight=10.0)
        if critic_step == 4:
            textbook.wgan_generator_step(D, optimizer_G, fake)
    run_ours(game)
    demand_same_weights(game, G, D)


@pytest.mark.parametrize("parts", [1, 2])
def test_penalties_of_outputs_that_a_loss_has_used_are_the_textbooks_of_their_own(
    parts: int,
) -> None:
    """The critic's step alone; also where the batch is computed in parts."""
    more = {"objective.penalty": "r1+r2", "schedule.critic_steps": 1, "schedule.accumulate": parts}
    game = small_game("wgan-gp", **more)
    _, D = textbook_players(game.recipe, game.players)
    optimizer = torch.optim.Adam(D.parameters(), 1e-4, (0.0, 0.9))
    for step in range(1, STEPS + 1):
        [batch] = draw_batches(game, step, 8 * step, 1)
        fake = make_fakes(game, batch.inputs, graph=False)
        textbook.wgan_r1_r2_critic_step(D, optimizer, batch.real, fake, weight=10.0)
        discriminator_step(game, batch, fake)
    ours = game.players.discriminator.state_dict().values()
    for mine, reference in zip(ours, D.state_dict().values(), strict=True):
        torch.testing.assert_close(mine, reference, rtol=1e-5, atol=1e-5)


def test_critic_steps_take_fresh_batches_or_one_for_all() -> None:
    for batches, shown in (("fresh", 5 * 8), ("same", 8)):
        game = small_game("wgan", **{"schedule.critic_batches": batches})
        assert train_step(game, 1, 0).images == shown


def test_clipping_bounds_every_weight_of_the_critic() -> None:
    game = small_game("wgan")
    run_ours(game)
    weights = game.players.discriminator.parameters()
    largest = max(weight.abs().max().item() for weight in weights)
    assert largest <= 0.01


def test_generators_step_leaves_the_discriminator_trainable_and_without_its_gradients() -> None:
    game = small_game("dcgan")
    run_ours(game)
    before = [p.detach().clone() for p in game.players.discriminator.parameters()]
    assert all(p.requires_grad for p in game.players.discriminator.parameters())
    run_ours(game)
    after = list(game.players.discriminator.parameters())
    assert all(not torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_draws_of_steps_and_critic_steps_differ() -> None:
    game = small_game("wgan")
    draws = [draw_latents(game, step, critic_step) for step, critic_step, _ in critic_draws(game)]
    assert all(not torch.equal(a, b) for a, b in pairwise(draws))


def test_uniform_prior_draws_between_minus_one_and_one() -> None:
    game = small_game("dcgan", **{"network.prior": "uniform", "batch": 512})
    latents = draw_latents(game, 1, 0)
    assert latents.min() < -0.99 and latents.max() > 0.99
    assert latents.abs().max() <= 1


def test_norms_of_gradients_come_for_every_parameter() -> None:
    game = small_game("dcgan")
    result = train_step(game, 1, 0)
    players = game.players
    count = len(list(players.generator.parameters())) + len(
        list(players.discriminator.parameters())
    )
    assert result.gradient_norms.shape == (count,)
    assert (result.gradient_norms > 0).all()


@pytest.mark.parametrize("critic_batches", ["fresh", "same"])
def test_every_batch_of_a_step_carries_the_labels_that_its_task_wants(
    critic_batches: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = small_game("wgan", **{"schedule.critic_batches": critic_batches})
    pixels = np.broadcast_to(np.arange(64, dtype=np.uint8)[:, None, None, None], (64, 32, 32, 3))
    split = Split(pixels, np.arange(64), np.arange(64), ())
    batches = Batches(split, game.recipe.data, 0, game.fabric.device)
    steps = game.recipe.schedule.critic_steps
    monkeypatch.setitem(TASKS, "latent", replace(latent.TASK, labels=True))
    drawn = draw_batches(replace(game, batches=batches), 3, 56, steps)  # an epoch ends within them
    assert len(drawn) == steps > 1
    for batch in drawn:
        shown = ((batch.real[:, 0, 0, 0] + 1) * 127.5).round().int()
        assert batch.labels is not None
        assert batch.labels.tolist() == shown.tolist()
    monkeypatch.undo()
    assert draw_batches(replace(game, batches=batches), 3, 56, 1)[0].labels is None
    assert draw_batches(game, 3, 56, 1)[0].labels is None


def test_reals_fakes_penalty_and_generators_step_go_through_the_augmentation() -> None:
    """Behind one that hides everything there is nothing to tell apart and nothing to learn."""
    more = {"objective.penalty": "r1+r2", "objective.penalty_weight": 1.0}

    def measures(game: Game) -> list[float]:
        result = train_step(game, 1, 0)
        names = ("d_real", "d_fake_before", "penalty", "gradient_norm_generator")
        real, fake, penalty, learnt = (float(result.measure(name)) for name in names)
        return [real - fake, penalty, learnt]

    assert all(measures(small_game("wgan-gp", **more)))
    hiding = Augmentation(lambda images, *_: images * 0, uniform=1)
    device = torch.device("cpu")
    augmenter = Augmenter(hiding, AugmentationSettings(), device, (1.0, 0.0, 0, 1))
    hidden = replace(small_game("wgan-gp", **more), augmenter=augmenter)
    assert measures(hidden) == [0, 0, 0]
