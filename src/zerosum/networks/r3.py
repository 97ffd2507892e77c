"""The residual players without norms of Huang et al. 2024 (R3GAN, arXiv 2501.05441), section 3.

Blocks of 1×1, grouped 3×3 and 1×1 convolutions at each resolution; between resolutions the filter
[1, 2, 1] and, where the number of channels changes, a 1×1 convolution. The generator begins and the
discriminator ends with a learnt map for each channel, 4×4 for a square of 64 pixels. The
generator's output is linear.

Channels are `width` at the highest resolution and doubled at each halving, up to 4 times. A bias
stands before each activation; with `bias` = "all" also in the other layers.
"""

import math

import torch
from torch import Tensor, nn

from zerosum.networks.blocks import ACTIVATIONS, LEAK, Family, logit, map_sizes, named, size_name
from zerosum.networks.convolution import EachMapToValue, GroupedConv2d, PointwiseConv2d
from zerosum.recipe.image_size import ImageSize
from zerosum.recipe.network import Bias, PlayerSettings
from zerosum.recipe.settings import Recipe

WIDEST = 4
"""Channels of the widest map, in units of `width`."""
EXPANSION = 2
"""Channels within a block for each of its input: section 3.3."""
GROUP = 16
"""Channels in a group of the 3×3 convolution: 1,536 in 96 groups in the authors' settings."""


class Block(nn.Module):
    """1×1, activation, grouped 3×3, activation, 1×1, added to the input."""

    def __init__(self, channels: int, settings: PlayerSettings, blocks: int) -> None:
        """`blocks` is how many of them the player has."""
        super().__init__()
        inner = EXPANSION * channels
        groups = inner // math.gcd(inner, GROUP)
        biased = settings.bias != "none"
        self.widen = PointwiseConv2d(channels, inner, biased)
        self.activation1 = ACTIVATIONS[settings.activation]()
        self.mix = GroupedConv2d(inner, groups, biased)
        self.activation2 = ACTIVATIONS[settings.activation]()
        self.narrow = PointwiseConv2d(inner, channels, settings.bias == "all")
        slope = LEAK if settings.activation == "leaky-relu" else 0.0
        self.gain = math.sqrt(2 / (1 + slope**2)) * blocks**-0.25
        """Of the initial weights: He et al. 2015 (arXiv 1502.01852, equation 14), and L^(-1/4) of
        Zhang et al. 2019 (arXiv 1901.09321), with L blocks of three layers."""

    def forward(self, maps: Tensor) -> Tensor:
        """(n, channels, h, w) → the same shape."""
        inner = self.activation2(self.mix(self.activation1(self.widen(maps))))
        changed: Tensor = maps + self.narrow(inner)
        return changed


class Enlarge(nn.Module):
    """A 1×1 convolution where the number of channels changes, then the filter [1, 2, 1]."""

    def __init__(self, before: int, after: int, size: ImageSize, bias: Bias) -> None:
        """`size` is that of the larger maps."""
        super().__init__()
        self.channels = _change_channels(before, after, bias)
        # Zeros between the pixels halve their mean, which is made up for.
        self.down: Tensor
        self.across: Tensor
        for name, side in (("down", size.height), ("across", size.width)):
            self.register_buffer(name, 2 * _halving(side).t(), persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        """(n, before, height / 2, width / 2) → (n, after, height, width)."""
        return _resampled(self.channels(maps), self.down, self.across)


class Shrink(nn.Module):
    """The filter [1, 2, 1], then a 1×1 convolution where the number of channels changes."""

    def __init__(self, before: int, after: int, size: ImageSize, bias: Bias) -> None:
        """`size` is that of the larger maps."""
        super().__init__()
        self.channels = _change_channels(before, after, bias)
        self.down: Tensor
        self.across: Tensor
        for name, side in (("down", size.height), ("across", size.width)):
            self.register_buffer(name, _halving(side), persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        """(n, before, height, width) → (n, after, height / 2, width / 2)."""
        smaller: Tensor = self.channels(_resampled(maps, self.down, self.across))
        return smaller


def _halving(side: int) -> Tensor:
    """[1, 2, 1] / 4 about every second place of a line, with zeros beyond its ends, as a matrix
    (side / 2, side)."""
    apart = 2 * torch.arange(side // 2)[:, None] - torch.arange(side)
    return (2 - apart.abs()).clamp_min(0) / 4


def _resampled(maps: Tensor, down: Tensor, across: Tensor) -> Tensor:
    """Maps (n, channels, height, width) with a matrix (after, before) along each of both sides.

    Matrix products are several times as fast on a processor as poolings and their second
    derivatives.
    """
    count, channels, height, width = maps.shape
    rows = maps.permute(0, 2, 3, 1).reshape(count, height, width * channels)
    rows = (down @ rows).view(count, len(down), width, channels)
    return (across @ rows).permute(0, 3, 1, 2)


class LearntMaps(nn.Module):
    """Vectors times a learnt map for each of their values."""

    def __init__(self, channels: int, shape: tuple[int, int]) -> None:
        """`shape` is the height and width of the maps."""
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, *shape))

    def forward(self, vectors: Tensor) -> Tensor:
        """(n, channels) → (n, channels, height, width)."""
        return vectors[:, :, None, None] * self.weight


def r3_generator(recipe: Recipe) -> nn.Sequential:
    """Vectors (n, generator_inputs) → images (n, channels, height, width): in [-1, 1], and
    beyond."""
    settings, sizes = recipe.network.generator, map_sizes(recipe.data.resolution)[::-1]
    widths = [settings.width * min(2**k, WIDEST) for k in reversed(range(len(sizes)))]
    everywhere = settings.bias == "all"
    linear = nn.Linear(recipe.network.generator_inputs, widths[0], bias=everywhere)
    network = named(("latent", linear), ("maps", LearntMaps(widths[0], sizes[0].shape)))
    for number, (size, channels) in enumerate(zip(sizes, widths, strict=True)):
        if number > 0:
            larger = Enlarge(widths[number - 1], channels, size, settings.bias)
            network.add_module(f"enlarge{size}", larger)
        network.add_module(size_name(size), _blocks(channels, settings, len(widths)))
    image = PointwiseConv2d(widths[-1], recipe.data.channels, everywhere)
    network.add_module("image", image)
    return network


def r3_discriminator(recipe: Recipe) -> nn.Sequential:
    """Images (n, channels, height, width) → logits (n,), or (n, outputs)."""
    settings, sizes = recipe.network.discriminator, map_sizes(recipe.data.resolution)
    widths = [settings.width * min(2**k, WIDEST) for k in range(len(sizes))]
    everywhere = settings.bias == "all"
    first = PointwiseConv2d(recipe.data.channels, widths[0], everywhere)
    network = named(("image", first))
    for number, (size, channels) in enumerate(zip(sizes, widths, strict=True)):
        if number > 0:
            smaller = Shrink(widths[number - 1], channels, sizes[number - 1], settings.bias)
            network.add_module(f"shrink{size}", smaller)
        network.add_module(size_name(size), _blocks(channels, settings, len(widths)))
    last = widths[-1]
    basis = EachMapToValue(last, sizes[-1].shape, everywhere)
    network.add_module("maps", named(("convolution", basis), ("vector", nn.Flatten())))
    outputs = recipe.discriminator_outputs
    network.add_module("logit", logit(nn.Linear(last, outputs, bias=everywhere)))
    return network


def _blocks(channels: int, settings: PlayerSettings, resolutions: int) -> nn.Sequential:
    """The blocks of one resolution."""
    count = settings.blocks
    return nn.Sequential(*(Block(channels, settings, count * resolutions) for _ in range(count)))


def _change_channels(before: int, after: int, bias: Bias) -> nn.Module:
    if before == after:
        return nn.Identity()
    return PointwiseConv2d(before, after, bias == "all")


@torch.no_grad()
def initialise_r3(network: nn.Module, generator: torch.Generator) -> None:
    """Weights of deviation gain / √inputs, with a gain of 1 outside of blocks; the last convolution
    of a block and all biases 0; learnt maps from N(0, 1); in place."""
    blocks = [module for module in network.modules() if isinstance(module, Block)]
    gains: dict[nn.Module, float] = {block.narrow: 0.0 for block in blocks}
    gains |= {layer: block.gain for block in blocks for layer in (block.widen, block.mix)}
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            spread = gains.get(module, 1.0) / math.sqrt(module.weight[0].numel())
            draws = torch.empty(module.weight.shape).normal_(0.0, 1.0, generator=generator)
            module.weight.copy_(draws * spread)
            if module.bias is not None:
                module.bias.zero_()
        elif isinstance(module, LearntMaps):
            shape = module.weight.shape
            module.weight.copy_(torch.empty(shape).normal_(0.0, 1.0, generator=generator))


FAMILY = Family(r3_generator, r3_discriminator, initialise_r3)
