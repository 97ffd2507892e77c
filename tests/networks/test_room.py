"""Networks that no machine has room for are refused before memory is asked for."""

import resource

import pytest

from zerosum.errors import UsageError, ZerosumError
from zerosum.networks.build import build_discriminator, build_generator
from zerosum.networks.room import free_memory
from zerosum.recipe.load import load_recipe
from zerosum.recipe.settings import Recipe
from zerosum.recipe.tasks import FAMILIES


def with_sizes(kind: str, **sizes: object) -> Recipe:
    fields = {name.replace("__", "."): value for name, value in sizes.items()}
    more: dict[str, object] = {"damage.jpeg": 1.0} if kind == "unet" else {}
    if kind == "r3":
        more = {"network.generator.norm": "none", "network.discriminator.norm": "none"}
    return load_recipe("dcgan", {"network.kind": kind, **more, **fields})


@pytest.mark.parametrize(
    ("kind", "sizes", "player"),
    [
        ("dcgan", {"latent": 10**9}, "generator"),
        ("mlp", {"latent": 10**12}, "generator"),
        ("dcgan", {"latent": 2**70}, "generator"),
        ("dcgan", {"width": 2**14, "data__resolution": 256}, "generator"),
        ("dcgan", {"width": 2**14, "data__resolution": 256}, "discriminator"),
        ("mlp", {"width": 2**40}, "discriminator"),
        ("unet", {"width": 2**20}, "generator"),
        ("unet", {"width": 2**62}, "discriminator"),
    ],
)
def test_sizes_beyond_memory_are_named(kind: str, sizes: dict[str, object], player: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    build = build_generator if player == "generator" else build_discriminator
    with pytest.raises(ZerosumError) as refused:
        build(with_sizes(kind, **sizes))
    assert f"the {player} needs" in refused.value.what
    assert "network.latent" in refused.value.what
    assert "smaller" in refused.value.remedy
    taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert taken * 1024 < 500e6, "memory was asked for first"


@pytest.mark.parametrize("kind", FAMILIES)
def test_usual_sizes_fit(kind: str) -> None:
    build_generator(with_sizes(kind, width=4, data__resolution=32))
    assert (free_memory() or 0) > 0


def test_layers_without_number_are_refused_as_they_are_read() -> None:
    with pytest.raises(UsageError, match="extra_layers"):
        with_sizes("dcgan", network__generator__extra_layers=10**9)
