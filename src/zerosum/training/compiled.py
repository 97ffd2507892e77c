"""Networks compiled for a training."""

from collections.abc import Callable

import torch
from torch import Tensor, nn


def compiled_forward(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """A network's forward pass, compiled.

    A generator's convolution that makes a map of one pixel larger stays as it is: PyTorch 2.11
    stops in its compiled backward pass, because the gradient of that weight has other strides
    than it expects (seen on an H100).
    """
    if isinstance(network, nn.Sequential) and isinstance(network[0], nn.Unflatten):
        first, rest = network[:2], torch.compile(network[2:])
        return lambda latents: rest(first(latents))
    compiled: Callable[[Tensor], Tensor] = torch.compile(network)
    return compiled
