"""Networks from files of the user's."""

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

import torch
from torch import Tensor, nn

from zerosum.networks.blocks import Family
from zerosum.networks.build import OWN_FAMILIES
from zerosum.parts import Entries, register
from zerosum.randomness import seed_for
from zerosum.recipe.settings import Recipe
from zerosum.recipe.tasks import FAMILIES, LATENT, MULTIPLES_OF_16, FamilyProperties
from zerosum.user_function import UserFunction

Class = TypeVar("Class", bound=type)
TRIED = 2
"""Pictures that a new network is tried on."""


def network(
    name: str, *, sides: Sequence[int] = MULTIPLES_OF_16, squares: bool = False
) -> Callable[[Class], Class]:
    """Register a network, for `network.kind`, in a file that `--with` names.

    It stands on a class with two functions of a `recipe` (`zerosum.Recipe`) that each make a module
    of torch: `generator(recipe)`, latents float32 (n, `recipe.network.latent`) → images (n,
    `recipe.data.channels`, height, width) in [-1, 1]; and `discriminator(recipe)`, such images →
    one output each, (n,), before any sigmoid. Height and width are
    `recipe.data.resolution.height` and `.width`. They may use whatever the recipe says of widths,
    norms and layers; `spectral_norm` is put on by zerosum. The initial weights are those of torch's
    modules, drawn from the recipe's seed.

    `sides` are the widths and heights, in pixels, that its images can have, `squares` whether only
    squares. Raises ZerosumError where the class has no such functions.
    """

    def make(given: type) -> Entries:
        generator, discriminator = _player(given, "generator"), _player(given, "discriminator")
        if any(isinstance(side, bool) or not isinstance(side, int) for side in sides):
            raise ValueError(f"sides={sides!r} is not allowed; give whole numbers: sides=(32, 64)")
        words = "both sides are of those that its file names"
        if squares:
            words = "its images are squares, and their sides those that its file names"
        properties = FamilyProperties(
            LATENT, without=(), sides=tuple(sides), squares=squares, sizes=words, classes=False
        )
        return [
            (FAMILIES, properties),
            (OWN_FAMILIES, Family(generator, discriminator, lambda _player, _draws: None)),
        ]

    return register("network", name, make)


class OwnPlayer(nn.Module):
    """A user's network, whose errors are told with the file and the line."""

    def __init__(self, network: nn.Module, made_by: UserFunction[nn.Module]) -> None:
        super().__init__()
        self.network, self.made_by = network, made_by

    def forward(self, inputs: Tensor) -> Tensor:
        """What the network makes of its inputs."""
        if torch.compiler.is_compiling():
            return cast(Tensor, self.network(inputs))
        with self.made_by.telling():
            return cast(Tensor, self.network(inputs))


def _player(given: type, player: str) -> Callable[[Recipe], nn.Module]:
    if not callable(function := getattr(given, player, None)):
        raise ValueError(
            f"has no function {player}(recipe); a network is a class with "
            "generator(recipe) and discriminator(recipe), which each make a module of torch"
        )
    made_by: UserFunction[nn.Module] = UserFunction.of(function, ("recipe",))

    def build(recipe: Recipe) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed_for(recipe.seed, f"weights/{player}"))
            module = made_by(recipe=recipe)
        if not isinstance(module, nn.Module):
            made_by.refuse(f"gives {type(module).__name__}", "it has to give a torch.nn.Module")
        own = OwnPlayer(module, made_by)
        if not any(weight.is_meta for weight in own.parameters()):
            _try(own, recipe, player)
        return own

    return build


@torch.no_grad()
def _try(own: OwnPlayer, recipe: Recipe, player: str) -> None:
    """Raise ZerosumError where a network gives tensors of another shape."""
    image = (TRIED, recipe.data.channels, *recipe.data.resolution.shape)
    latents = (TRIED, recipe.network.latent)
    shape, expected = (latents, image) if player == "generator" else (image, (TRIED,))
    result = own.eval()(torch.zeros(shape))
    own.train()
    if not isinstance(result, Tensor) or tuple(result.shape) != expected:
        there = tuple(result.shape) if isinstance(result, Tensor) else type(result).__name__
        own.made_by.refuse(
            f"makes {there} of {TRIED} inputs, shape {shape}", f"it has to make {expected}"
        )
