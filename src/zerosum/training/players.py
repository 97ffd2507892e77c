"""The two players with their optimisers: all that learns."""

import copy
from dataclasses import dataclass
from functools import cached_property

from torch import nn
from torch.optim import Optimizer

from zerosum.networks.build import build_discriminator, build_generator
from zerosum.networks.joining import can_join
from zerosum.recipe.settings import Recipe
from zerosum.training.fabric import Fabric
from zerosum.training.optimizers import build_optimizer


@dataclass(frozen=True)
class Players:
    """Generator, discriminator, the generator's average (where the recipe has one), optimisers."""

    generator: nn.Module
    discriminator: nn.Module
    average: nn.Module | None
    generator_optimizer: Optimizer
    discriminator_optimizer: Optimizer

    @cached_property
    def joined(self) -> bool:
        """Whether real and generated images pass the discriminator as one batch in its step."""
        weight = next(self.discriminator.parameters())
        return weight.device.type == "cpu" and can_join(self.discriminator)

    @property
    def best_generator(self) -> nn.Module:
        """The average where there is one: what pictures and scores are made with."""
        return self.average or self.generator

    def modules(self) -> dict[str, nn.Module]:
        """The networks by the names of their checkpoint files."""
        networks = {"generator": self.generator, "discriminator": self.discriminator}
        return networks | ({"average": self.average} if self.average else {})

    def optimizers(self) -> dict[str, Optimizer]:
        """The optimisers by their player's name."""
        return {
            "generator": self.generator_optimizer,
            "discriminator": self.discriminator_optimizer,
        }


def build_players(recipe: Recipe, fabric: Fabric) -> Players:
    """Both players with their initial weights, on Fabric's device.

    The modules are not wrapped: gradients are averaged over processes in one flat call after each
    backward pass (`updates.average_gradients`), which stays right under double backward.
    """
    generator = build_generator(recipe).to(fabric.device).train()
    discriminator = build_discriminator(recipe).to(fabric.device).train()
    average = None
    if recipe.schedule.averages:
        average = copy.deepcopy(generator).eval().requires_grad_(False)
    return Players(
        generator,
        discriminator,
        average,
        build_optimizer(generator.parameters(), recipe.optimizer.generator),
        build_optimizer(discriminator.parameters(), recipe.optimizer.discriminator),
    )
