"""Convolutions as matrix products: the values and derivatives of PyTorch's, whatever the way."""

import re
from pathlib import Path
from typing import cast

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import gradcheck, gradgradcheck

from zerosum.networks import convolution, products
from zerosum.networks.build import build_generator
from zerosum.networks.convolution import (
    DownsamplingConv2d,
    EachMapToValue,
    GroupedConv2d,
    MapsToVector,
    PointwiseConv2d,
    UpsamplingConvTranspose2d,
    VectorToMaps,
    leave_to_pytorch,
)
from zerosum.networks.derivatives import Product, PyTorchs
from zerosum.networks.products import (
    Way,
    Ways,
    downsample,
    upsample,
    weight_gradient,
)
from zerosum.recipe.load import load_recipe

WAYS: tuple[Way, ...] = ("im2col", "banded")
MEASURED = Path(__file__).parents[2] / "docs" / "performance.md"


def drawn(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    values = torch.randn(shape, generator=random, dtype=dtype)
    return values.to(memory_format=torch.channels_last)


@pytest.mark.parametrize("at_once", [1, products.AT_ONCE])
@pytest.mark.parametrize(("channels", "depth", "height", "width"), [(1, 3, 2, 3), (5, 2, 3, 1)])
@pytest.mark.parametrize("way", WAYS)
def test_a_way_has_the_values_of_the_convolution(
    way: Way,
    channels: int,
    depth: int,
    height: int,
    width: int,
    at_once: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(products, "AT_ONCE", at_once)
    images = drawn(3, channels, 2 * height, 2 * width)
    maps, weight = drawn(3, depth, height, width, seed=1), drawn(depth, channels, 4, 4, seed=2)
    plain: Way = "convolution"
    torch.testing.assert_close(downsample(images, weight, way), downsample(images, weight, plain))
    torch.testing.assert_close(upsample(maps, weight, way), upsample(maps, weight, plain))
    torch.testing.assert_close(
        weight_gradient(images, maps, way), weight_gradient(images, maps, plain)
    )


@pytest.mark.parametrize("way", WAYS)
def test_images_in_any_layout_give_maps_that_are_channels_last(way: Way) -> None:
    images, weight = drawn(2, 3, 4, 6), drawn(5, 3, 4, 4, seed=1)
    maps = downsample(images.contiguous(), weight.contiguous(), way)
    assert torch.equal(maps, downsample(images, weight, way))
    assert maps.is_contiguous(memory_format=torch.channels_last)
    again = upsample(maps.contiguous(), weight.contiguous(), way)
    assert torch.equal(again, upsample(maps, weight, way))
    assert again.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("way", ["convolution", *WAYS])
def test_first_and_second_derivatives_are_right(way: Way) -> None:
    ways = Ways(way, way, way)
    images, maps = drawn(2, 2, 4, 4).requires_grad_(), drawn(2, 3, 2, 2, seed=1).requires_grad_()
    weight = drawn(3, 2, 4, 4, seed=2).requires_grad_()
    for function, given in (
        (lambda one, other: Product.apply(one, None, other, ways), (images, weight)),
        (lambda one, other: Product.apply(None, one, other, ways), (maps, weight)),
        (lambda one, other: Product.apply(one, other, None, ways), (images, maps)),
    ):
        assert gradcheck(function, given)
        assert gradgradcheck(function, given)


def test_derivatives_of_pytorchs_convolution_in_groups_are_right() -> None:
    convolution = PyTorchs(3, padding=1, groups=2)
    images, maps = drawn(2, 4, 3, 2).requires_grad_(), drawn(2, 4, 3, 2, seed=1).requires_grad_()
    weight = drawn(4, 2, 3, 3, seed=2).requires_grad_()
    plain = nn.functional.conv2d(images, weight, padding=1, groups=2)
    torch.testing.assert_close(Product.apply(images, None, weight, convolution), plain)
    for function, given in (
        (lambda one, other: Product.apply(one, None, other, convolution), (images, weight)),
        (lambda one, other: Product.apply(None, one, other, convolution), (maps, weight)),
        (lambda one, other: Product.apply(one, other, None, convolution), (images, maps)),
    ):
        assert gradcheck(function, given)
        assert gradgradcheck(function, given)


def pairs_of_layers(bias: bool) -> list[tuple[nn.Module, nn.Module, Tensor]]:
    """Ours, PyTorch's with the same weights, and what both are given: float32."""
    torch.manual_seed(0)
    pairs = [
        (DownsamplingConv2d(1, 4, bias), nn.Conv2d(1, 4, 4, 2, 1, bias=bias), drawn(2, 1, 8, 8)),
        (DownsamplingConv2d(3, 4, bias), nn.Conv2d(3, 4, 4, 2, 1, bias=bias), drawn(2, 3, 4, 4)),
        (
            UpsamplingConvTranspose2d(4, 1, bias),
            nn.ConvTranspose2d(4, 1, 4, 2, 1, bias=bias),
            drawn(2, 4, 4, 4),
        ),
        (
            UpsamplingConvTranspose2d(4, 3, bias),
            nn.ConvTranspose2d(4, 3, 4, 2, 1, bias=bias),
            drawn(2, 4, 2, 2),
        ),
        (MapsToVector(5, 2, (4, 6), bias), nn.Conv2d(5, 2, (4, 6), bias=bias), drawn(3, 5, 4, 6)),
        (
            VectorToMaps(5, 2, (4, 6), bias),
            nn.ConvTranspose2d(5, 2, (4, 6), bias=bias),
            drawn(3, 5, 1, 1),
        ),
    ]
    for ours, theirs, _ in pairs:
        share_weights(ours, theirs)
    return [(ours, theirs, given.float()) for ours, theirs, given in pairs]


def outcome(layer: nn.Module, given: Tensor) -> list[Tensor]:
    """What a layer makes, and the gradients of its input and parameters of a sum of squares."""
    given = given.clone().requires_grad_()
    made = cast(Tensor, layer(given))
    wanted = [given, *layer.parameters()]
    return [made.float(), *torch.autograd.grad(made.float().square().sum(), wanted)]


def share_weights(ours: nn.Module, theirs: nn.Module) -> None:
    ours.to(memory_format=torch.channels_last)
    theirs.load_state_dict(ours.state_dict())


def demand_equal(ours: nn.Module, theirs: nn.Module, given: Tensor, low: bool) -> None:
    """The same values and gradients, up to rounding."""
    with torch.autocast("cpu", enabled=low):
        results = [outcome(layer, given) for layer in (ours, theirs)]
        assert ours(given).dtype == theirs(given).dtype
    for mine, other in zip(*results, strict=True):
        tolerance = (0.02 if low else 1e-5) * float(other.detach().abs().max())
        torch.testing.assert_close(mine, other, atol=tolerance, rtol=1e-5)


@pytest.mark.parametrize("amx", [False, True])
@pytest.mark.parametrize("low", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_layers_are_pytorchs(
    bias: bool, low: bool, amx: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convolution, "has_amx", lambda: amx)
    for ours, theirs, given in pairs_of_layers(bias):
        demand_equal(ours, theirs, given, low)


def test_layers_of_many_channels_are_pytorchs_with_amx(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    monkeypatch.setattr(convolution, "has_amx", lambda: True)
    for channels, side in ((256, 4), (128, 4), (64, 4), (64, 8)):
        for ours, theirs, given in (
            (
                DownsamplingConv2d(channels, 8, bias=True),
                nn.Conv2d(channels, 8, 4, 2, 1),
                drawn(2, channels, 2 * side, 2 * side),
            ),
            (
                UpsamplingConvTranspose2d(8, channels, bias=True),
                nn.ConvTranspose2d(8, channels, 4, 2, 1),
                drawn(2, 8, side, side),
            ),
        ):
            share_weights(ours, theirs)
            demand_equal(ours, theirs, given.float(), low=True)


def penalised(layer: nn.Module, given: Tensor, low: bool) -> list[Tensor]:
    """What a layer makes, and the gradients at its input and parameters of a penalty on its
    gradient and of its squares."""
    given = given.clone().requires_grad_()
    with torch.autocast("cpu", enabled=low):
        made = cast(Tensor, layer(given)).float()
    total = made.square().sum()
    [gradient] = torch.autograd.grad(total, given, create_graph=True)
    wanted = [given, *layer.parameters()]
    return [made, *torch.autograd.grad(gradient.square().sum() + total, wanted)]


@pytest.mark.parametrize("low", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_a_penalty_on_the_gradient_of_a_layer_has_the_gradients_of_pytorchs(
    bias: bool, low: bool
) -> None:
    torch.manual_seed(0)
    pairs = [
        (PointwiseConv2d(3, 8, bias), nn.Conv2d(3, 8, 1, bias=bias), drawn(2, 3, 4, 6)),
        (
            GroupedConv2d(32, 2, bias),
            nn.Conv2d(32, 32, 3, padding=1, groups=2, bias=bias),
            drawn(2, 32, 4, 6),
        ),
        (
            EachMapToValue(5, (4, 6), bias),
            nn.Conv2d(5, 5, (4, 6), groups=5, bias=bias),
            drawn(3, 5, 4, 6),
        ),
    ]
    for ours, theirs, given in pairs:
        share_weights(ours, theirs)
        results = [penalised(layer, given.float(), low) for layer in (ours, theirs)]
        for mine, other in zip(*results, strict=True):
            tolerance = (0.02 if low else 1e-5) * float(other.detach().abs().max())
            torch.testing.assert_close(mine, other, atol=tolerance, rtol=1e-5)


def measured_shapes() -> list[tuple[int, int, Ways, Ways]]:
    """Of each row of the table in the docs: channels, the side of the maps, and what is computed
    as a matrix product in bf16 with AMX and in float32."""
    shapes = []
    row = r"^\| (\d+) ↔ \d+, (\d+)×\d+, \d+ \|(.*)\|$"
    for channels, side, cells in re.findall(row, MEASURED.read_text(), re.MULTILINE):
        products = ["→" in cell for cell in cells.split("|")]
        low: Way = "banded" if channels == "1" else "im2col"
        ways = [low if faster else "convolution" for faster in products[:3]]
        exact: list[Way] = ["im2col" if faster else "convolution" for faster in products[3:]]
        shapes.append((int(channels), int(side), Ways(*ways), Ways(*exact)))
    return shapes


def test_the_rule_takes_what_was_measured_as_the_fastest() -> None:
    shapes = measured_shapes()
    assert len(shapes) == 12
    for channels, side, low, exact in shapes:
        shape = (channels, side * side, side)
        assert convolution._rule(*shape, torch.bfloat16, True) == low, shape
        for amx in (False, True):
            assert convolution._rule(*shape, torch.float32, amx) == exact, shape
        images_alone = Ways(upsample="im2col" if channels <= 3 else "convolution")
        assert convolution._rule(*shape, torch.bfloat16, False) == images_alone, shape


def test_what_a_layer_makes_may_be_changed_in_place() -> None:
    for ours, theirs, given in pairs_of_layers(bias=False):
        gradients = [
            torch.autograd.grad(nn.LeakyReLU(0.2, inplace=True)(layer(given)).sum(), layer.weight)
            for layer in (ours, theirs)
            if isinstance(layer.weight, Tensor)
        ]
        largest = float(gradients[0][0].abs().max())
        torch.testing.assert_close(*gradients, atol=1e-5 * largest, rtol=1e-5)


def test_other_devices_compute_as_pytorch_does() -> None:
    images = torch.empty(2, 1, 32, 32, device="meta")
    assert convolution.ways_to_compute(images, 1, 16, 16) == Ways()
    assert convolution.ways_to_compute(torch.empty(2, 1, 32, 32), 1, 16, 16) != Ways()


@pytest.mark.parametrize("name", ["dcgan-mnist", "r3"])
def test_a_generator_left_to_pytorch_has_its_convolutions_alone_and_makes_the_same(
    name: str,
) -> None:
    recipe = load_recipe(name, {"width": 16, "data.resolution": 32})
    network, draws = build_generator(recipe).eval(), torch.Generator().manual_seed(0)
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.1, generator=draws)
    latents = torch.randn(2, recipe.network.latent, generator=draws)
    with torch.inference_mode():
        own = network(latents)
        leave_to_pytorch(network)
        torch.testing.assert_close(network(latents), own, rtol=1e-4, atol=1e-5)
    layers = [
        each for each in network.modules() if isinstance(each, nn.Conv2d | nn.ConvTranspose2d)
    ]
    assert {type(each) for each in layers} <= {nn.Conv2d, nn.ConvTranspose2d}
    assert not torch.allclose(own[0], own[1]), "latents make a difference"
