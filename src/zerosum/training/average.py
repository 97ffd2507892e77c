"""The exponential moving average of the generator."""

import torch
from torch import nn

RAMP_UP = 0.05
"""The half-life is at most this share of the images seen, so that the first, random weights are
forgotten: Karras et al. 2020 (arXiv 2006.06676), the ramp-up of its training configurations."""


@torch.no_grad()
def update_average(
    average: nn.Module, generator: nn.Module, images: int, batch: int, half_life: int
) -> None:
    """Move the average towards the generator after a step that showed `batch` real images.

    After `half_life` images an old weight counts half (Karras et al. 2018, arXiv 1710.10196,
    section A.1, has the average; in images: Karras et al. 2020). `images` is the number seen so
    far, this step included.

    Batch norm's running means and variances are averaged with the same half-life as the weights:
    they describe the activations of weights of the same age. Its counters are copied.
    """
    reach = min(half_life, images * RAMP_UP)
    kept = 0.5 ** (batch / reach)
    old = [*average.parameters(), *average.buffers()]
    new = [*generator.parameters(), *generator.buffers()]
    pairs = list(zip(old, new, strict=True))
    floating = [(a, b) for a, b in pairs if a.is_floating_point()]
    torch._foreach_lerp_([a for a, _ in floating], [b for _, b in floating], 1 - kept)
    for a, b in pairs:
        if not a.is_floating_point():
            a.copy_(b)
