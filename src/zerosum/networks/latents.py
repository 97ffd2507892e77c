"""The noise that a generator turns into pictures, numbered so that each can be drawn again."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.errors import UsageError
from zerosum.randomness import random_for

DEVIATIONS = {"normal": 1.0, "uniform": 3**-0.5}
"""The standard deviation of each value, by prior."""


def sample_latents(
    seed: int,
    indices: Sequence[int] | NDArray[np.int64],
    latent: int,
    prior: str,
    *,
    truncate: float | None = None,
) -> torch.Tensor:
    """The latents of the pictures numbered `indices`: (n, latent) float32 on the CPU.

    Row k depends on (seed, indices[k]) alone, so any batch size and any order give the same.
    `prior` is "normal", N(0, 1) for each value, or "uniform", over [-1, 1).

    `truncate` > 0 is the truncation trick (Brock et al. 2018, arXiv 1809.11096, section 3.1): each
    value of a normal latent whose size is over it is drawn again until it is not. Values within
    stay as they were, so a truncated picture is kin to the plain one of its number.
    Raises UsageError for a truncation of 0 or less, or of the uniform prior.
    """
    if truncate is not None:
        require_truncation(truncate, prior)
    rows = np.empty((len(indices), latent), dtype=np.float32)
    for row, index in zip(rows, indices, strict=True):
        random = random_for(seed, "sample", int(index))
        if prior == "uniform":
            row[:] = random.random(latent, dtype=np.float32) * 2 - 1
        else:
            row[:] = random.standard_normal(latent, dtype=np.float32)
            if truncate is not None:
                beyond = np.abs(row) > truncate
                row[beyond] = _normal_within(truncate, random.random(latent))[beyond]
    return torch.from_numpy(rows)


def require_truncation(truncate: float, prior: str) -> None:
    """Raise UsageError unless latents of this prior can be truncated there."""
    if prior != "normal":
        raise UsageError(
            f"a {prior} prior cannot be truncated: it has no tails, and no value is beyond 1",
            "leave --truncate out, or use a run trained with network.prior = normal",
        )
    if not truncate > 0:
        raise UsageError(
            f"latents cannot be truncated at {truncate:g}",
            "give a size above 0; 1 to 2 is usual, and smaller values give faint pictures",
        )


def _normal_within(limit: float, chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Uniform draws in [0, 1) as draws from the normal distribution between -limit and limit.

    What redrawing until a value fits would give, in one step however small the limit is.
    """
    tails = torch.special.ndtr(torch.tensor([-limit, limit], dtype=torch.float64))
    within = torch.special.ndtri(tails[0] + (tails[1] - tails[0]) * torch.from_numpy(chances))
    # Just inside: float32 rounds the limit itself, perhaps upwards.
    drawn: NDArray[np.float64] = within.clamp(-limit, limit).numpy() * (1 - 1e-7)
    return drawn
