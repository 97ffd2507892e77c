"""The players of a recipe, found by `network.kind`."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from zerosum.networks.blocks import initialise
from zerosum.networks.dcgan import dcgan_discriminator, dcgan_generator
from zerosum.networks.mlp import mlp_discriminator, mlp_generator
from zerosum.randomness import seed_for
from zerosum.recipe import Recipe


@dataclass(frozen=True)
class NetworkKind:
    """How the two players of a family are made from a recipe."""

    generator: Callable[[Recipe], nn.Module]
    discriminator: Callable[[Recipe], nn.Module]


NETWORKS: dict[str, NetworkKind] = {
    "dcgan": NetworkKind(dcgan_generator, dcgan_discriminator),
    "mlp": NetworkKind(mlp_generator, mlp_discriminator),
}


def build_generator(recipe: Recipe) -> nn.Module:
    """Latents (n, latent) float32 → images (n, channels, resolution, resolution) in [-1, 1].

    Initial weights depend on the recipe's seed alone.
    """
    return _initialised(NETWORKS[recipe.network.kind].generator(recipe), recipe, "generator")


def build_discriminator(recipe: Recipe) -> nn.Module:
    """Images (n, channels, resolution, resolution) in [-1, 1] → logits (n,).

    Initial weights depend on the recipe's seed alone.
    """
    network = NETWORKS[recipe.network.kind].discriminator(recipe)
    return _initialised(network, recipe, "discriminator")


def _initialised(network: nn.Module, recipe: Recipe, player: str) -> nn.Module:
    draws = torch.Generator().manual_seed(seed_for(recipe.seed, f"weights/{player}"))
    initialise(network, draws)
    # Rows of the pack are height × width × channels, so images come in this layout for nothing.
    return network.to(memory_format=torch.channels_last)
