"""The game as its steps see it: who plays, with what images, and what is drawn for a step.

Everything random is a function of (seed, step), drawn for the whole batch; each process takes its
share.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from zerosum.adversarial.objectives import Discriminator
from zerosum.adversarial.penalties import Place
from zerosum.data.batches import Batches, to_device
from zerosum.networks.joining import joined
from zerosum.randomness import random_for, seed_for
from zerosum.recipe.settings import Recipe
from zerosum.tasks import Draw, Features, Task, task_of
from zerosum.training.augmenter import SEEN, Augmenter, PlayerName
from zerosum.training.fabric import Fabric
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
    "sign_real",
    "loss_classifier_real",
    "loss_classifier_fake",
    "classified_real",
    "classified_fake",
)
"""What a step may measure, in the order of `StepResult.measures`."""


@dataclass(frozen=True)
class StepResult:
    """What one step measured, on the device, and how many real images it showed."""

    measures: Tensor
    """float32 (15,), in the order of MEASURES, 0 where a step of this kind does not measure it; of
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


class Captured(Protocol):
    """`step.play`, started at once (`captured.py`)."""

    in_use: bool
    """Whether it is; where it could not be, steps are taken as they come."""

    def __call__(self, batches: "Sequence[Batch]") -> StepResult: ...


@dataclass
class Live:
    """What a step needs besides the recipe and no optimiser holds, as it stands for the next one.

    None: it does not change while the run goes on, and is the recipe's.
    """

    images_before: int = 0
    """Images that the weights were learnt from before this run (`Position`)."""
    penalty_weight: Tensor | None = None
    """A float32 scalar on the device, which keeps its place: a CUDA graph reads it."""
    half_life: float | None = None
    """Of the generator's average, in images."""


@dataclass(frozen=True)
class Game:
    """What a step needs and what does not change from step to step."""

    recipe: Recipe
    players: Players
    batches: Batches
    fabric: Fabric
    generate: Callable[[Tensor], Tensor]
    """The generator's forward pass, compiled where asked."""
    discriminate: Callable[..., Tensor]
    """The discriminator's forward pass, compiled where asked: images, and their classes where the
    task wants them and it does not name them."""
    features: Features | None = None
    """Maps of a frozen network for the feature loss of restorations, where the recipe has one."""
    captured: "Captured | None" = None
    """`step.play` as one CUDA graph, on a device that takes it."""
    augmenter: Augmenter | None = None
    """What all images go through before the discriminator; None: they stay as they are."""
    live: Live = field(default_factory=Live)

    @property
    def task(self) -> Task:
        """What the generator is trained for."""
        return task_of(self.recipe)

    def discriminator(self, batch: "Batch", player: PlayerName) -> Discriminator:
        """The discriminator as the loss of a player asks it, about images of the classes of the
        batch, where it has any, with the augmentation that was drawn for it."""
        plain, autocast, labels = self.players.discriminator, self.fabric.autocast, batch.labels

        def augment(place: Place, images: Tensor) -> Tensor:
            if self.augmenter is None or batch.draws is None:
                return images
            return self.augmenter(images, batch.draws[:, SEEN.index((player, place))])

        if labels is None or self.recipe.network.classifies:
            join = partial(joined, self.discriminate) if self.players.joined else None
            return Discriminator(self.discriminate, plain, augment, autocast, join, labels)
        return Discriminator(
            lambda images: self.discriminate(images, labels),
            lambda images: plain(images, labels),
            augment,
            autocast,
        )

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
    """The classes of the real images, int64 (n,); None where the task does without."""
    draws: Tensor | None
    """The numbers of an augmentation, float32 (n, len(SEEN), numbers); None where there is none."""

    def each(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        """The batch with each of its tensors changed."""
        labels = None if self.labels is None else change(self.labels)
        draws = None if self.draws is None else change(self.draws)
        return Batch(change(self.real), change(self.inputs), change(self.epsilon), labels, draws)

    def tensors(self) -> list[Tensor]:
        """Those of its tensors that it has."""
        tensors = (self.real, self.inputs, self.epsilon, self.labels, self.draws)
        return [tensor for tensor in tensors if tensor is not None]


def draw_batches(game: Game, step: int, images: int, critic_steps: int) -> list[Batch]:
    """What step `step` is played with, after `images` real images: a batch for each critic step,
    of images of its own, or of the same in all."""
    share, schedule, batches = game.share(), game.recipe.schedule, list[Batch]()
    first, count = images + share.start, share.stop - share.start
    for critic_step in range(critic_steps):
        if critic_step == 0 or schedule.critic_batches == "fresh":
            at = first + critic_step * schedule.batch
            real = game.batches.at(at, count)
            labels = game.batches.labels(at, count) if game.task.labels else None
        inputs = game.task.inputs(game.recipe, Draw(step, critic_step, share, at, real, labels))
        epsilon = draw_epsilon(game, step, critic_step)
        draws = draw_augmentation(game, step, critic_step)
        batches.append(Batch(real, inputs, epsilon, labels, draws))
    return batches


def draw_epsilon(game: Game, step: int, critic_step: int) -> Tensor:
    """This process's part of the mixing weights ε of a gradient penalty: (n, 1, 1, 1) in [0, 1)."""
    random = random_for(game.recipe.seed, "penalty", step, critic_step)
    epsilon = random.random((game.recipe.schedule.batch, 1, 1, 1), dtype=np.float32)
    return to_device(torch.from_numpy(epsilon[game.share()]), game.fabric.device)


def draw_augmentation(game: Game, step: int, critic_step: int) -> Tensor | None:
    """This process's part of the numbers of an augmentation; None where there is none."""
    if game.augmenter is None:
        return None
    random = random_for(game.recipe.seed, "augmentation of a step", step, critic_step)
    drawn = game.augmenter.method.draw(random, game.recipe.schedule.batch, len(SEEN))
    return to_device(torch.from_numpy(drawn[game.share()]), game.fabric.device)


def seed_dropout(game: Game, step: int) -> None:
    """Let the masks of dropout depend on the step and the process alone."""
    if game.recipe.network.discriminator.dropout > 0:
        torch.manual_seed(seed_for(game.recipe.seed, "dropout", step, game.fabric.global_rank))
