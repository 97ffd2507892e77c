"""The part of a generator that is linear in the latent: up to its first feature map."""

import copy
from collections.abc import Iterator
from itertools import takewhile

import torch
from torch import Tensor, nn

from zerosum.networks.classes import ConditionalGenerator
from zerosum.networks.r3 import LearntMaps
from zerosum.recipe.settings import Recipe

LINEAR = (
    nn.Unflatten,
    nn.Linear,
    nn.Conv2d,
    nn.ConvTranspose2d,
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    LearntMaps,
)
"""Layers that are linear in what they are given, apart from a constant; batch norms so once they
are trained."""


@torch.no_grad()
def first_maps(generator: nn.Module, recipe: Recipe) -> Tensor:
    """How the first feature map of a generator depends on its latent: float64 (latent, values),
    what each number of the latent adds to the map by 1.

    The map is that before the first activation, and before a norm that is not linear: one of the
    sample's own statistics, or one that depends on the class. Computed on the processor.
    """
    network = generator.network if isinstance(generator, ConditionalGenerator) else generator
    linear = takewhile(lambda layer: isinstance(layer, LINEAR), _layers(network))
    part = nn.Sequential(*(copy.deepcopy(layer) for layer in linear)).to("cpu", torch.float64)
    latent = recipe.network.latent
    # Each number of the latent by itself, then none: what is left then is the constant.
    given = torch.eye(latent + 1, recipe.network.generator_inputs, dtype=torch.float64)
    given[latent:] = 0
    maps: Tensor = part(given).flatten(1)
    return maps[:latent] - maps[latent:]


def _layers(network: nn.Module) -> Iterator[nn.Module]:
    """The layers of a sequence in their order, those of sequences in it among them."""
    if not isinstance(network, nn.Sequential):
        yield network
        return
    for layer in network:
        yield from _layers(layer)
