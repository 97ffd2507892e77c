"""What each of the two players minimises: the method on one screen, as pure functions of images.

Images are float32 (n, C, H, W) in [-1, 1]. What a player minimises is a float32 scalar; with it
come the means that were measured, by their names in a log line.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from torch import Tensor

from zerosum.adversarial.losses import LOSSES, Loss
from zerosum.adversarial.penalties import PENALTIES
from zerosum.recipe.settings import Recipe

Measured = tuple[Tensor, dict[str, Tensor]]
"""(what is minimised, what was measured)."""


@dataclass(frozen=True)
class Discriminator:
    """The discriminator as the objectives ask it."""

    forward: Callable[[Tensor], Tensor]
    """Its forward pass, compiled where asked: images → outputs (n,)."""
    plain: Callable[[Tensor], Tensor]
    """The same, never compiled: double backward through a compiled one is unsupported."""
    augment: Callable[[Tensor], Tensor]
    """What all images go through before it: reals, fakes, those of the generator's step and of a
    penalty, whose gradient is the one at the images before it. A function that can be
    differentiated."""
    autocast: Callable[[], AbstractContextManager[object]]
    """The precision that it computes in."""

    def outputs(self, *images: Tensor) -> list[Tensor]:
        """Its outputs on each batch of images, float32 (n,): together, as low precision then has
        one copy of the weights, in which their gradients meet."""
        with self.autocast():
            return [self.forward(self.augment(each)).float() for each in images]

    def penalty(self, name: str, real: Tensor, fake: Tensor, epsilon: Tensor) -> Tensor:
        """One of PENALTIES on it, without its weight."""
        with self.autocast():
            return PENALTIES[name](lambda x: self.plain(self.augment(x)), real, fake, epsilon)


def discriminator_loss(
    recipe: Recipe, discriminator: Discriminator, real: Tensor, fake: Tensor, epsilon: Tensor
) -> Measured:
    """The discriminator's loss with its penalty; `epsilon` (n, 1, 1, 1) mixes the images of a
    gradient penalty."""
    objective, loss = recipe.objective, LOSSES[recipe.objective.loss]
    real_logits, fake_logits = discriminator.outputs(real, fake)
    total = loss.discriminator(real_logits, fake_logits, objective.real_label, objective.fake_label)
    measures = {
        "loss_discriminator": total.detach(),
        "d_real": mean_answer(loss, real_logits),
        "d_fake_before": mean_answer(loss, fake_logits),
    }
    if objective.penalty != "none":
        penalty = discriminator.penalty(objective.penalty, real, fake, epsilon)
        penalty = objective.penalty_weight * penalty
        total, measures["penalty"] = total + penalty, penalty.detach()
    if "accuracy" in recipe.task.measures:
        measures["accuracy"] = accuracy(loss, real_logits.detach(), fake_logits.detach())
    return total, measures


def generator_loss(
    recipe: Recipe, discriminator: Discriminator, real: Tensor, fake: Tensor
) -> Measured:
    """The generator's loss, weighted, under the discriminator just taught."""
    objective, loss = recipe.objective, LOSSES[recipe.objective.loss]
    fake_logits, *rest = discriminator.outputs(fake, *((real,) if loss.needs_real else ()))
    real_logits = rest[0] if rest else None
    total = loss.generator(fake_logits, real_logits, objective.real_label, objective.fake_label)
    measures = {"loss_generator": total.detach(), "d_fake_after": mean_answer(loss, fake_logits)}
    return objective.adversarial_weight * total, measures


def accuracy(loss: Loss, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The share of images that the discriminator tells right.

    Where its output is no probability, and no value divides the two: the share of pairs in which
    the real one has the higher score.
    """
    if loss.properties.output == "score":
        return (real_logits > fake_logits).float().mean()
    return ((real_logits > 0).float().mean() + (fake_logits < 0).float().mean()) / 2


def mean_answer(loss: Loss, logits: Tensor) -> Tensor:
    """Mean of the discriminator's outputs as they are shown: probabilities, or what it says."""
    answers = logits.detach()
    return (answers.sigmoid() if loss.properties.output == "logit" else answers).mean()
