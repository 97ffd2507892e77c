"""Convolutions whose derivatives are again convolutions, however often they are differentiated.

A penalty on the gradient of a critic is differentiated by the critic's weights. PyTorch computes
that second derivative of a convolution as one whose kernels are as large as the maps, and group by
group where there are several; but it is the gradient of a weight like any other.
"""

from typing import Any, NamedTuple, Protocol, cast

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd import Function


class Convolution(Protocol):
    """A convolution and its two derivatives.

    Σ maps · maps_of(images, weight) is linear in all three, and each function is the gradient of
    that sum by what it is not given.
    """

    def maps_of(self, images: Tensor, weight: Tensor) -> Tensor:
        """The convolution of images (n, c, …) with a weight (d, c / groups, …): (n, d, …)."""

    def images_of(self, maps: Tensor, weight: Tensor) -> Tensor:
        """The transposed convolution."""

    def weight_of(self, images: Tensor, maps: Tensor) -> Tensor:
        """The gradient at the weight where that at the convolution of the images is `maps`."""


class PyTorchs(NamedTuple):
    """PyTorch's own, of kernels that fit their stride and padding: every image is as large as its
    maps, or `stride` times as large."""

    kernel: int
    stride: int = 1
    padding: int = 0
    groups: int = 1

    def maps_of(self, images: Tensor, weight: Tensor) -> Tensor:
        """See `Convolution`."""
        return F.conv2d(images, weight, None, self.stride, self.padding, 1, self.groups)

    def images_of(self, maps: Tensor, weight: Tensor) -> Tensor:
        """See `Convolution`."""
        shape = (
            *(len(maps), weight.shape[1] * self.groups),
            *(side * self.stride for side in maps.shape[2:]),
        )
        return self._gradients(maps, _empty(maps, shape), weight)[0]

    def weight_of(self, images: Tensor, maps: Tensor) -> Tensor:
        """See `Convolution`."""
        shape = (maps.shape[1], images.shape[1] // self.groups, self.kernel, self.kernel)
        return self._gradients(maps, images, _empty(maps, shape), of_weight=True)[1]

    def _gradients(
        self, maps: Tensor, images: Tensor, weight: Tensor, of_weight: bool = False
    ) -> list[Tensor]:
        geometry = [self.stride] * 2, [self.padding] * 2, [1, 1], False, [0, 0], self.groups
        wanted = [not of_weight, of_weight, False]
        backward = torch.ops.aten.convolution_backward
        return cast(list[Tensor], backward(maps, images, weight, None, *geometry, wanted))


def _empty(like: Tensor, shape: tuple[int, ...]) -> Tensor:
    """What a function is told the shape of, and not the values."""
    return torch.empty(shape, dtype=like.dtype, memory_format=torch.channels_last)


class Product(Function):
    """One of images, maps and weight from the other two, to be differentiated, again too.

    The one that is None is computed. A gradient of it is such a product too, with the gradient at
    its output in the place that was None: `Convolution` says why.
    """

    @staticmethod
    def forward(
        ctx: Any,
        images: Tensor | None,
        maps: Tensor | None,
        weight: Tensor | None,
        convolution: Convolution,
    ) -> Tensor:
        """See `Convolution`."""
        ctx.save_for_backward(images, maps, weight)
        ctx.convolution = convolution
        if images is not None and weight is not None:
            return convolution.maps_of(images, weight)
        if maps is not None and weight is not None:
            return convolution.images_of(maps, weight)
        assert images is not None and maps is not None
        return convolution.weight_of(images, maps)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """The gradients of those that were given."""
        images, maps, weight = (gradient if each is None else each for each in ctx.saved_tensors)
        wanted = ctx.needs_input_grad
        return (
            Product.apply(None, maps, weight, ctx.convolution) if wanted[0] else None,
            Product.apply(images, None, weight, ctx.convolution) if wanted[1] else None,
            Product.apply(images, maps, None, ctx.convolution) if wanted[2] else None,
            None,
        )
