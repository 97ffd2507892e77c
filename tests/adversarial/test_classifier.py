"""A discriminator that names the class of an image beside judging it, as that of AC-GAN."""

from contextlib import nullcontext

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, softplus

from zerosum.adversarial.objectives import (
    Discriminator,
    discriminator_loss,
    generator_loss,
    logits_of,
)
from zerosum.recipe.load import load_recipe
from zerosum.recipe.settings import Recipe

CLASSES = ("cat", "dog", "eel")
LABELS = torch.tensor([0, 2, 1, 2, 0])
WEIGHT = 0.5
REAL = torch.randn(5, 3, 2, 2, generator=torch.Generator().manual_seed(1))
FAKE = torch.randn(5, 3, 2, 2, generator=torch.Generator().manual_seed(2))


def recipe_of(**more: object) -> Recipe:
    fields = {
        "network.conditional": True, "data.classes": CLASSES, "network.discriminator.norm": "none",
        "network.discriminator.classes": "classifier", "objective.class_weight": WEIGHT,
    }  # fmt: skip
    return load_recipe("dcgan", fields | more)


def player() -> nn.Module:
    last = nn.Linear(12, 4, bias=False)
    nn.init.normal_(last.weight, generator=torch.Generator().manual_seed(4))
    return nn.Sequential(nn.Flatten(), last)


def asked(network: nn.Module) -> Discriminator:
    return Discriminator(network, network, lambda _, images: images, nullcontext, labels=LABELS)


def names(network: nn.Module, images: Tensor) -> Tensor:
    outputs: Tensor = network(images)[:, 1:]
    return outputs


def test_the_discriminator_learns_the_classes_of_real_and_of_generated_images() -> None:
    """Odena et al. 2017, equations 2 and 3."""
    network = player()
    total, measures = discriminator_loss(
        recipe_of(), asked(network), REAL, FAKE, torch.zeros(5, 1, 1, 1)
    )
    real, fake = network(REAL)[:, 0], network(FAKE)[:, 0]
    adversarial = softplus(-real).mean() + softplus(fake).mean()
    named = [cross_entropy(names(network, images), LABELS) for images in (REAL, FAKE)]
    torch.testing.assert_close(total, adversarial + WEIGHT * (named[0] + named[1]))
    torch.testing.assert_close(measures["loss_discriminator"], adversarial.detach())
    torch.testing.assert_close(measures["loss_classifier_real"], named[0].detach())
    torch.testing.assert_close(measures["loss_classifier_fake"], named[1].detach())
    for place, images in (("real", REAL), ("fake", FAKE)):
        right = (names(network, images).argmax(1) == LABELS).float().mean()
        assert measures[f"classified_{place}"] == right
        assert 0 < right < 1


@pytest.mark.parametrize("loss", ["non-saturating", "relativistic"])
def test_the_generator_learns_to_be_named_as_it_was_asked(loss: str) -> None:
    recipe, network = recipe_of(**{"objective.loss": loss}), player()
    total, _ = generator_loss(recipe, asked(network), REAL, FAKE)
    real, fake = network(REAL)[:, 0], network(FAKE)[:, 0]
    adversarial = softplus((real if loss == "relativistic" else 0) - fake).mean()
    named = cross_entropy(names(network, FAKE), LABELS)
    torch.testing.assert_close(total, adversarial + WEIGHT * named)


def test_a_penalty_is_on_the_gradient_of_the_judgement_alone() -> None:
    recipe = recipe_of(**{"objective.penalty": "r1", "objective.penalty_weight": 2.0})
    network = player()
    _, measures = discriminator_loss(recipe, asked(network), REAL, FAKE, torch.zeros(5, 1, 1, 1))
    slope = next(network.parameters())[0]  # of the logit: the same at all images
    assert float(measures["penalty"]) == pytest.approx(float(slope.detach().square().sum()))


def test_the_judgement_is_the_first_output() -> None:
    outputs = torch.randn(5, 4)
    assert torch.equal(logits_of(outputs), outputs[:, 0])
    assert logits_of(outputs[:, 0]).shape == (5,)
