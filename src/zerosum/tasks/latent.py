"""Pictures of latents: the game of Goodfellow et al. 2014 (arXiv 1406.2661)."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zerosum.data import PackedData
from zerosum.data.batches import to_device
from zerosum.networks.latents import sample_latents
from zerosum.randomness import random_for
from zerosum.recipe.settings import Recipe
from zerosum.tasks.task import Draw, Make, Task

SAMPLES = 64
"""Pictures on a sheet: those numbered 0 to 63 of `zerosum sample`."""


def draw_latents(recipe: Recipe, draw: Draw) -> Tensor:
    """This process's share of the latents of a critic step: (n, latent) float32."""
    network = recipe.network
    shape = (recipe.schedule.batch, network.latent)
    random = random_for(recipe.seed, "latents", draw.step, draw.critic_step)
    if network.prior == "uniform":
        latents = random.random(shape, dtype=np.float32) * 2 - 1
    else:
        latents = random.standard_normal(shape, dtype=np.float32)
    return to_device(torch.from_numpy(latents[draw.share]), draw.real.device)


def numbered_latents(
    recipe: Recipe,
    seed: int,
    numbers: Sequence[int] | NDArray[np.int64],
    truncate: float | None = None,
    _classes: Sequence[int] = (),
) -> Tensor:
    """`sample_latents` of a recipe's size and prior."""
    network = recipe.network
    return sample_latents(seed, numbers, network.latent, network.prior, truncate=truncate)


def samples(
    recipe: Recipe, _data: PackedData, make: Make
) -> tuple[NDArray[np.uint8], dict[str, str]]:
    """The first pictures of seed 0."""
    return make(numbered_latents(recipe, 0, range(SAMPLES))), {"seed": "0"}


TASK = Task(inputs=draw_latents, sheet=samples, numbered=numbered_latents)
