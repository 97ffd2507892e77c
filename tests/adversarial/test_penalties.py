"""Penalties on critics whose gradient is known."""

from contextlib import nullcontext

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from zerosum.adversarial.objectives import Discriminator, discriminator_loss
from zerosum.adversarial.penalties import PENALTIES
from zerosum.recipe.load import load_recipe
from zerosum.recipe.losses import PENALTY_PROPERTIES


class Linear(nn.Module):
    """D(x) = w·x + b: its gradient is w everywhere."""

    def __init__(self, weight: list[float]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(weight))
        self.bias = nn.Parameter(torch.tensor(0.3))

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weight + self.bias


class Square(nn.Module):
    """D(x) = s ‖x‖² / 2: its gradient is s x."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))

    def forward(self, images: Tensor) -> Tensor:
        return self.scale * images.flatten(1).square().sum(1) / 2


def images(*rows: list[float]) -> Tensor:
    return torch.tensor(rows).view(len(rows), 1, 2, 2)


REAL = images([1.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0])
FAKE = images([0.0, 0.0, 3.0, 0.0], [0.0, 0.0, 0.0, 4.0])
SHARES = torch.tensor([1.0, 0.0]).view(2, 1, 1, 1)

LINEAR_BY_HAND = {"gradient": (5.0 - 1) ** 2, "r1": 12.5, "r2": 12.5, "r1+r2": 25.0}
"""With w = (3, 4, 0, 0), of norm 5."""
SQUARE_BY_HAND = {
    # Norms at the mixed points: the first real image's, 2 × 1, and the second fake's, 2 × 4.
    "gradient": ((2.0 - 1) ** 2 + (8.0 - 1) ** 2) / 2,
    "r1": (4.0 + 16.0) / 2 / 2,
    "r2": (36.0 + 64.0) / 2 / 2,
    "r1+r2": 5.0 + 25.0,
}
"""With s = 2."""


NAMES = sorted(LINEAR_BY_HAND)


def asked(critic: nn.Module, forward: nn.Module | None = None) -> Discriminator:
    """A critic as the objectives ask it."""
    return Discriminator(forward or critic, critic, lambda _place, images: images, nullcontext)


def critic_loss(
    discriminator: Discriminator, name: str, real: Tensor, fake: Tensor, shares: Tensor
) -> tuple[Tensor, Tensor]:
    """What a Wasserstein critic with this penalty, of weight 1, minimises; the penalty in it."""
    more = {"objective.penalty": name, "objective.penalty_weight": 1.0}
    total, measures = discriminator_loss(
        load_recipe("wgan-gp", more), discriminator, real, fake, shares
    )
    return total, measures["penalty"]


def penalty_of(critic: nn.Module, name: str, real: Tensor, fake: Tensor, shares: Tensor) -> Tensor:
    """The penalty alone, to be differentiated."""
    total, _ = critic_loss(asked(critic), name, real, fake, shares)
    loss: Tensor = critic(fake.detach()).mean() - critic(real).mean()
    return total - loss


def test_every_penalty_of_the_recipes_is_there_and_is_tested() -> None:
    names = set(PENALTY_PROPERTIES) - {"none"}
    assert set(PENALTIES) == set(NAMES) == set(SQUARE_BY_HAND) == names


class Counted(Square):
    """A critic that remembers what it was asked about."""

    def __init__(self) -> None:
        super().__init__(2.0)
        self.seen: list[Tensor] = []

    def forward(self, images: Tensor) -> Tensor:
        self.seen.append(images.detach())
        return super().forward(images)


@pytest.mark.parametrize("name", NAMES)
def test_only_mixed_images_are_asked_about_for_a_penalty_alone(name: str) -> None:
    critic = Counted()
    critic_loss(asked(critic), name, REAL, FAKE, SHARES)
    expected = [REAL, FAKE, *([torch.lerp(FAKE, REAL, SHARES)] if name == "gradient" else [])]
    for seen, images in zip(critic.seen, expected, strict=True):
        assert torch.equal(seen, images)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("none", []),
        ("gradient", ["between"]),
        ("r1", ["real"]),
        ("r2", ["fake"]),
        ("r1+r2", ["real", "fake"]),
    ],
)
def test_what_is_differentiated_twice_is_never_asked_compiled(name: str, plain: list[str]) -> None:
    compiled, critic = Counted(), Counted()
    more = {"objective.penalty": name}
    discriminator_loss(load_recipe("wgan-gp", more), asked(critic, compiled), REAL, FAKE, SHARES)
    images = {"real": REAL, "fake": FAKE, "between": torch.lerp(FAKE, REAL, SHARES)}
    rest = [place for place in ("real", "fake") if place not in plain]
    for seen, places in ((critic.seen, plain), (compiled.seen, rest)):
        assert [each.tolist() for each in seen] == [images[place].tolist() for place in places]


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_with_a_penalty_has_the_gradients_of_both(name: str) -> None:
    """Held against two passes, one for each."""
    critic, apart = Square(2.0), Square(2.0)
    total, penalty = critic_loss(asked(critic), name, REAL, FAKE, SHARES)
    total.backward()  # type: ignore[no-untyped-call]
    loss = apart(FAKE).mean() - apart(REAL).mean()

    def gradient(images: Tensor) -> Tensor:
        images = images.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(apart(images).sum(), images, create_graph=True)
        return gradient.flatten(1)

    between = gradient(SHARES * REAL + (1 - SHARES) * FAKE)
    real, fake = (gradient(images).square().sum(1).mean() / 2 for images in (REAL, FAKE))
    one = {"gradient": (between.norm(dim=1) - 1).square().mean(), "r1": real, "r2": fake}
    expected = {**one, "r1+r2": real + fake}[name]
    (loss + expected).backward()
    torch.testing.assert_close(penalty, expected.detach())
    torch.testing.assert_close(critic.scale.grad, apart.scale.grad)


def test_a_penalty_at_real_images_has_the_masks_of_their_outputs() -> None:
    critic = nn.Sequential(nn.Dropout(0.5), Linear([3.0, 4.0, 5.0, 6.0]))
    seen: list[Tensor] = []
    critic[0].register_forward_hook(lambda _, __, dropped: seen.append(dropped.detach()))
    real = torch.ones(1, 1, 2, 2)
    _, penalty = critic_loss(asked(critic), "r1", real, real, SHARES[:1])
    # Of an image of ones, what dropout leaves is its gradient.
    by_hand = (seen[0].flatten() * torch.tensor([3.0, 4.0, 5.0, 6.0])).square().sum() / 2
    assert len(seen) == 2
    torch.testing.assert_close(penalty, by_hand)


@pytest.mark.parametrize("name", NAMES)
def test_penalties_are_what_they_are_by_hand(name: str) -> None:
    linear = penalty_of(Linear([3.0, 4.0, 0.0, 0.0]), name, REAL, FAKE, SHARES)
    assert linear.item() == pytest.approx(LINEAR_BY_HAND[name])
    square = penalty_of(Square(2.0), name, REAL, FAKE, SHARES)
    assert square.item() == pytest.approx(SQUARE_BY_HAND[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_penalty_teaches_the_critic_and_leaves_its_images_alone(name: str) -> None:
    critic = Linear([3.0, 4.0, 0.0, 0.0])
    fake = FAKE.clone().requires_grad_()
    penalty_of(critic, name, REAL, fake, SHARES).backward()  # type: ignore[no-untyped-call]
    weight = critic.weight.detach()
    # d/dw of (‖w‖ − 1)² is 2 (‖w‖ − 1) w / ‖w‖, of ½‖w‖² it is w.
    by_hand = {"gradient": 2 * 4.0 * weight / 5.0, "r1+r2": 2 * weight}.get(name, weight)
    assert critic.weight.grad is not None
    torch.testing.assert_close(critic.weight.grad, by_hand)
    assert fake.grad is None
    assert critic.bias.grad is None or not critic.bias.grad.any()


WEIGHTS = st.lists(st.floats(-3, 3, width=32), min_size=4, max_size=4).filter(
    lambda weight: sum(w * w for w in weight) > 1e-2
)


@given(WEIGHTS, st.floats(0, 1))
def test_a_linear_critic_of_slope_one_pays_no_gradient_penalty(
    weight: list[float], share: float
) -> None:
    direction = torch.tensor(weight)
    critic = Linear((direction / direction.norm()).tolist())
    shares = torch.full((2, 1, 1, 1), share)
    assert float(critic_loss(asked(critic), "gradient", REAL, FAKE, shares)[1]) == pytest.approx(
        0, abs=1e-10
    )


@given(WEIGHTS, st.floats(0, 1))
def test_penalties_of_a_linear_critic_depend_on_its_slope_alone(
    weight: list[float], share: float
) -> None:
    critic, slope = Linear(weight), float(torch.tensor(weight).norm())
    shares = torch.full((2, 1, 1, 1), share)
    by_hand = {"gradient": (slope - 1) ** 2, "r1+r2": slope**2}
    for name in NAMES:
        expected = by_hand.get(name, slope**2 / 2)
        value = float(critic_loss(asked(critic), name, REAL, FAKE, shares)[1])
        assert value == pytest.approx(expected, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_penalty_of_half_precision_logits_is_float32(name: str) -> None:
    low = (each.bfloat16() for each in (REAL, FAKE, SHARES))
    total, penalty = critic_loss(asked(Square(2.0).bfloat16()), name, *low)
    assert total.dtype == penalty.dtype == torch.float32
