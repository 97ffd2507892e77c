"""Convolutions as matrix products: the values and derivatives of PyTorch's, whatever the way."""

from typing import cast

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import gradcheck, gradgradcheck

from zerosum.networks import convolution, products
from zerosum.networks.convolution import Enlarging, Gathering, Halving, Spreading
from zerosum.networks.products import Enlarge, Halve, Pair, Way, Ways, enlarge, halve, pair

WAYS: tuple[Way, ...] = ("windows", "bands")


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
    torch.testing.assert_close(halve(images, weight, way), halve(images, weight, plain))
    torch.testing.assert_close(enlarge(maps, weight, way), enlarge(maps, weight, plain))
    torch.testing.assert_close(pair(images, maps, way), pair(images, maps, plain))


@pytest.mark.parametrize("way", WAYS)
def test_images_in_any_layout_give_maps_that_are_channels_last(way: Way) -> None:
    images, weight = drawn(2, 3, 4, 6), drawn(5, 3, 4, 4, seed=1)
    maps = halve(images.contiguous(), weight.contiguous(), way)
    assert torch.equal(maps, halve(images, weight, way))
    assert maps.is_contiguous(memory_format=torch.channels_last)
    again = enlarge(maps.contiguous(), weight.contiguous(), way)
    assert torch.equal(again, enlarge(maps, weight, way))
    assert again.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("way", ["convolution", *WAYS])
def test_first_and_second_derivatives_are_right(way: Way) -> None:
    ways = Ways(way, way, way)
    images, maps = drawn(2, 2, 4, 4).requires_grad_(), drawn(2, 3, 2, 2, seed=1).requires_grad_()
    weight = drawn(3, 2, 4, 4, seed=2).requires_grad_()
    for function, given in (
        (Halve, (images, weight)),
        (Enlarge, (maps, weight)),
        (Pair, (images, maps)),
    ):
        assert gradcheck(lambda *both, apply=function.apply: apply(*both, ways), given)
        assert gradgradcheck(lambda *both, apply=function.apply: apply(*both, ways), given)


def pairs_of_layers(bias: bool) -> list[tuple[nn.Module, nn.Module, Tensor]]:
    """Ours, PyTorch's with the same weights, and what both are given: float32."""
    torch.manual_seed(0)
    pairs = [
        (Halving(1, 4, bias), nn.Conv2d(1, 4, 4, 2, 1, bias=bias), drawn(2, 1, 8, 8)),
        (Halving(3, 4, bias), nn.Conv2d(3, 4, 4, 2, 1, bias=bias), drawn(2, 3, 4, 4)),
        (Enlarging(4, 1, bias), nn.ConvTranspose2d(4, 1, 4, 2, 1, bias=bias), drawn(2, 4, 4, 4)),
        (Enlarging(4, 3, bias), nn.ConvTranspose2d(4, 3, 4, 2, 1, bias=bias), drawn(2, 4, 2, 2)),
        (Gathering(5, 2, bias), nn.Conv2d(5, 2, 4, bias=bias), drawn(3, 5, 4, 4)),
        (Spreading(5, 2, bias), nn.ConvTranspose2d(5, 2, 4, bias=bias), drawn(3, 5, 1, 1)),
    ]
    for ours, theirs, _ in pairs:
        ours.to(memory_format=torch.channels_last)
        theirs.load_state_dict(ours.state_dict())
    return [(ours, theirs, given.float()) for ours, theirs, given in pairs]


def outcome(layer: nn.Module, given: Tensor) -> list[Tensor]:
    """What a layer makes, and the gradients of its input and parameters of a sum of squares."""
    given = given.clone().requires_grad_()
    made = cast(Tensor, layer(given))
    wanted = [given, *layer.parameters()]
    return [made.float(), *torch.autograd.grad(made.float().square().sum(), wanted)]


@pytest.mark.parametrize("tiles", [False, True])
@pytest.mark.parametrize("low", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_layers_are_pytorchs(
    bias: bool, low: bool, tiles: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convolution, "_has_tiles", lambda: tiles)
    for ours, theirs, given in pairs_of_layers(bias):
        with torch.autocast("cpu", enabled=low):
            results = [outcome(layer, given) for layer in (ours, theirs)]
            assert ours(given).dtype == theirs(given).dtype
        for mine, other in zip(*results, strict=True):
            tolerance = (0.02 if low else 1e-5) * float(other.detach().abs().max())
            torch.testing.assert_close(mine, other, atol=tolerance, rtol=1e-5)


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
