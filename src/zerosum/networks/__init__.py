"""The two players, built from a recipe.

`build_generator` and `build_discriminator` find the family by `network.kind`; one file a family.
"""

from zerosum.networks.build import NETWORKS, build_discriminator, build_generator
from zerosum.networks.describe import count_parameters, describe_players
from zerosum.networks.device import choose_device

__all__ = [
    "NETWORKS",
    "build_discriminator",
    "build_generator",
    "choose_device",
    "count_parameters",
    "describe_players",
]
