"""The convolutions of the players, computed on a processor in the fastest way.

Elsewhere, and where that is the fastest, PyTorch's own. Kernels of 4 are a DCGAN's; those of 1, in
groups, and of each map by itself are R3GAN's, whose penalties differentiate them twice.
"""

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zerosum.networks.derivatives import Product, PyTorchs
from zerosum.networks.products import KERNEL, Ways
from zerosum.processor.instructions import has_amx


class DownsamplingConv2d(nn.Conv2d):
    """A convolution of kernel 4, stride 2, padding 1: half the height and width."""

    def __init__(self, before: int, after: int, bias: bool) -> None:
        super().__init__(before, after, KERNEL, stride=2, padding=1, bias=bias)

    def forward(self, images: Tensor) -> Tensor:
        """(n, before, 2h, 2w) → (n, after, h, w)."""
        height, width = (side // 2 for side in images.shape[2:])
        ways = ways_to_compute(images, self.in_channels, height, width)
        if ways == Ways():
            return super().forward(images)
        maps: Tensor = Product.apply(_low(images), None, _low(self.weight), ways)
        return _add_bias(maps, self.bias)


class UpsamplingConvTranspose2d(nn.ConvTranspose2d):
    """A transposed convolution of kernel 4, stride 2, padding 1: twice the height and width."""

    def __init__(self, before: int, after: int, bias: bool) -> None:
        super().__init__(before, after, KERNEL, stride=2, padding=1, bias=bias)

    def forward(self, maps: Tensor, output_size: list[int] | None = None) -> Tensor:
        """(n, before, h, w) → (n, after, 2h, 2w)."""
        height, width = maps.shape[2:]
        ways = ways_to_compute(maps, self.out_channels, height, width)
        if ways == Ways():
            return super().forward(maps, output_size)
        images: Tensor = Product.apply(None, _low(maps), _low(self.weight), ways)
        return _add_bias(images, self.bias)


class MapsToVector(nn.Conv2d):
    """A convolution whose kernel is as large as its maps: one place is left."""

    def __init__(self, before: int, after: int, shape: tuple[int, int], bias: bool) -> None:
        """`shape` is the height and width of the maps."""
        super().__init__(before, after, shape, bias=bias)

    def forward(self, maps: Tensor) -> Tensor:
        """(n, before, height, width) → (n, after, 1, 1)."""
        if maps.device.type != "cpu":
            return super().forward(maps)
        weight = self.weight.permute(0, 2, 3, 1).flatten(1)
        return F.linear(maps.permute(0, 2, 3, 1).flatten(1), weight, self.bias)[:, :, None, None]


class VectorToMaps(nn.ConvTranspose2d):
    """A transposed convolution of vectors, maps of one place, to maps as large as its kernel."""

    def __init__(self, before: int, after: int, shape: tuple[int, int], bias: bool) -> None:
        """`shape` is the height and width of the maps."""
        super().__init__(before, after, shape, bias=bias)

    def forward(self, vectors: Tensor, output_size: list[int] | None = None) -> Tensor:
        """(n, before, 1, 1) → (n, after, height, width)."""
        if vectors.device.type != "cpu":
            return super().forward(vectors, output_size)
        weight = self.weight.permute(2, 3, 1, 0).flatten(0, 2)
        maps = F.linear(vectors.flatten(1), weight).view(-1, *self.kernel_size, self.out_channels)
        return _add_bias(maps.permute(0, 3, 1, 2), self.bias)


class PointwiseConv2d(nn.Conv2d):
    """A convolution of kernel 1."""

    def __init__(self, before: int, after: int, bias: bool) -> None:
        super().__init__(before, after, 1, bias=bias)

    def forward(self, maps: Tensor) -> Tensor:
        """(n, before, h, w) → (n, after, h, w)."""
        if maps.device.type != "cpu":
            return super().forward(maps)
        mixed: Tensor = Product.apply(_low(maps), None, _low(self.weight), PyTorchs(1))
        return _add_bias(mixed, self.bias)


class GroupedConv2d(nn.Conv2d):
    """A convolution of kernel 3 and padding 1, of the channels of a group with each other."""

    def __init__(self, channels: int, groups: int, bias: bool) -> None:
        super().__init__(channels, channels, 3, padding=1, groups=groups, bias=bias)

    def forward(self, maps: Tensor) -> Tensor:
        """(n, channels, h, w) → the same shape."""
        if maps.device.type != "cpu":
            return super().forward(maps)
        convolution = PyTorchs(3, padding=1, groups=self.groups)
        mixed: Tensor = Product.apply(_low(maps), None, _low(self.weight), convolution)
        return _add_bias(mixed, self.bias)


class EachMapToValue(nn.Conv2d):
    """A convolution of each map by itself, with a kernel as large as it: one place is left."""

    def __init__(self, channels: int, shape: tuple[int, int], bias: bool) -> None:
        """`shape` is the height and width of the maps."""
        super().__init__(channels, channels, shape, groups=channels, bias=bias)

    def forward(self, maps: Tensor) -> Tensor:
        """(n, channels, height, width) → (n, channels, 1, 1)."""
        if maps.device.type != "cpu":
            return super().forward(maps)
        values = (_low(maps) * _low(self.weight)[:, 0]).sum((2, 3), keepdim=True)
        return _add_bias(values, self.bias)


OWN = (
    *(DownsamplingConv2d, UpsamplingConvTranspose2d, MapsToVector, VectorToMaps),
    *(PointwiseConv2d, GroupedConv2d, EachMapToValue),
)


def leave_to_pytorch(network: nn.Module) -> None:
    """Put PyTorch's own convolutions in place of these, with the same weights: for a program that
    is computed elsewhere, in batches of any size."""
    for layer in list(network.modules()):
        for name, child in layer.named_children():
            if isinstance(child, OWN):
                kind = nn.Conv2d if isinstance(child, nn.Conv2d) else nn.ConvTranspose2d
                plain = kind(
                    child.in_channels,
                    child.out_channels,
                    child.kernel_size,  # type: ignore[arg-type]
                    child.stride,  # type: ignore[arg-type]
                    child.padding,  # type: ignore[arg-type]
                    groups=child.groups,
                    bias=child.bias is not None,
                )
                plain.load_state_dict(child.state_dict())
                setattr(layer, name, plain)


def ways_to_compute(given: Tensor, channels: int, height: int, width: int) -> Ways:
    """How images of so many channels, and maps of this height and width, which is half of theirs,
    are computed from each other; `given` is one of the two."""
    if given.device.type != "cpu":
        return Ways()
    dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else given.dtype
    return _rule(channels, height * width, width, dtype, has_amx())


def _low(tensor: Tensor) -> Tensor:
    """In the precision that a convolution would be computed in here."""
    if torch.is_autocast_enabled("cpu"):
        return tensor.to(torch.get_autocast_dtype("cpu"))
    return tensor


def _add_bias(maps: Tensor, bias: Tensor | None) -> Tensor:
    return maps if bias is None else maps + _low(bias)[:, None, None]


@cache
def _rule(channels: int, places: int, width: int, dtype: torch.dtype, amx: bool) -> Ways:
    """What was the fastest by measurement: docs/performance.md."""
    if not (amx and dtype == torch.bfloat16):
        if channels <= 3 and width <= 32:
            return Ways(upsample="im2col")
        if dtype == torch.float32 and places <= 16 and channels >= 256:
            return Ways("im2col", "im2col", "im2col")
        return Ways()
    if channels == 1 and width <= 16:
        return Ways("banded", "banded", "banded")
    if places <= 16 and channels >= 128:
        return Ways("im2col" if channels >= 256 else "convolution", "im2col", "im2col")
    if places <= 16 or (places <= 64 <= channels):
        return Ways(weight_gradient="im2col")
    return Ways()
