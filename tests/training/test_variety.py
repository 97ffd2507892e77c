"""The variety of a batch tells one picture, a few pictures and many apart."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from zerosum.diagnosis.variety import variety


def noise(count: int, seed: int = 0) -> torch.Tensor:
    return torch.rand((count, 1, 32, 32), generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_two_images_by_hand() -> None:
    batch = torch.stack([torch.full((3, 16, 16), -1.0), torch.full((3, 16, 16), 1.0)])
    found = variety(batch, batch[:1])
    assert found["spread_fake"] == pytest.approx(2.0)
    assert found["nearest_fake"] == pytest.approx(2.0)
    assert found["spread_real"] == found["nearest_real"] == 0.0
    assert found["variety_images"] == 1


def test_one_picture_has_no_spread() -> None:
    found = variety(noise(1).repeat(64, 1, 1, 1), noise(64))
    assert found["spread_fake"] < 1e-3 * found["spread_real"]


def test_a_few_pictures_have_spread_and_no_distance_to_the_nearest() -> None:
    found = variety(noise(8).repeat(8, 1, 1, 1), noise(64))
    assert found["spread_fake"] > 0.8 * found["spread_real"]
    assert found["nearest_fake"] < 1e-2 * found["nearest_real"]


def test_batches_of_one_distribution_are_alike() -> None:
    found = variety(noise(64, 1), noise(64, 2))
    assert found["spread_fake"] == pytest.approx(found["spread_real"], rel=0.05)
    assert found["nearest_fake"] == pytest.approx(found["nearest_real"], rel=0.05)


def test_an_even_image_has_no_contrast_whatever_its_colour() -> None:
    even = torch.stack([torch.full((1, 16, 16), value) for value in (-1.0, 0.0, 0.5)])
    halves = torch.ones(3, 1, 16, 16)
    halves[..., :8] = -1.0
    found = variety(even, halves)
    assert found["contrast_fake"] == 0.0
    assert found["contrast_real"] == pytest.approx(1.0)


@given(st.sampled_from([math.nan, math.inf, -math.inf, 1e30]), st.integers(1, 5))
def test_any_batch_gives_finite_numbers(value: float, count: int) -> None:
    broken = torch.full((count, 3, 32, 32), value)
    assert all(math.isfinite(number) for number in variety(broken, noise(3)).values())
