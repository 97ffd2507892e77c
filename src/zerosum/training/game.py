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

from zerosum.adversarial import Discriminator
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
    """The discriminator's forward pass, compiled where asked."""
    features: Callable[[Tensor], list[Tensor]] | None = None
    """Maps of a frozen network for the feature loss of restorations, where the recipe has one."""
    captured: "Callable[[Sequence[Batch]], StepResult] | None" = None
    """`step.play` as one CUDA graph, where asked."""
    augment: Callable[[Tensor], Tensor] = lambda images: images
    """What all images go through before the discriminator, (n, C, H, W) both."""

    @property
    def discriminator(self) -> Discriminator:
        """The discriminator as the losses ask it."""
        plain, autocast = self.players.discriminator, self.fabric.autocast
        return Discriminator(self.judge, plain, self.augment, autocast)

    def fakes(self, inputs: Tensor) -> Tensor:
        """What the generator makes of the inputs: images, float32 as the real ones whatever
        computed them, for a penalty mixes both."""
        with self.fabric.autocast():
            return self.generate(inputs).float()

    def share(self) -> slice:
        """The part of the batch that is this process's."""
        size = self.recipe.schedule.batch // self.fabric.world_size
        return slice(self.fabric.global_rank * size, (self.fabric.global_rank + 1) * size)

    def micro_batches(self) -> list[slice]:
        """The parts that this process's share is computed in, one after the other."""
        share, count = self.share(), self.recipe.schedule.accumulate
        size = (share.stop - share.start) // count
        return [slice(part * size, (part + 1) * size) for part in range(count)]


@dataclass(frozen=True)
class Batch:
    """This process's share of a batch: n real images and what the generator is given."""

    real: Tensor
    """float32 (n, C, H, W) in [-1, 1]."""
    inputs: Tensor
    """What its task gives the generator: latents (n, latent), or damaged copies of the reals."""
    epsilon: Tensor
    """ε, the mixing weights of a gradient penalty (n, 1, 1, 1) in [0, 1)."""
    labels: Tensor | None
    """The classes of the real images, int64 (n,); None where they have none."""


def draw_batch(game: Game, step: int, images: int, critic_step: int = 0) -> Batch:
    """What a critic step of step `step` is played with, after `images` real images: images of its
    own, or the same in all."""
    share, schedule = game.share(), game.recipe.schedule
    first, count = images + share.start, share.stop - share.start
    if schedule.critic_batches == "fresh":
        first += critic_step * schedule.batch
    real, labels = game.batches.at(first, count), game.batches.labels(first, count)
    draw = Draw(step, critic_step, share, first, real, labels)
    inputs = task_of(game.recipe).inputs(game.recipe, draw)
    return Batch(real, inputs, draw_epsilon(game, step, critic_step), labels)


def draw_batches(game: Game, step: int, images: int) -> list[Batch]:
    """What step `step` is played with, after `images` real images: a batch for each critic step."""
    count = game.recipe.schedule.critic_steps
    return [draw_batch(game, step, images, critic_step) for critic_step in range(count)]


def draw_epsilon(game: Game, step: int, critic_step: int) -> Tensor:
    """This process's part of the mixing weights ε of a gradient penalty: (n, 1, 1, 1) in [0, 1)."""
    random = random_for(game.recipe.seed, "penalty", step, critic_step)
    epsilon = random.random((game.recipe.schedule.batch, 1, 1, 1), dtype=np.float32)
    return torch.from_numpy(epsilon[game.share()]).to(game.fabric.device, non_blocking=True)


def seed_dropout(game: Game, step: int) -> None:
    """Let the masks of dropout depend on the step and the process alone."""
    if game.recipe.network.discriminator.dropout > 0:
        torch.manual_seed(seed_for(game.recipe.seed, "dropout", step, game.fabric.global_rank))
