"""Losses against numbers worked out by hand, and what holds for all logits."""

import math
from contextlib import nullcontext

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from zerosum.adversarial import objectives
from zerosum.adversarial.losses import LOSSES, Loss
from zerosum.adversarial.objectives import Discriminator
from zerosum.recipe.load import load_recipe, override
from zerosum.recipe.losses import LOSS_PROPERTIES

REAL, FAKE = [1.0, -2.0], [0.5, -1.0]


def softplus(x: float) -> float:
    """−log σ(−x)."""
    return math.log1p(math.exp(x))


CROSS_ENTROPY = (softplus(-1.0) + softplus(2.0)) / 2 + (softplus(0.5) + softplus(-1.0)) / 2
PAIRS = ((1.0, 0.5), (-2.0, -1.0))

BY_HAND: dict[str, tuple[float, float]] = {
    "non-saturating": (CROSS_ENTROPY, (softplus(-0.5) + softplus(1.0)) / 2),
    "saturating": (CROSS_ENTROPY, -(softplus(0.5) + softplus(-1.0)) / 2),
    "wasserstein": (-0.25 - -0.5, 0.25),
    "hinge": ((0.0 + 3.0) / 2 + (1.5 + 0.0) / 2, 0.25),
    "least-squares": ((0.0 + 9.0) / 4 + (0.25 + 1.0) / 4, (0.25 + 4.0) / 4),
    "relativistic": (
        sum(softplus(fake - real) for real, fake in PAIRS) / 2,
        sum(softplus(real - fake) for real, fake in PAIRS) / 2,
    ),
}
"""The discriminator's and the generator's loss of REAL and FAKE, labels 1 and 0."""


def generator_loss(loss: Loss, fake: Tensor, real: Tensor) -> Tensor:
    return loss.generator(fake, real if loss.needs_real else None, 1.0)


def test_every_loss_of_the_recipes_is_there_and_is_tested() -> None:
    assert set(LOSSES) == set(BY_HAND) == set(LOSS_PROPERTIES)


def test_every_loss_has_the_properties_that_recipes_are_checked_by() -> None:
    assert {name: loss.properties for name, loss in LOSSES.items()} == LOSS_PROPERTIES


@pytest.mark.parametrize("name", LOSSES)
def test_both_losses_are_what_they_are_by_hand(name: str) -> None:
    real, fake = torch.tensor(REAL), torch.tensor(FAKE)
    discriminator, generator = BY_HAND[name]
    assert float(LOSSES[name].discriminator(real, fake, 1.0, 0.0)) == pytest.approx(discriminator)
    assert float(generator_loss(LOSSES[name], fake, real)) == pytest.approx(generator)


@pytest.mark.parametrize("name", LOSSES)
def test_a_better_discriminator_has_the_lower_loss(name: str) -> None:
    loss = LOSSES[name].discriminator
    good, bad = torch.tensor([0.6, 0.7]), torch.tensor([0.1, 0.2])
    assert float(loss(good, bad, 1.0, 0.0)) < float(loss(bad, good, 1.0, 0.0))


@pytest.mark.parametrize("name", LOSSES)
def test_players_push_the_fake_logits_in_opposite_directions(name: str) -> None:
    loss, real = LOSSES[name], torch.tensor([0.3, 0.4])
    fake = torch.tensor([0.2, 0.1], requires_grad=True)
    (wanted,) = torch.autograd.grad(generator_loss(loss, fake, real), fake)
    (fought,) = torch.autograd.grad(loss.discriminator(real, fake, 1.0, 0.0), fake)
    assert bool((wanted < 0).all())
    assert bool((fought > 0).all())


LOGITS = st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=6)


@given(st.sampled_from(sorted(LOSSES)), LOGITS)
def test_losses_are_finite_with_finite_gradients_for_all_logits(
    name: str, logits: list[float]
) -> None:
    loss = LOSSES[name]
    real = torch.tensor(logits, requires_grad=True)
    fake = torch.tensor(logits[::-1], requires_grad=True)
    for value in (loss.discriminator(real, fake, 1.0, 0.0), generator_loss(loss, fake, real)):
        assert value.shape == ()
        for gradient in torch.autograd.grad(value, (real, fake), allow_unused=True):
            assert gradient is None or bool(gradient.isfinite().all())
        assert bool(value.isfinite())


@given(LOGITS, st.floats(-100, 100))
def test_losses_of_differences_do_not_see_a_shift(logits: list[float], shift: float) -> None:
    real = torch.tensor(logits, dtype=torch.float64)
    fake = real.flip(0) * 0.5
    for name in ("wasserstein", "relativistic"):
        loss = LOSSES[name].discriminator
        shifted = loss(real + shift, fake + shift, 1.0, 0.0)
        torch.testing.assert_close(shifted, loss(real, fake, 1.0, 0.0), rtol=1e-6, atol=1e-6)


@given(st.floats(-20, 20), st.floats(0.5, 1.0), st.floats(0.0, 0.5))
def test_smoothed_labels_are_the_mean_of_both_answers(
    logit: float, real: float, fake: float
) -> None:
    """Cross entropy is linear in its target."""
    one = torch.tensor([logit], dtype=torch.float64)
    smoothed = LOSSES["non-saturating"].discriminator(one, one, real, fake)
    by_hand = real * softplus(-logit) + (1 - real) * softplus(logit)
    by_hand += fake * softplus(-logit) + (1 - fake) * softplus(logit)
    assert float(smoothed) == pytest.approx(by_hand, abs=1e-9)


def test_one_sided_smoothing_leaves_the_fakes_alone() -> None:
    loss, far = LOSSES["non-saturating"].discriminator, torch.tensor([1e4])
    # A fake logit of −10,000 is answered right and costs nothing, whatever the reals' label.
    assert float(loss(torch.zeros(1), -far, 0.9, 0.0)) == pytest.approx(math.log(2))


@pytest.mark.parametrize(
    ("name", "logit"), [("non-saturating", 4.0), ("least-squares", 0.99), ("saturating", -4.0)]
)
def test_smoothed_labels_of_the_discriminator_leave_the_generators_target_at_real(
    name: str, logit: float
) -> None:
    """Salimans et al. 2016 (arXiv 1606.03498), section 3.4. A smoothed target of its own turns back
    fakes that look more real than it, and with the saturating loss those that look less so."""
    labels = {"objective.real_label": 0.9, "objective.fake_label": 0.1}
    recipe = load_recipe("dcgan", {"objective.loss": name, **labels})
    fake = torch.full((1, 1, 1, 1), logit, requires_grad=True)
    discriminator = Discriminator(
        forward=torch.flatten, plain=torch.flatten, augment=unchanged, autocast=nullcontext
    )
    for label, direction in ((1.0, -1.0), (0.9, 1.0)):
        told = override(recipe, {"objective.generator_label": label})
        loss, _ = objectives.generator_loss(told, discriminator, fake, fake)
        (slope,) = torch.autograd.grad(loss, fake)
        assert float(slope.sign()) == direction


def unchanged(_place: object, images: Tensor) -> Tensor:
    return images


def test_the_saturating_generator_learns_little_from_fakes_that_are_seen_through() -> None:
    """Goodfellow et al. 2014, section 3: why the other form is the default."""
    slopes = {}
    for name in ("saturating", "non-saturating"):
        fake = torch.tensor([-8.0], requires_grad=True)
        (gradient,) = torch.autograd.grad(generator_loss(LOSSES[name], fake, fake), fake)
        slopes[name] = abs(float(gradient))
    assert slopes["saturating"] < 1e-3
    assert slopes["non-saturating"] > 0.99
