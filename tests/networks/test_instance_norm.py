"""Instance norm against PyTorch's, to the third derivative."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from zerosum.networks.instance_norm import InstanceNorm

SHAPES = [(3, 5, 8, 8), (2, 4, 3, 5), (1, 2, 5, 4)]


def drawn(
    *shape: int,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
    channels_last: bool = True,
) -> Tensor:
    draws = torch.Generator().manual_seed(seed)
    maps = torch.randn(shape, generator=draws, dtype=torch.float64).to(dtype) * 3 + 1
    return maps.to(memory_format=torch.channels_last) if channels_last else maps


def norms(channels: int) -> tuple[InstanceNorm, nn.InstanceNorm2d]:
    ours, reference = InstanceNorm(channels), nn.InstanceNorm2d(channels, affine=True)
    for number, parameter in enumerate(ours.parameters()):
        parameter.data = drawn(channels, 1, 1, 1, seed=number + 2).flatten()
    reference.load_state_dict(ours.state_dict())
    return ours, reference


def derivatives(norm: nn.Module, maps: Tensor, weight: Tensor) -> list[Tensor]:
    """Outputs, gradients of a first function of them, and of a second one of those."""
    maps, weight = maps.detach().requires_grad_(), weight.detach().requires_grad_()
    outputs = norm(maps)
    inputs = [maps, *norm.parameters()]
    first = torch.autograd.grad((outputs * weight).sum(), inputs, create_graph=True)
    of_first = sum((each.square().sum() for each in first), torch.zeros(()))
    second = torch.autograd.grad(of_first, [*inputs[:2], weight])
    return [outputs, *first, *second]


@pytest.mark.parametrize("channels_last", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_outputs_and_two_derivatives_are_torchs(
    shape: tuple[int, int, int, int], channels_last: bool
) -> None:
    ours, reference = norms(shape[1])
    maps, weight = drawn(*shape, channels_last=channels_last), drawn(*shape, seed=1)
    # PyTorch 2.15's own has wrong gradients for one channels-last image.
    expected = derivatives(reference, maps.contiguous(), weight.contiguous())
    for mine, theirs in zip(derivatives(ours, maps, weight), expected, strict=True):
        largest = float(theirs.detach().abs().max())
        torch.testing.assert_close(mine, theirs, rtol=1e-5, atol=1e-5 * largest)


def test_maps_keep_their_layout_and_far_means_their_precision() -> None:
    ours, reference = norms(4)
    for channels_last in (True, False):
        maps = drawn(2, 4, 8, 8, channels_last=channels_last)
        assert ours(maps).stride() == maps.stride()
    far = drawn(2, 4, 8, 8) + 1000
    expected = copy.deepcopy(reference).double()(far.double()).float()
    torch.testing.assert_close(ours(far), expected, rtol=1e-3, atol=1e-3)


def test_weights_of_runs_that_had_a_group_norm_fit() -> None:
    earlier, (ours, _) = nn.GroupNorm(4, 4), norms(4)
    earlier.load_state_dict(ours.state_dict())
    ours.load_state_dict(earlier.state_dict())
    maps = drawn(2, 4, 8, 8)
    torch.testing.assert_close(ours(maps), earlier(maps), rtol=1e-5, atol=1e-5)


def test_a_map_of_one_pixel_is_its_shift_and_has_no_gradient() -> None:
    ours, _ = norms(3)
    maps = drawn(2, 3, 1, 1).requires_grad_()
    outputs = ours(maps)
    assert torch.equal(outputs, ours.bias.view(1, 3, 1, 1).expand(2, 3, 1, 1))
    outputs.sum().backward()
    assert maps.grad is not None
    assert not maps.grad.any()


def test_maps_of_one_value_are_their_shift_and_stay_finite() -> None:
    ours, _ = norms(3)
    results = derivatives(ours, torch.full((2, 3, 4, 4), 0.7), drawn(2, 3, 4, 4))
    assert all(each.isfinite().all() for each in results)


def normalise_with(epsilon: float) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    def normalise(maps: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        norm = InstanceNorm(len(scale))
        norm.eps = epsilon
        parameters = {"weight": scale, "bias": shift}
        outputs: Tensor = torch.func.functional_call(norm, parameters, maps)
        return outputs

    return normalise


@pytest.mark.parametrize("shape", [(2, 3, 3, 2), (2, 2, 1, 1)])
def test_three_derivatives_are_those_of_differences(shape: tuple[int, int, int, int]) -> None:
    normalise = normalise_with(epsilon=0.1)
    inputs = [drawn(*shape, dtype=torch.float64) / 3]
    inputs += [drawn(shape[1], 1, 1, 1, seed=k, dtype=torch.float64).flatten() for k in (2, 3)]
    inputs = [each.detach().requires_grad_() for each in inputs]
    assert torch.autograd.gradcheck(normalise, inputs)
    assert torch.autograd.gradgradcheck(normalise, inputs)

    def gradients(maps: Tensor, scale: Tensor, weight: Tensor) -> tuple[Tensor, ...]:
        outputs = normalise(maps, scale, inputs[2])
        return torch.autograd.grad(outputs, (maps, scale), weight, create_graph=True)

    weight = drawn(*shape, seed=1, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradgradcheck(gradients, (*inputs[:2], weight))


def test_bfloat16_maps_have_float32_statistics() -> None:
    ours, reference = norms(4)
    maps = (drawn(2, 4, 16, 16) + 20).bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = ours(maps)
    assert outputs.dtype == torch.bfloat16
    expected = reference(maps.float()).bfloat16()
    torch.testing.assert_close(outputs, expected, rtol=2**-7, atol=1e-5)  # a last bit


def test_functions_of_torch_func_take_its_derivatives() -> None:
    ours, reference = norms(3)
    maps, weight = drawn(4, 3, 4, 4), drawn(4, 3, 4, 4, seed=1)

    def second(norm: nn.Module) -> Callable[[Tensor, Tensor], Tensor]:
        def score(image: Tensor, weight: Tensor) -> Tensor:
            outputs: Tensor = norm(image[None])[0]
            return (outputs * weight).sum()

        def slope(image: Tensor, weight: Tensor) -> Tensor:
            gradient: Tensor = torch.func.grad(score)(image, weight)
            return gradient.square().sum()

        return torch.func.vmap(torch.func.grad(slope))

    mine, theirs = second(ours)(maps, weight), second(reference)(maps, weight)
    torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4)


def test_a_compiled_one_has_the_same_gradients() -> None:
    ours, _ = norms(3)
    maps = drawn(2, 3, 4, 4)
    compiled = torch.compile(ours, backend="aot_eager", fullgraph=True)

    def gradients(norm: Callable[[Tensor], Tensor]) -> tuple[Tensor, ...]:
        given = maps.clone().requires_grad_()
        return torch.autograd.grad(norm(given).square().sum(), (given, *ours.parameters()))

    for mine, plain in zip(gradients(compiled), gradients(ours), strict=True):
        torch.testing.assert_close(mine, plain)
