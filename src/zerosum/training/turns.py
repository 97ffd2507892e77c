"""Who learns in a step: both players, or in the phases of a restoration one; who is next."""

from torch import Tensor

from zerosum.recipe import Recipe
from zerosum.recipe.phases import Phase
from zerosum.training.checkpoints import Position
from zerosum.training.game import Game, StepResult, draw_batch, seed_dropout
from zerosum.training.optimizers import DECAYS
from zerosum.training.step import (
    PlayerUpdate,
    discriminator_step,
    generator_step,
    keep_average,
    make_fakes,
    restoration_step,
    step_result,
    train_step,
)


def take_step(game: Game, phase: Phase, position: Position) -> tuple[StepResult, str]:
    """The step after `position`; what it measured, and whose turn is next in an adaptive switch."""
    step, images = position.step + 1, position.images
    if phase.name == "generator":
        return _alone(game, step, images), position.turn
    if phase.name == "critic":
        return _turn(game, "discriminator", step, images), position.turn
    if game.recipe.schedule.switch == "fixed":
        return train_step(game, step, images), position.turn
    result = _turn(game, position.turn, step, images)
    return result, next_turn(game, position.turn, result)


def _alone(game: Game, step: int, images: int) -> StepResult:
    """The generator learns from the pixel loss alone."""
    batch = draw_batch(game, step, images)
    update = restoration_step(game, batch, make_fakes(game, batch.inputs, graph=True))
    return _closed(game, None, update, images)


def _turn(game: Game, player: str, step: int, images: int) -> StepResult:
    """One player learns from a batch; the other stands still."""
    seed_dropout(game, step)
    batch = draw_batch(game, step, images)
    fake = make_fakes(game, batch.inputs, graph=player == "generator")
    if player == "generator":
        return _closed(game, None, generator_step(game, batch, fake), images)
    return _closed(game, discriminator_step(game, batch, fake), None, images)


def _closed(
    game: Game, discriminator: PlayerUpdate | None, generator: PlayerUpdate | None, images: int
) -> StepResult:
    seen = game.recipe.schedule.batch
    keep_average(game, images + seen, seen)
    return step_result(game, discriminator, generator, seen)


def next_turn(game: Game, turn: str, result: StepResult) -> str:
    """Who trains next: fastai's adaptive switch.

    After a step of the generator the discriminator; after one of the discriminator the generator,
    once the mean of its losses on real and on restored images is below `schedule.switch_loss`.
    The answer is the same in all processes; it waits for the device.
    """
    if turn == "generator":
        return "discriminator"
    loss = result.measure("loss_discriminator") / 2
    if game.fabric.world_size > 1:
        reduced = game.fabric.all_reduce(loss, reduce_op="mean")
        assert isinstance(reduced, Tensor)
        loss = reduced
    return "generator" if float(loss) < game.recipe.schedule.switch_loss else "discriminator"


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
