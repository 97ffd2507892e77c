"""The players of a recipe, found by `network.kind`."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

from zerosum.networks.blocks import Family
from zerosum.networks.classes import (
    ConditionalDiscriminator,
    ConditionalGenerator,
    initialise_embeddings,
)
from zerosum.networks.room import require_room
from zerosum.randomness import seed_for
from zerosum.recipe.settings import Recipe

OWN_FAMILIES: dict[str, Family] = {}
"""Those of users' files, by name."""


def family_of(recipe: Recipe) -> Family:
    """The family that `network.kind` names: `FAMILY` in the file of that name beside this one; its
    players learn classes where the recipe says so."""
    if recipe.network.is_own("kind"):
        return recipe.network.part("kind", OWN_FAMILIES)
    family: Family = import_module(f"{__package__}.{recipe.network.kind}").FAMILY
    if not recipe.classes:
        return family
    return replace(
        family,
        generator=lambda recipe: ConditionalGenerator(recipe, family.generator(recipe)),
        discriminator=lambda recipe: (
            family.discriminator(recipe)
            if recipe.network.classifies
            else ConditionalDiscriminator(family.discriminator(recipe))
        ),
    )


def build_generator(recipe: Recipe) -> nn.Module:
    """Latents (n, latent) float32 → images (n, channels, height, width) in [-1, 1],
    of `r3` also beyond.

    Where the recipe learns classes, a weight for each of them stands beside the latents; where it
    restores: damaged images → restored ones, both (n, channels, height, width).
    Initial weights depend on the recipe's seed alone. Raises ZerosumError where they do not fit
    into memory.
    """
    family = family_of(recipe)
    network = _initialised(family, family.generator, recipe, "generator")
    norm = recipe.network.generator.norm
    if norm == "spectral":
        _divide_by_spectral_norm(family, network, recipe.seed)
    elif norm == "weight":
        # Length and direction of each filter are learnt apart (Salimans and Kingma 2016, arXiv
        # 1602.07868, equation 2).
        for layer in _layers_with_weights(family, network):
            weight_norm(layer)
    return network


def demand_room(recipe: Recipe) -> None:
    """Raise ZerosumError where the weights of a player do not fit into memory."""
    family = family_of(recipe)
    require_room(family.generator, recipe, "generator")
    require_room(family.discriminator, recipe, "discriminator")


def example_input(recipe: Recipe, count: int) -> Tensor:
    """Zeros of the shape that the generator takes: latents, or damaged images."""
    return torch.zeros(count, *recipe.task.inputs(recipe))


def example_labels(recipe: Recipe, count: int) -> tuple[Tensor, ...]:
    """What the discriminator is given beside images: the first class, where it projects on it."""
    projects = recipe.classes and not recipe.network.classifies
    return (torch.zeros(count, dtype=torch.int64),) if projects else ()


def build_discriminator(recipe: Recipe) -> nn.Module:
    """Images (n, channels, height, width) in [-1, 1] → logits (n,); where the recipe
    learns classes, of images and their classes, int64 (n,). One that names classes is given images
    alone, and its outputs are (n, 1 + classes): the logit, then one for each class.

    Initial weights depend on the recipe's seed alone. Raises ZerosumError where they do not fit
    into memory.
    """
    family = family_of(recipe)
    network = _initialised(family, family.discriminator, recipe, "discriminator")
    if recipe.network.discriminator.spectral_norm:
        _divide_by_spectral_norm(family, network, recipe.seed)
    return network


def _initialised(
    family: Family, make: Callable[[Recipe], nn.Module], recipe: Recipe, player: str
) -> nn.Module:
    require_room(make, recipe, player)
    network = make(recipe)
    draws = torch.Generator().manual_seed(seed_for(recipe.seed, f"weights/{player}"))
    family.initialise(network, draws)
    initialise_embeddings(network, draws)
    # Rows of the pack are height × width × channels, so images come in this layout for nothing.
    return network.to(memory_format=torch.channels_last)


def _divide_by_spectral_norm(family: Family, network: nn.Module, seed: int) -> None:
    """Spectral norm (Miyato et al. 2018, arXiv 1802.05957) on every convolution and linear layer.

    After the weights are drawn: a layer that has it shows a weight that is computed, and filling
    that one would change nothing.
    """
    with torch.random.fork_rng(devices=[]):
        # The first guess of the singular vectors comes from torch's own stream.
        torch.manual_seed(seed_for(seed, "spectral norm"))
        for layer in _layers_with_weights(family, network):
            spectral_norm(layer)


def _layers_with_weights(family: Family, network: nn.Module) -> list[nn.Module]:
    """Convolutions and linear layers but those that the family leaves without a norm."""
    spared = set(family.without_norm(network))
    return [
        module
        for module in network.modules()
        if isinstance(module, nn.Conv2d | nn.Linear) and module not in spared
    ]
