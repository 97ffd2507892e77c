"""Who learns in a step: both players, or in the phases of a restoration one; who is next."""

from collections.abc import Callable

import torch
from torch import Tensor

from zerosum.recipe.phases import Phase
from zerosum.recipe.sections import SAME, Same
from zerosum.recipe.settings import Recipe
from zerosum.training.checkpoints import Position
from zerosum.training.fabric import mean_over_processes
from zerosum.training.game import Batch, Game, StepResult, draw_batches, seed_dropout
from zerosum.training.optimizers import DECAYS, set_beta2, set_learning_rate
from zerosum.training.step import (
    adapt_augmentation,
    discriminator_step,
    generator_step,
    keep_average,
    make_fakes,
    supervised_step,
    train_step,
)
from zerosum.training.updates import PlayerUpdate, step_result


def take_step(game: Game, phase: Phase, position: Position) -> tuple[StepResult, str]:
    """The step after `position`; what it measured, and whose turn is next in an adaptive switch."""
    step, images = position.step + 1, position.images
    if phase.name == "generator":
        return _one_learns(game, supervised_step, step, images), position.turn
    if phase.name == "critic":
        return _one_learns(game, discriminator_step, step, images), position.turn
    if game.recipe.schedule.switch == "fixed":
        return train_step(game, step, images), position.turn
    learn = generator_step if position.turn == "generator" else discriminator_step
    result = _one_learns(game, learn, step, images)
    return result, next_turn(game, position.turn, result)


def _one_learns(
    game: Game, learn: Callable[[Game, Batch, Tensor], PlayerUpdate], step: int, images: int
) -> StepResult:
    """One player learns from a batch; the other stands still."""
    seed_dropout(game, step)
    [batch], seen = draw_batches(game, step, images, 1), game.recipe.schedule.batch
    fake = make_fakes(game, batch.inputs, graph=learn is not discriminator_step)
    update = learn(game, batch, fake)
    result = step_result(game, [update], seen)
    adapt_augmentation(game, result)
    keep_average(game, images + seen, seen)
    return result


def next_turn(game: Game, turn: str, result: StepResult) -> str:
    """Who trains next: fastai's adaptive switch.

    After a step of the generator the discriminator; after one of the discriminator the generator,
    once the mean of its losses on real and on restored images is below `schedule.switch_loss`.
    The answer is the same in all processes; it waits for the device.
    """
    if turn == "generator":
        return "discriminator"
    loss = result.measure("loss_discriminator") / 2
    loss = mean_over_processes(game.fabric, loss)
    return "generator" if float(loss) < game.recipe.schedule.switch_loss else "discriminator"


def set_values(game: Game, phase: Phase, images: int) -> dict[str, float]:
    """Set what changes over the run for the next step; the learning rates as log fields."""
    recipe, left = game.recipe, share_left(game.recipe, phase, images)
    rates = learning_rates(recipe, phase, images)
    for player, optimizer in game.players.optimizers().items():
        settings = getattr(recipe.optimizer, player)
        set_learning_rate(optimizer, rates[player])
        if settings.last_beta2 != SAME:
            set_beta2(optimizer, between(settings.betas[1], settings.last_beta2, left))
    if recipe.objective.last_penalty_weight != SAME:
        weight = between(recipe.penalty_weight, recipe.objective.last_penalty_weight, left)
        if game.live.penalty_weight is None:
            game.live.penalty_weight = torch.zeros((), device=game.fabric.device)
        game.live.penalty_weight.fill_(weight)
    if recipe.schedule.last_average != SAME:
        schedule = recipe.schedule
        game.live.half_life = between(schedule.average, schedule.last_average, left)
    first, last = recipe.augmentation.amounts
    if last != SAME and game.augmenter is not None:
        game.augmenter.amount.fill_(between(first, last, left))
    return {f"learning_rate_{player}": rate for player, rate in rates.items()}


def learning_rates(recipe: Recipe, phase: Phase, images: int) -> dict[str, float]:
    """Each player's learning rate for the next step, by the player's name."""
    left, players = share_left(recipe, phase, images), recipe.optimizer
    first = players.generator.learning_rate
    if phase.name == "generator":
        first = recipe.pretrain.generator_learning_rate
    discriminator = players.discriminator
    return {
        "generator": between(first, players.generator.last_learning_rate, left),
        "discriminator": between(
            discriminator.learning_rate, discriminator.last_learning_rate, left
        ),
    }


def share_left(recipe: Recipe, phase: Phase, images: int) -> float:
    """The share of the difference of first values and last ones that is left for the next step."""
    length = recipe.schedule.decay_images or phase.end - phase.begin
    return DECAYS[recipe.schedule.decay](min(1.0, (images - phase.begin) / length))


def between(first: float, last: float | Same, left: float) -> float:
    """A value on its way, of whose difference from the last one this share is left."""
    return first if isinstance(last, str) else last + (first - last) * left
