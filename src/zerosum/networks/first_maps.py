"""How the first feature map of a generator, of whatever family, depends on its latent."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import ParametrizationList

from zerosum.networks.classes import ConditionalGenerator
from zerosum.networks.latents import sample_latents
from zerosum.recipe.settings import Recipe

BATCH, FEW = 64, 4
"""Latents at a time, and those where a map is large."""
SAMPLES = 4
"""Latents, for each number that one has."""
VALUES = 2**16
"""Of a map, at most: of more there is a sample."""
ROUNDING = 1e-3
"""Of a change, as a share of it: less is taken for float32's, more for a layer that is not linear.
"""


@dataclass(frozen=True)
class Call:
    """One use of a layer: a network may use the same one several times."""

    layer: nn.Module
    number: int
    """Of its calls in one pass, from 0."""


class Reached(BaseException):
    """The wanted layer has made its map, and what follows need not be computed.

    Not an Exception: nobody on the way takes it for an error of the network's.
    """


@torch.no_grad()
def first_maps(generator: nn.Module, recipe: Recipe) -> Tensor:
    """How the first feature map of a generator depends on its latent: float64 (latent, values) on
    the processor, what each number of the latent adds to the map by 1. The generator is in
    evaluation mode, in which batch norms are linear.

    The map is that before the first activation: the output of the last layer with weights up to
    which everything is linear. Where nothing is, because latents are normalised first for example,
    it is that of the first layer with weights. Latents are drawn by number, and the map is
    regressed on them (GANSpace, arXiv 2004.02546, section 3.2), which is exact where it is linear.
    A class adds nothing. Of a map with more than VALUES values these are a random sample of that
    size, with replacement and the same each time.
    """
    call = _last_linear(generator, recipe)
    latents = _drawn(recipe, SAMPLES * (recipe.network.latent + 1))
    centred = (latents - latents.mean(0)).double()
    solved = torch.linalg.solve(centred.T @ centred, centred.T)
    values = _map_of(call, generator, latents[:1]).shape[1]
    slopes = torch.zeros(recipe.network.latent, values, dtype=torch.float64)
    batch = BATCH if values < VALUES else FEW
    for part, given in zip(torch.split(solved, batch, 1), torch.split(latents, batch), strict=True):
        slopes.addmm_(part, _map_of(call, generator, given).double().cpu())
    return slopes


def _last_linear(generator: nn.Module, recipe: Recipe) -> Call:
    """What makes the first feature map."""
    tried = _drawn(recipe, 4)
    tried[3] = tried[0] + tried[1] - tried[2]
    linear: list[Call] = []
    others: list[Call] = []

    def look(call: Call, made: Tensor) -> None:
        if len(made) != len(tried):
            return
        one, two, three, last = _sampled(made).double()
        changed = (one - two).norm()
        if changed > ROUNDING * one.norm():
            apart = (one + two - three - last).norm()
            kind = linear if apart < ROUNDING * changed and not others else others
            kind.append(call)

    with _looking(generator, look):
        _make(generator, tried)
    return linear[-1] if linear else next(iter(others), Call(generator, 0))


def _map_of(call: Call, generator: nn.Module, latents: Tensor) -> Tensor:
    """What a call of a layer makes of latents, (n, values)."""
    seen: list[Tensor] = []

    def keep(found: Call, made: Tensor) -> None:
        if found == call:
            seen.append(_sampled(made))
            raise Reached

    try:
        with _looking(generator, keep):
            _make(generator, latents)
    except Reached:
        pass
    return seen[0]


def _sampled(made: Tensor) -> Tensor:
    """A copy of maps as (n, values), VALUES at most."""
    values = made.flatten(1)
    if values.shape[1] <= VALUES:
        return values.clone()
    places = torch.randint(values.shape[1], (VALUES,), generator=torch.Generator().manual_seed(0))
    return values[:, places.to(made.device)]


@contextmanager
def _looking(generator: nn.Module, look: Callable[[Call, Tensor], None]) -> Iterator[None]:
    """Inside, each layer with weights shows what it has made, at each call."""
    calls: Counter[nn.Module] = Counter()

    def hook(layer: nn.Module, _given: object, made: object) -> None:
        call = Call(layer, calls[layer])
        calls[layer] += 1
        if isinstance(made, Tensor) and made.is_floating_point() and made.dim() > 1:
            look(call, made)

    hooks = [
        layer.register_forward_hook(hook)
        for layer in generator.modules()
        if next(layer.parameters(), None) is not None
        and not isinstance(layer, ParametrizationList)  # which makes weights
    ]
    try:
        yield
    finally:
        for each in hooks:
            each.remove()


def _drawn(recipe: Recipe, count: int) -> Tensor:
    network = recipe.network
    return sample_latents(0, range(count), network.latent, network.prior)


def _make(generator: nn.Module, latents: Tensor) -> None:
    """Pictures of latents, with no class's embedding."""
    given = latents.to(next(generator.parameters()).device)
    if isinstance(generator, ConditionalGenerator):
        numbers = generator.embedding.weight.shape[1]
        generator.of_embedded(given, given.new_zeros(len(given), numbers))
    else:
        generator(given)
