"""Who learns in a step: both players, or in the phases of a restoration one; who is next."""

from collections.abc import Callable

from torch import Tensor

from zerosum.recipe.phases import Phase
from zerosum.recipe.settings import Recipe
from zerosum.training.checkpoints import Position
from zerosum.training.fabric import mean_over_processes
from zerosum.training.game import Batch, Game, StepResult, draw_batches, seed_dropout
from zerosum.training.optimizers import DECAYS, set_learning_rate
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


def set_learning_rates(game: Game, phase: Phase, images: int) -> dict[str, float]:
    """Set both players' learning rates for the next step; the same as log fields."""
    rates = learning_rates(game.recipe, phase, images)
    for player, optimizer in game.players.optimizers().items():
        set_learning_rate(optimizer, rates[player])
    return {f"learning_rate_{player}": rate for player, rate in rates.items()}


def learning_rates(recipe: Recipe, phase: Phase, images: int) -> dict[str, float]:
    """Each player's learning rate for the next step, by the player's name."""
    progress = (images - phase.begin) / (phase.end - phase.begin)
    factor = DECAYS[recipe.schedule.decay](min(1.0, progress))
    generator = recipe.optimizer.generator.learning_rate
    if phase.name == "generator":
        generator = recipe.pretrain.generator_learning_rate
    return {
        "generator": generator * factor,
        "discriminator": recipe.optimizer.discriminator.learning_rate * factor,
    }
