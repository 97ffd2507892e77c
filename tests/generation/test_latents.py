import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from zerosum.errors import ZerosumError
from zerosum.networks.latents import sample_latents

PRIORS = st.sampled_from(["normal", "uniform"])


@given(
    st.integers(0, 2**31),
    st.lists(st.integers(0, 10**9), min_size=1, max_size=8, unique=True),
    PRIORS,
)
def test_a_latent_depends_on_seed_and_index_alone(
    seed: int, indices: list[int], prior: str
) -> None:
    together = sample_latents(seed, indices, 5, prior)
    alone = torch.cat([sample_latents(seed, [index], 5, prior) for index in indices])
    assert torch.equal(together, alone)
    assert len(torch.unique(together, dim=0)) == len(indices)
    assert not torch.equal(together, sample_latents(seed + 1, indices, 5, prior))


def test_latents_are_float32_rows_of_the_prior() -> None:
    normal = sample_latents(0, np.arange(2000), 50, "normal")
    uniform = sample_latents(0, np.arange(2000), 50, "uniform")
    assert normal.shape == uniform.shape == (2000, 50)
    assert normal.dtype == uniform.dtype == torch.float32
    assert abs(normal.mean()) < 0.02
    assert abs(normal.std() - 1) < 0.02
    assert uniform.min() >= -1
    assert uniform.max() < 1
    assert abs(uniform.std() - 1 / math.sqrt(3)) < 0.01


@given(st.floats(1e-6, 5.0))
def test_truncated_latents_stay_within_and_keep_what_was_within(truncate: float) -> None:
    plain = sample_latents(7, range(20), 10, "normal")
    truncated = sample_latents(7, range(20), 10, "normal", truncate=truncate)
    assert truncated.double().abs().max() <= truncate
    within = plain.double().abs() <= truncate
    assert torch.equal(truncated[within], plain[within])


def test_truncated_latents_have_the_variance_of_the_truncated_normal() -> None:
    truncated = sample_latents(0, range(2000), 50, "normal", truncate=1.0)
    density = math.exp(-0.5) / math.sqrt(2 * math.pi)
    expected = 1 - 2 * density / math.erf(1 / math.sqrt(2))
    assert abs(float(truncated.var()) - expected) < 0.01


@pytest.mark.parametrize("truncate", [0.0, -1.0, math.nan])
def test_a_truncation_of_zero_or_less_is_refused(truncate: float) -> None:
    with pytest.raises(ZerosumError, match="cannot be truncated at"):
        sample_latents(0, [0], 4, "normal", truncate=truncate)


def test_truncating_a_uniform_prior_is_refused_with_the_reason() -> None:
    with pytest.raises(ZerosumError, match="it has no tails"):
        sample_latents(0, [0], 4, "uniform", truncate=0.7)
