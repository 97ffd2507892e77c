"""Penalties on critics whose gradient is known."""

from typing import get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from zerosum.adversarial.penalties import PENALTIES
from zerosum.recipe.sections import ObjectiveSettings


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


def test_every_penalty_of_the_recipes_is_there_and_is_tested() -> None:
    names = {*get_args(ObjectiveSettings.model_fields["penalty"].annotation)} - {"none"}
    assert set(PENALTIES) == set(LINEAR_BY_HAND) == set(SQUARE_BY_HAND) == names


@pytest.mark.parametrize("name", PENALTIES)
def test_penalties_are_what_they_are_by_hand(name: str) -> None:
    linear = PENALTIES[name](Linear([3.0, 4.0, 0.0, 0.0]), REAL, FAKE, SHARES)
    assert linear.item() == pytest.approx(LINEAR_BY_HAND[name])
    square = PENALTIES[name](Square(2.0), REAL, FAKE, SHARES)
    assert square.item() == pytest.approx(SQUARE_BY_HAND[name])


@pytest.mark.parametrize("name", PENALTIES)
def test_a_penalty_teaches_the_critic_and_leaves_its_images_alone(name: str) -> None:
    critic = Linear([3.0, 4.0, 0.0, 0.0])
    fake = FAKE.clone().requires_grad_()
    PENALTIES[name](critic, REAL, fake, SHARES).backward()  # type: ignore[no-untyped-call]
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
    assert float(PENALTIES["gradient"](critic, REAL, FAKE, shares)) == pytest.approx(0, abs=1e-10)


@given(WEIGHTS, st.floats(0, 1))
def test_penalties_of_a_linear_critic_depend_on_its_slope_alone(
    weight: list[float], share: float
) -> None:
    critic, slope = Linear(weight), float(torch.tensor(weight).norm())
    shares = torch.full((2, 1, 1, 1), share)
    by_hand = {"gradient": (slope - 1) ** 2, "r1+r2": slope**2}
    for name, penalty in PENALTIES.items():
        expected = by_hand.get(name, slope**2 / 2)
        value = float(penalty(critic, REAL, FAKE, shares))
        assert value == pytest.approx(expected, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("name", PENALTIES)
def test_a_penalty_of_half_precision_logits_is_float32(name: str) -> None:
    value = PENALTIES[name](
        Square(2.0).bfloat16(), REAL.bfloat16(), FAKE.bfloat16(), SHARES.bfloat16()
    )
    assert value.dtype == torch.float32
