"""The two players, built from a recipe.

`build_generator` and `build_discriminator` find the family by `network.kind`; one file a family.
"""

from zerosum.networks.build import (
    build_discriminator,
    build_generator,
    demand_room,
    example_input,
)
from zerosum.networks.describe import count_parameters, describe_players
from zerosum.networks.device import choose_device, is_out_of_memory
from zerosum.networks.imagenet import imagenet_features, load_imagenet_encoder

__all__ = [
    "build_discriminator",
    "build_generator",
    "choose_device",
    "count_parameters",
    "demand_room",
    "describe_players",
    "example_input",
    "imagenet_features",
    "is_out_of_memory",
    "load_imagenet_encoder",
]
