"""What each of the two players minimises: the method on one screen, as pure functions of images.

Images are float32 (n, C, H, W) in [-1, 1]. What a player minimises is a float32 scalar; with it
come the means that were measured, by their names in a log line.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from zerosum.adversarial.losses import LOSSES, Loss
from zerosum.adversarial.penalties import PENALTIES, Place
from zerosum.recipe.settings import Recipe

Measured = tuple[Tensor, dict[str, Tensor]]
"""(what is minimised, what was measured)."""


@dataclass(frozen=True)
class Discriminator:
    """The discriminator as the objectives ask it."""

    forward: Callable[[Tensor], Tensor]
    """Its forward pass, compiled where asked: images → outputs (n,), or where it names classes
    (n, 1 + classes)."""
    plain: Callable[[Tensor], Tensor]
    """The same, never compiled, for outputs that are differentiated twice: double backward through
    a compiled one is unsupported."""
    augment: Callable[[Place, Tensor], Tensor]
    """What all images go through before it: reals, fakes, those of the generator's step and of a
    penalty, whose gradient is the one at the images before it. A function that can be
    differentiated twice."""
    autocast: Callable[[], AbstractContextManager[object]]
    """The precision that it computes in."""
    joined: Callable[[Sequence[Tensor]], Sequence[Tensor]] | None = None
    """Its forward pass on several batches of one size at once, each with the outputs that it has
    alone; None where that is not faster, or cannot be."""
    labels: Tensor | None = None
    """The classes of the images, int64 (n,), where it is to name them; None where it is not."""

    def outputs(
        self, images: Mapping[Place, Tensor], twice: Collection[Place] = ()
    ) -> dict[Place, Tensor]:
        """Its outputs on batches of images, float32, of the shape that `forward` has: together, as
        autocast then keeps one copy of the weights in low precision, in which their gradients meet.
        Weights of layers that are computed as matrix products (`networks.convolution`) are copied
        for each batch.

        Those of the places in `twice` can be differentiated twice.
        """
        # In full precision: in half, places between pixels are off by some of them.
        seen = {place: self.augment(place, each) for place, each in images.items()}
        with self.autocast():
            # The gradient at images of one batch would be computed for those of all.
            if self.joined and not any(each.requires_grad for each in seen.values()):
                outputs = self.joined(list(seen.values()))
                return {place: each.float() for place, each in zip(seen, outputs, strict=True)}
            return {
                place: (self.plain if place in twice else self.forward)(each).float()
                for place, each in seen.items()
            }


def discriminator_loss(
    recipe: Recipe,
    discriminator: Discriminator,
    real: Tensor,
    fake: Tensor,
    epsilon: Tensor,
    penalty_weight: float | Tensor | None = None,
) -> Measured:
    """The discriminator's loss with its penalty, which train it alone: images are detached.

    `epsilon` (n, 1, 1, 1) mixes the images of a gradient penalty: ε of algorithm 1 of Gulrajani et
    al. 2017 (arXiv 1704.00028). `penalty_weight` is the factor of the penalty at this step, on the
    device where it changes; None: the recipe's. A penalty at real or generated images
    differentiates the outputs that the loss is made of: dropout has the same masks in both.
    """
    objective, loss = recipe.objective, recipe.objective.part("loss", LOSSES)
    images: dict[Place, Tensor] = {"real": real.detach(), "fake": fake.detach()}
    penalised = objective.penalty != "none"
    penalty = objective.part("penalty", PENALTIES) if penalised else None
    places = penalty.places if penalty else ()
    if "between" in places:
        images["between"] = torch.lerp(images["fake"], images["real"], epsilon)
    for place in places:
        images[place].requires_grad_()
    outputs = discriminator.outputs(images, twice=places)
    logits = {place: logits_of(each) for place, each in outputs.items()}
    real_logits, fake_logits = logits["real"], logits["fake"]
    total = loss.discriminator(real_logits, fake_logits, objective.real_label, objective.fake_label)
    measures = {
        "loss_discriminator": total.detach(),
        "d_real": mean_answer(loss, real_logits),
        "d_fake_before": mean_answer(loss, fake_logits),
    }
    if penalty:
        weight = recipe.penalty_weight if penalty_weight is None else penalty_weight
        weighted = weight * penalty.of(images, logits)
        total, measures["penalty"] = total + weighted, weighted.detach()
    if recipe.augmentation.adapts:
        measures["sign_real"] = mean_sign(recipe, real_logits.detach())
    if "accuracy" in recipe.task.measures:
        measures["accuracy"] = accuracy(loss, real_logits.detach(), fake_logits.detach())
    if discriminator.labels is None:
        return total, measures
    for place in ("real", "fake"):
        named, right = naming(outputs[place], discriminator.labels)
        total = total + objective.class_weight * named
        measures |= {f"loss_classifier_{place}": named.detach(), f"classified_{place}": right}
    return total, measures


def generator_loss(
    recipe: Recipe, discriminator: Discriminator, real: Tensor, fake: Tensor
) -> Measured:
    """The generator's loss, weighted, under the discriminator just taught."""
    objective, loss = recipe.objective, recipe.objective.part("loss", LOSSES)
    images: dict[Place, Tensor] = {"fake": fake}
    if loss.needs_real:
        images["real"] = real
    outputs = discriminator.outputs(images)
    fake_logits = logits_of(outputs["fake"])
    real_logits = logits_of(outputs["real"]) if "real" in outputs else None
    total = loss.generator(fake_logits, real_logits, objective.generator_label)
    measures = {"loss_generator": total.detach(), "d_fake_after": mean_answer(loss, fake_logits)}
    total = objective.adversarial_weight * total
    if discriminator.labels is not None:
        named, _ = naming(outputs["fake"], discriminator.labels)
        total = total + objective.class_weight * named
    return total, measures


def logits_of(outputs: Tensor) -> Tensor:
    """Whether images are real, (n,), of a discriminator's outputs: all of them, or of one that
    names classes beside, (n, 1 + classes), the first."""
    return outputs if outputs.dim() == 1 else outputs[:, 0]


def naming(outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The mean cross-entropy of what a discriminator names as classes, outputs (n, 1 + classes),
    with those that the images have or were asked for, int64 (n,); and the share of right ones.

    −E log P(C = c | X): Odena et al. 2017 (arXiv 1610.09585), equation 3, which both players
    minimise, the discriminator on real and on generated images.
    """
    classes = outputs[:, 1:]
    return F.cross_entropy(classes, labels), (classes.argmax(1) == labels).float().mean()


def accuracy(loss: Loss, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The share of images that the discriminator tells right.

    Where its output is no probability, and no value divides the two: the share of pairs in which
    the real one has the higher score.
    """
    if loss.properties.output == "score":
        return (real_logits > fake_logits).float().mean()
    return ((real_logits > 0).float().mean() + (fake_logits < 0).float().mean()) / 2


def mean_sign(recipe: Recipe, real_logits: Tensor) -> Tensor:
    """E[sign D(x)] over real images, from -1 to 1: r_t, by which Karras et al. 2020 (arXiv
    2006.06676), section 3.1, tell how far the discriminator overfits."""
    boundary = recipe.objective.boundary
    assert boundary is not None, "contradictions() leaves no loss without one"
    return (real_logits - boundary).sign().mean()


def mean_answer(loss: Loss, logits: Tensor) -> Tensor:
    """Mean of the discriminator's outputs as they are shown: probabilities, or what it says."""
    answers = logits.detach()
    return (answers.sigmoid() if loss.properties.output == "logit" else answers).mean()
