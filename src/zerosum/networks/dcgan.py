"""The convolutional players of Radford et al. 2015 (arXiv 1511.06434), at 16 to 256 pixels a side.

Every halving of the resolution is one convolution of kernel 4, stride 2, padding 1; the smallest
map of a square of 64 pixels is 4×4 (`blocks.map_sizes`). Which convolutions have a bias is the
player's `bias`: the authors' have none.
"""

from itertools import pairwise

from torch import nn

from zerosum.networks.blocks import (
    Family,
    Pixels,
    has_bias,
    hidden,
    logit,
    map_sizes,
    named,
    size_name,
)
from zerosum.networks.convolution import (
    DownsamplingConv2d,
    MapsToVector,
    UpsamplingConvTranspose2d,
    VectorToMaps,
)
from zerosum.recipe.settings import Recipe


def dcgan_generator(recipe: Recipe) -> nn.Sequential:
    """Vectors (n, generator_inputs) → images (n, channels, height, width) in [-1, 1].

    Hidden maps: `width` channels at half the resolution, doubled at each halving.
    """
    settings = recipe.network.generator
    smallest, *larger = reversed(map_sizes(recipe.data.resolution)[1:])
    channels = settings.width << len(larger)
    norm, activation = settings.norm, settings.activation
    latent = recipe.network.generator_inputs
    biased = has_bias(settings.bias, settings.norm)
    first = VectorToMaps(latent, channels, smallest.shape, biased)
    network = named(
        ("latent", nn.Unflatten(1, (latent, 1, 1))),
        (size_name(smallest), hidden(first, norm, activation)),
    )
    for size in larger:
        channels //= 2
        upsampling = UpsamplingConvTranspose2d(channels * 2, channels, biased)
        network.add_module(size_name(size), hidden(upsampling, norm, activation))
    for number in range(1, settings.extra_layers + 1):
        extra = nn.Conv2d(channels, channels, 3, padding=1, bias=biased)
        network.add_module(f"extra{number}", hidden(extra, norm, activation))
    last = UpsamplingConvTranspose2d(
        channels, recipe.data.channels, has_bias(settings.bias, "none")
    )
    network.add_module("image", named(("convolution", last), ("tanh", Pixels())))
    return network


def dcgan_discriminator(recipe: Recipe) -> nn.Sequential:
    """Images (n, channels, height, width) in [-1, 1] → logits (n,), or (n, outputs).

    Hidden maps: `width` channels at half the resolution, doubled at each halving. The first layer
    has no norm (section 3 of the paper); dropout follows the normalised blocks.
    """
    settings = recipe.network.discriminator
    sizes = map_sizes(recipe.data.resolution)[1:]
    widths = [recipe.data.channels] + [settings.width * 2**k for k in range(len(sizes))]

    def block(before: int, after: int, halving: bool, normalised: bool) -> nn.Sequential:
        norm = settings.norm if normalised else "none"
        biased = has_bias(settings.bias, norm)
        convolution = (
            DownsamplingConv2d(before, after, biased)
            if halving
            else nn.Conv2d(before, after, 3, padding=1, bias=biased)
        )
        dropout = settings.dropout if normalised else 0.0
        return hidden(convolution, norm, settings.activation, dropout)

    network = nn.Sequential()
    for number, (before, after) in enumerate(pairwise(widths)):
        smaller = block(before, after, halving=True, normalised=number > 0)
        network.add_module(size_name(sizes[number]), smaller)
        if number == 0:
            for extra in range(1, settings.extra_layers + 1):
                network.add_module(
                    f"extra{extra}", block(after, after, halving=False, normalised=True)
                )
    biased = has_bias(settings.bias, "none")
    last = MapsToVector(widths[-1], recipe.discriminator_outputs, sizes[-1].shape, biased)
    network.add_module("logit", logit(last))
    return network


FAMILY = Family(dcgan_generator, dcgan_discriminator)
