"""Pictures of latents: the game of Goodfellow et al. 2014 (arXiv 1406.2661)."""

import numpy as np
import torch
from torch import Tensor

from zerosum.randomness import random_for
from zerosum.recipe import Recipe
from zerosum.tasks.task import Draw, Task


def draw_latents(recipe: Recipe, draw: Draw) -> Tensor:
    """This process's share of the latents of a critic step: (n, latent) float32."""
    network = recipe.network
    shape = (recipe.schedule.batch, network.latent)
    random = random_for(recipe.seed, "latents", draw.step, draw.critic_step)
    if network.prior == "uniform":
        latents = random.random(shape, dtype=np.float32) * 2 - 1
    else:
        latents = random.standard_normal(shape, dtype=np.float32)
    return torch.from_numpy(latents[draw.share]).to(draw.real.device, non_blocking=True)


LATENT = Task(inputs=draw_latents)
