"""The game as its steps see it: who plays, with what images, and what is drawn for a step.

Everything random is a function of (seed, step), drawn for the whole batch; each process takes its
share.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from zerosum.adversarial import LOSSES, Loss
from zerosum.data import Batches
from zerosum.randomness import random_for, seed_for
from zerosum.recipe import Recipe
from zerosum.tasks import Draw, task_of
from zerosum.training.players import Players

MEASURES = (
    "loss_generator",
    "loss_discriminator",
    "d_real",
    "d_fake_before",
    "d_fake_after",
    "gradient_norm_generator",
    "gradient_norm_discriminator",
    "penalty",
    "loss_pixel",
    "accuracy",
)
"""What a step may measure, in the order of `StepResult.measures`."""


@dataclass(frozen=True)
class StepResult:
    """What one step measured, on the device, and how many real images it showed."""

    measures: Tensor
    """float32 (10,), in the order of MEASURES, 0 where a step of this kind does not measure it; of
    the last critic step where there are several."""
    measured: frozenset[str]
    """What of MEASURES it measured."""
    gradient_norms: Tensor
    """float32, one for each parameter: the discriminator's in order, then the generator's; 0 for
    those of a player that did not learn."""
    images: int

    def measure(self, name: str) -> Tensor:
        """One of the measures, a scalar on the device."""
        return self.measures[MEASURES.index(name)]


@dataclass(frozen=True)
class Game:
    """What a step needs and what does not change from step to step."""

    recipe: Recipe
    players: Players
    batches: Batches
    fabric: Fabric
    generate: Callable[[Tensor], Tensor]
    """The generator's forward pass, compiled where asked."""
    judge: Callable[[Tensor], Tensor]
    """The discriminator's forward pass, compiled where asked. Penalties use the plain module:
    double backward through a compiled one is unsupported."""
    features: Callable[[Tensor], list[Tensor]] | None = None
    """Maps of a frozen network for the feature loss of restorations, where the recipe has one."""
    captured: "Callable[[Sequence[Batch]], StepResult] | None" = None
    """`step.play` as one CUDA graph, where asked."""

    @property
    def loss(self) -> Loss:
        return LOSSES[self.recipe.objective.loss]

    def share(self) -> slice:
        """The part of the batch that is this process's."""
        size = self.recipe.schedule.batch // self.fabric.world_size
        return slice(self.fabric.global_rank * size, (self.fabric.global_rank + 1) * size)

    def micro_batches(self) -> list[slice]:
        """The parts that this process's share is computed in, one after the other."""
        count = self.recipe.schedule.accumulate
        size = length(self.share()) // count
        return [slice(part * size, (part + 1) * size) for part in range(count)]


@dataclass(frozen=True)
class Batch:
    """This process's share of a batch: n real images and what the generator is given."""

    real: Tensor
    """float32 (n, C, H, W) in [-1, 1]."""
    first: int
    """The number of the first of them in the training's stream."""
    inputs: Tensor
    """What its task gives the generator: latents (n, latent), or damaged copies of the reals."""
    epsilon: Tensor
    """ε, the mixing weights of a gradient penalty (n, 1, 1, 1) in [0, 1)."""
    labels: Tensor | None
    """The classes of the real images, int64 (n,); None where they have none."""


def draw_batch(game: Game, step: int, images: int) -> Batch:
    """What step `step` begins with, after `images` real images."""
    share = game.share()
    first, count = images + share.start, length(share)
    real, labels = game.batches.at(first, count), game.batches.labels(first, count)
    return _complete(game, Draw(step, 0, share, first, real, labels))


def draw_batches(game: Game, step: int, images: int) -> list[Batch]:
    """What step `step` is played with, after `images` real images: a batch for each critic step."""
    batches = [draw_batch(game, step, images)]
    for critic_step in range(1, game.recipe.schedule.critic_steps):
        batches.append(draw_next_batch(game, step, critic_step, images, batches[-1]))
    return batches


def draw_next_batch(game: Game, step: int, critic_step: int, images: int, batch: Batch) -> Batch:
    """What a later critic step of the same step is played with: real images of its own, or those
    of the `batch` before."""
    share = game.share()
    first, real, labels = batch.first, batch.real, batch.labels
    if game.recipe.schedule.critic_batches == "fresh":
        first = images + critic_step * game.recipe.schedule.batch + share.start
        count = length(share)
        real, labels = game.batches.at(first, count), game.batches.labels(first, count)
    return _complete(game, Draw(step, critic_step, share, first, real, labels))


def _complete(game: Game, draw: Draw) -> Batch:
    """The batch of these real images."""
    inputs = task_of(game.recipe).inputs(game.recipe, draw)
    epsilon = draw_epsilon(game, draw.step, draw.critic_step)
    return Batch(draw.real, draw.first, inputs, epsilon, draw.labels)


def draw_epsilon(game: Game, step: int, critic_step: int) -> Tensor:
    """This process's part of the mixing weights ε of a gradient penalty: (n, 1, 1, 1) in [0, 1)."""
    random = random_for(game.recipe.seed, "penalty", step, critic_step)
    epsilon = random.random((game.recipe.schedule.batch, 1, 1, 1), dtype=np.float32)
    return torch.from_numpy(epsilon[game.share()]).to(game.fabric.device, non_blocking=True)


def seed_dropout(game: Game, step: int) -> None:
    """Let the masks of dropout depend on the step and the process alone."""
    if game.recipe.network.discriminator.dropout > 0:
        torch.manual_seed(seed_for(game.recipe.seed, "dropout", step, game.fabric.global_rank))


def length(part: slice) -> int:
    """How many a slice with known ends takes."""
    return int(part.stop - part.start)
