"""The convolutional players of Radford et al. 2015 (arXiv 1511.06434), at 16 to 256 pixels.

Every halving of the resolution is one convolution of kernel 4, stride 2, padding 1; the smallest
map is 4×4. Convolutions have no bias.
"""

from itertools import pairwise

from torch import nn

from zerosum.networks.blocks import ACTIVATIONS, MAP_NORMS, named
from zerosum.recipe import Recipe

SMALLEST = 4
"""Side of the smallest feature map in pixels."""


def dcgan_generator(recipe: Recipe) -> nn.Sequential:
    """Latents (n, latent) → images (n, channels, resolution, resolution) in [-1, 1].

    Hidden maps: `width` channels at half the resolution, doubled at each halving down to 4×4.
    """
    settings = recipe.network.generator
    side, channels = SMALLEST, _deepest(settings.width, recipe.data.resolution)

    def hidden(convolution: nn.Module, channels: int) -> nn.Sequential:
        return named(
            ("convolution", convolution),
            ("norm", MAP_NORMS[settings.norm](channels)),
            ("activation", ACTIVATIONS[settings.activation]()),
        )

    latent = recipe.network.latent
    network = named(
        ("latent", nn.Unflatten(1, (latent, 1, 1))),
        ("4x4", hidden(nn.ConvTranspose2d(latent, channels, SMALLEST, bias=False), channels)),
    )
    while side * 2 < recipe.data.resolution:
        side, channels = side * 2, channels // 2
        network.add_module(f"{side}x{side}", hidden(_enlarge(channels * 2, channels), channels))
    for number in range(1, settings.extra_layers + 1):
        extra = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        network.add_module(f"extra{number}", hidden(extra, channels))
    network.add_module(
        "image",
        named(
            ("convolution", _enlarge(channels, recipe.data.channels)),
            ("tanh", nn.Tanh()),
        ),
    )
    return network


def dcgan_discriminator(recipe: Recipe) -> nn.Sequential:
    """Images (n, channels, resolution, resolution) in [-1, 1] → logits (n,).

    Hidden maps: `width` channels at half the resolution, doubled at each halving down to 4×4.
    The first layer has no norm (section 3 of the paper); dropout follows the normalised blocks.
    """
    settings = recipe.network.discriminator
    depth = _halvings(recipe.data.resolution)
    widths = [recipe.data.channels] + [settings.width * 2**k for k in range(depth)]

    def hidden(convolution: nn.Conv2d, normalised: bool) -> nn.Sequential:
        norm = MAP_NORMS[settings.norm if normalised else "none"](convolution.out_channels)
        dropped = normalised and settings.dropout > 0
        return named(
            ("convolution", convolution),
            ("norm", norm),
            ("activation", ACTIVATIONS[settings.activation]()),
            ("dropout", nn.Dropout(settings.dropout) if dropped else nn.Identity()),
        )

    network, side = nn.Sequential(), recipe.data.resolution
    for block, (before, after) in enumerate(pairwise(widths)):
        side //= 2
        halving = nn.Conv2d(before, after, 4, 2, 1, bias=False)
        network.add_module(f"{side}x{side}", hidden(halving, normalised=block > 0))
        if block == 0:
            for number in range(1, settings.extra_layers + 1):
                extra = nn.Conv2d(after, after, 3, padding=1, bias=False)
                network.add_module(f"extra{number}", hidden(extra, normalised=True))
    network.add_module(
        "logit",
        named(
            ("convolution", nn.Conv2d(widths[-1], 1, SMALLEST, bias=False)),
            ("vector", nn.Flatten(0)),
        ),
    )
    return network


def _enlarge(before: int, after: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False)


def _halvings(resolution: int) -> int:
    return (resolution // SMALLEST).bit_length() - 1


def _deepest(width: int, resolution: int) -> int:
    """Channels of the 4×4 map: `width` at half the resolution, doubled at each halving."""
    return width << (_halvings(resolution) - 1)
