"""Fully connected players, after Goodfellow et al. 2014 (arXiv 1406.2661), section 5."""

from torch import nn

from zerosum.networks.blocks import Family, Pixels, has_bias, hidden, logit, named
from zerosum.recipe.settings import Recipe


def mlp_generator(recipe: Recipe) -> nn.Sequential:
    """Vectors (n, generator_inputs) → images (n, channels, height, width) in [-1, 1].

    Hidden layers of `width`, 2 × `width` and 4 × `width` units.
    """
    settings = recipe.network.generator
    shape = (recipe.data.channels, *recipe.data.resolution.shape)
    network, units = nn.Sequential(), recipe.network.generator_inputs
    biased = has_bias(settings.bias, settings.norm)
    for number in range(3):
        before, units = units, settings.width * 2**number
        linear = nn.Linear(before, units, bias=biased)
        network.add_module(
            f"hidden{number + 1}", hidden(linear, settings.norm, settings.activation)
        )
    pixels = shape[0] * shape[1] * shape[2]
    network.add_module(
        "image",
        named(
            ("linear", nn.Linear(units, pixels, bias=has_bias(settings.bias, "none"))),
            ("tanh", Pixels()),
            ("pixels", nn.Unflatten(1, shape)),
        ),
    )
    return network


def mlp_discriminator(recipe: Recipe) -> nn.Sequential:
    """Images (n, channels, height, width) in [-1, 1] → logits (n,), or (n, outputs).

    Hidden layers of 4 × `width`, 2 × `width` and `width` units; the first has no norm.
    """
    settings = recipe.network.discriminator
    network = named(("vector", nn.Flatten()))
    units = recipe.data.channels * recipe.data.resolution.pixels
    for number, factor in enumerate((4, 2, 1)):
        before, units = units, settings.width * factor
        normalised = number > 0
        norm = settings.norm if normalised else "none"
        linear = nn.Linear(before, units, bias=has_bias(settings.bias, norm))
        dropout = settings.dropout if normalised else 0.0
        block = hidden(linear, norm, settings.activation, dropout)
        network.add_module(f"hidden{number + 1}", block)
    last = nn.Linear(units, recipe.discriminator_outputs, has_bias(settings.bias, "none"))
    network.add_module("logit", logit(last))
    return network


FAMILY = Family(mlp_generator, mlp_discriminator)
