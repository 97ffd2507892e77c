"""The residual players of Miyato et al. 2018 (arXiv 1802.05957), appendix B.4, tables 4 to 6.

Every block changes the resolution by two, but for the discriminator's last. Channels are `width` at
the highest resolution and doubled at each halving, up to 16 times, as in the table for ImageNet.
"""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zerosum.networks.blocks import (
    ACTIVATIONS,
    MAP_NORMS,
    Family,
    Pixels,
    draw_normal,
    has_bias,
    logit,
    map_sizes,
    named,
    size_name,
)
from zerosum.networks.classes import layers_for_classes
from zerosum.recipe.network import DiscriminatorSettings, GeneratorSettings, PlayerSettings
from zerosum.recipe.settings import Recipe

WIDEST = 16
"""Channels of the widest map, in units of `width`."""


class UpsamplingBlock(nn.Module):
    """Norm, activation, nearest neighbour enlarging and a convolution; norm, activation and a
    convolution; beside it the input, enlarged and convolved 1×1."""

    def __init__(self, before: int, after: int, settings: GeneratorSettings) -> None:
        super().__init__()
        biased = has_bias(settings.bias, "none")
        self.first = _preactivation(before, settings)
        self.convolution1 = _convolution(before, after, has_bias(settings.bias, settings.norm))
        self.second = _preactivation(after, settings)
        self.convolution2 = _convolution(after, after, biased)
        self.shortcut = nn.Conv2d(before, after, 1, bias=biased)

    def forward(self, maps: Tensor) -> Tensor:
        """(n, before, h, w) → (n, after, 2h, 2w)."""
        changed = self.convolution1(_enlarged(self.first(maps)))
        changed = self.convolution2(self.second(changed))
        # Convolved 1×1 and then enlarged is the same as the other way round, and a quarter of the
        # work.
        enlarged: Tensor = changed + _enlarged(self.shortcut(maps))
        return enlarged


class DownsamplingBlock(nn.Module):
    """Activation and convolution, twice, and the mean of 2×2 places; beside it the input, shrunk
    and convolved 1×1. The first block of a player has images, and no activation before it."""

    def __init__(
        self,
        before: int,
        after: int,
        settings: DiscriminatorSettings,
        *,
        first: bool = False,
        halving: bool = True,
    ) -> None:
        super().__init__()
        inner, norm = (after, "none") if first else (before, settings.norm)
        biased = has_bias(settings.bias, "none")
        self.halving = halving
        self.first = nn.Identity() if first else _preactivation(before, settings)
        self.convolution1 = _convolution(before, inner, has_bias(settings.bias, norm))
        self.second = _preactivation(inner, settings, norm)
        self.convolution2 = _convolution(inner, after, biased)
        alike = before == after and not halving
        self.shortcut = nn.Identity() if alike else nn.Conv2d(before, after, 1, bias=biased)

    def forward(self, maps: Tensor) -> Tensor:
        """(n, before, h, w) → (n, after, h, w), or half of both sides."""
        changed = self.convolution2(self.second(self.convolution1(self.first(maps))))
        if self.halving:
            maps, changed = F.avg_pool2d(maps, 2), F.avg_pool2d(changed, 2)
        shrunk: Tensor = changed + self.shortcut(maps)
        return shrunk


class SumOverPlaces(nn.Module):
    """The sum of each feature map."""

    def forward(self, maps: Tensor) -> Tensor:
        """(n, channels, h, w) → (n, channels), float32."""
        return maps.float().sum((2, 3))


def resnet_generator(recipe: Recipe) -> nn.Sequential:
    """Vectors (n, generator_inputs) → images (n, channels, height, width) in [-1, 1]."""
    settings = recipe.network.generator
    smallest, *larger = reversed(map_sizes(recipe.data.resolution))
    widths = [settings.width * min(2**k, WIDEST) for k in reversed(range(len(larger) + 1))]
    biased = has_bias(settings.bias, "none")
    linear = nn.Linear(recipe.network.generator_inputs, widths[0] * smallest.pixels, bias=biased)
    maps = nn.Unflatten(1, (widths[0], *smallest.shape))
    network = named((size_name(smallest), named(("linear", linear), ("maps", maps))))
    for size, (before, after) in zip(larger, pairwise(widths), strict=True):
        network.add_module(size_name(size), UpsamplingBlock(before, after, settings))
    last = _convolution(widths[-1], recipe.data.channels, biased)
    first = _preactivation(widths[-1], settings)
    image = named(("first", first), ("convolution", last), ("tanh", Pixels()))
    network.add_module("image", image)
    return network


def resnet_discriminator(recipe: Recipe) -> nn.Sequential:
    """Images (n, channels, height, width) in [-1, 1] → logits (n,), or (n, outputs)."""
    settings = recipe.network.discriminator
    network, before = nn.Sequential(), recipe.data.channels
    for number, size in enumerate(map_sizes(recipe.data.resolution)[1:]):
        after = settings.width * min(2**number, WIDEST)
        block = DownsamplingBlock(before, after, settings, first=number == 0)
        network.add_module(size_name(size), block)
        before = after
    network.add_module("block", DownsamplingBlock(before, before, settings, halving=False))
    network.add_module("activation", ACTIVATIONS[settings.activation]())
    network.add_module("sum", SumOverPlaces())
    outputs = recipe.discriminator_outputs
    network.add_module("logit", logit(nn.Linear(before, outputs, has_bias(settings.bias, "none"))))
    return network


def _convolution(before: int, after: int, bias: bool) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, padding=1, bias=bias)


def _preactivation(channels: int, settings: PlayerSettings, norm: str = "") -> nn.Sequential:
    """A player's norm and activation, which leave their input as it is: a shortcut needs it."""
    activation = ACTIVATIONS[settings.activation]()
    if isinstance(activation, nn.ReLU | nn.LeakyReLU):
        activation.inplace = False
    normalisation = MAP_NORMS[norm or settings.norm](channels)
    return named(("normalisation", normalisation), ("activation", activation))


def _enlarged(maps: Tensor) -> Tensor:
    return F.interpolate(maps, scale_factor=2, mode="nearest")


@torch.no_grad()
def initialise_resnet(network: nn.Module, generator: torch.Generator) -> None:
    """Weights after Glorot and Bengio 2010 (equation 16), those of 3×3 convolutions within blocks
    times √2, as the authors' code draws them; scales 1, shifts and biases 0, and what
    classes add to them from N(0, 0.02); in place."""
    blocks = [m for m in network.modules() if isinstance(m, UpsamplingBlock | DownsamplingBlock)]
    larger = {each for block in blocks for each in (block.convolution1, block.convolution2)}
    of_classes = layers_for_classes(network)
    for module in network.modules():
        if isinstance(module, nn.Linear) and module in of_classes:
            draw_normal(module.weight, 0.0, generator)
        elif isinstance(module, nn.Conv2d | nn.Linear):
            places = module.weight[0, 0].numel()
            ends = (module.weight.shape[0] + module.weight.shape[1]) * places
            limit = math.sqrt(6 / ends) * (math.sqrt(2) if module in larger else 1)
            draws = torch.empty(module.weight.shape).uniform_(-limit, limit, generator=generator)
            module.weight.copy_(draws)
            if module.bias is not None:
                module.bias.zero_()


FAMILY = Family(resnet_generator, resnet_discriminator, initialise_resnet)
