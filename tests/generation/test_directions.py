"""The directions of latents along which a generator's pictures change most."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from zerosum.generation.directions import principal_directions
from zerosum.generation.generator import load_generator
from zerosum.networks.first_maps import VALUES, first_maps
from zerosum.records.run import RunFolder

Make = Callable[..., RunFolder]
CLASSES: dict[str, object] = {
    "network.conditional": True, "network.generator.embedding": 3, "data.classes": ("cat", "dog"),
}  # fmt: skip
BESIDE = CLASSES | {"network.generator.classes": "embedding"}
NORMS: dict[str, object] = {"network.generator.norm": "none", "network.discriminator.norm": "none"}
FAMILIES: dict[str, tuple[dict[str, object], str]] = {
    "dcgan": ({}, "4x4.norm"),
    "statistics of the sample": ({"network.generator.norm": "instance"}, "4x4.convolution"),
    "class beside the latent": (BESIDE, "network.4x4.norm"),
    "class in the norms": (CLASSES | {"network.generator.classes": "norm"},
                           "network.4x4.norm.norm"),
    "resnet": ({"network.kind": "resnet"}, "8x8.first.normalisation"),
    "r3": (NORMS | {"network.kind": "r3"}, "4x4.0.widen"),
    "mlp": (NORMS | {"network.kind": "mlp"}, "hidden1.linear"),
}  # fmt: skip
"""Settings, and the layer that makes the map."""


@pytest.mark.parametrize("family", FAMILIES)
def test_the_first_feature_map_is_linear_in_the_latent(make_run: Make, family: str) -> None:
    overrides, layer = FAMILIES[family]
    run = make_run({"data.resolution": 16, "latent": 6} | overrides)
    generator = load_generator(run, device="cpu")
    seen: list[torch.Tensor] = []
    generator.module.get_submodule(layer).register_forward_hook(
        lambda _layer, _given, made: seen.append(made.flatten(1).clone())
    )
    inputs = generator.latents(0, [0, 2])  # of the same class
    generator.compute(inputs)
    matrix = first_maps(generator.module, generator.recipe)
    difference = (inputs[0] - inputs[1])[:6].double() @ matrix
    assert (seen[0][0] - seen[0][1]).norm() > 0.01
    assert torch.allclose(seen[0][0] - seen[0][1], difference.float(), atol=1e-4)


class Bare(nn.Module):
    """No layers, only weights: along each of the principal directions that are the columns of
    `known` it changes half as much as along the one before."""

    def __init__(self, known: torch.Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(known * 2.0 ** -torch.arange(LATENT))

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return latents @ self.weight


class Normalised(Bare):
    """Latents are divided by their length before the first layer, as StyleGAN does."""

    def __init__(self, known: torch.Tensor) -> None:
        super().__init__(known)
        self.first, self.last = Bare(known), nn.Linear(LATENT, 4)

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self.last(self.first(latents / latents.norm(dim=1, keepdim=True)))
        return made


class Twice(Normalised):
    """One layer is used on a constant first, then on the latents."""

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        shift = self.first(latents.new_ones(1, LATENT))
        made: torch.Tensor = self.last((self.first(latents) + shift).relu())
        return made


class Large(Bare):
    """The first map has more values than are kept of it."""

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return super().forward(latents).repeat(1, VALUES // LATENT + 1)


LATENT = 20


@pytest.mark.parametrize(
    ("network", "degrees"), [(Bare, 0.1), (Twice, 0.1), (Large, 1), (Normalised, 10)]
)
def test_the_principal_directions_of_any_network_are_found(
    make_run: Make, network: type[Bare], degrees: float
) -> None:
    """They are told by a regression, which is not exact where nothing is linear."""
    torch.manual_seed(0)
    known = torch.linalg.qr(torch.randn(LATENT, LATENT))[0]
    trained = load_generator(make_run({"latent": LATENT}), device="cpu")
    found = principal_directions(replace(trained, module=network(known)), 3).directions
    between = (found @ known[:, :3]).diagonal().abs().clamp(max=1).acos().rad2deg()
    assert between.max() < degrees


def test_directions_are_orthonormal_and_explain_less_and_less(tiny_run: RunFolder) -> None:
    found = principal_directions(load_generator(tiny_run, device="cpu"), 10)
    assert torch.allclose(found.directions @ found.directions.T, torch.eye(10), atol=1e-6)
    assert list(found.explained) == sorted(found.explained, reverse=True)
    assert 0 < sum(found.explained) < 1
    assert found.unit == 1


def test_all_directions_together_explain_everything(make_run: Make) -> None:
    run = make_run({"latent": 5})
    found = principal_directions(load_generator(run, device="cpu"))
    assert len(found) == 5 and sum(found.explained) == pytest.approx(1)


def test_directions_are_the_same_each_time(tiny_run: RunFolder) -> None:
    once, again = (principal_directions(load_generator(tiny_run, device="cpu")) for _ in range(2))
    assert torch.equal(once.directions, again.directions) and once.explained == again.explained


def test_they_are_the_principal_components_of_sampled_maps(make_run: Make) -> None:
    """As the paper finds them: of the maps of many latents."""
    generator = load_generator(make_run({"latent": 4, "network.prior": "uniform"}), device="cpu")
    found = principal_directions(generator)
    latents = generator.latents(0, range(4000)).double()
    maps = latents @ first_maps(generator.module, generator.recipe)
    deviations = (maps - maps.mean(0)).svd().S / np.sqrt(4000)
    shares = deviations[:4].square() / deviations.square().sum()
    assert shares.tolist() == pytest.approx(found.explained, abs=0.03)
    assert latents.std().item() == pytest.approx(found.unit, rel=0.02)


def test_a_latent_is_moved_by_standard_deviations_and_the_class_beside_it_is_not(
    make_run: Make,
) -> None:
    generator = load_generator(
        make_run(BESIDE | {"network.prior": "uniform"}),
        device="cpu",
    )
    found = principal_directions(generator)
    inputs = generator.latents(0, [3])
    assert torch.equal(found.moved(inputs, []), inputs)
    latent = generator.recipe.network.latent
    moved = found.moved(inputs, [0, -2.5])
    assert torch.equal(moved[:, latent:], inputs[:, latent:])
    along = (moved - inputs)[0, :latent] @ found.directions.T
    assert along[:3].tolist() == pytest.approx([0, -2.5 / 3**0.5, 0], abs=1e-5)
    assert not np.array_equal(generator.make(moved), generator.make(inputs))
