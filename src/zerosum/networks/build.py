"""The players of a recipe, found by `network.kind`."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

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
    network = _initialised(network, recipe, "discriminator")
    if recipe.network.discriminator.spectral_norm:
        _divide_by_spectral_norm(network, recipe.seed)
    return network


def _initialised(network: nn.Module, recipe: Recipe, player: str) -> nn.Module:
    draws = torch.Generator().manual_seed(seed_for(recipe.seed, f"weights/{player}"))
    initialise(network, draws)
    # Rows of the pack are height × width × channels, so images come in this layout for nothing.
    return network.to(memory_format=torch.channels_last)


def _divide_by_spectral_norm(network: nn.Module, seed: int) -> None:
    """Spectral norm (Miyato et al. 2018, arXiv 1802.05957) on every convolution and linear layer.

    After the weights are drawn: a layer that has it shows a weight that is computed, and filling
    that one would change nothing.
    """
    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    with torch.random.fork_rng(devices=[]):
        # The first guess of the singular vectors comes from torch's own stream.
        torch.manual_seed(seed_for(seed, "spectral norm"))
        for layer in layers:
            spectral_norm(layer)
