"""Images read at other places, differentiably to any order."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["moved", "resampled"]

_BILINEAR, _REFLECTION = 0, 2
"""As PyTorch numbers them below its Python functions."""


def moved(images: Tensor, inverse: Tensor) -> Tensor:
    """Images (n, C, H, W), mirrored at their borders, after an affine map of the plane each.

    `inverse` (n, 2, 3) float32 takes a place of the result to the place in the image that it is
    read from, both in pixels from the centre, x to the right and y downwards.
    """
    height, width = images.shape[-2:]
    x = (torch.arange(width, device=images.device) + (0.5 - width / 2))[None, None, :]
    y = (torch.arange(height, device=images.device) + (0.5 - height / 2))[None, :, None]
    a = inverse[:, :, :, None, None]
    places = [
        (a[:, axis, 0] * x + a[:, axis, 1] * y + a[:, axis, 2]) / (side / 2)
        for axis, side in enumerate((width, height))
    ]
    return resampled(images, torch.stack(places, dim=-1))


def resampled(images: Tensor, places: Tensor) -> Tensor:
    """Images (n, C, H, W) between their pixels, bilinearly, at `places` (n, h, w, 2), which run
    from -1 to 1 and are not differentiated; beyond, they are mirrored.

    The function is linear in the images, so that its derivative is its transpose, and the second
    one itself. `torch.nn.functional.grid_sample` alone has no second one in PyTorch 2.6.
    """
    result: Tensor = _Resampled.apply(images, places)
    return result


class _Resampled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, images: Tensor, places: Tensor) -> Tensor:
        ctx.save_for_backward(places)
        ctx.shape = images.shape
        return F.grid_sample(images, places, padding_mode="reflection", align_corners=False)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (places,) = ctx.saved_tensors
        return _Spread.apply(gradients[0], places, ctx.shape), None


class _Spread(torch.autograd.Function):
    """The transpose: each value goes to the pixels that it would have been read from. On CUDA they
    are added in an order of their own each time."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, places: Tensor, shape: torch.Size) -> Tensor:
        ctx.save_for_backward(places)
        spread: Tensor = torch.ops.aten.grid_sampler_2d_backward(
            values, values.new_empty(shape), places, _BILINEAR, _REFLECTION, False, [True, False]
        )[0]
        return spread

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (places,) = ctx.saved_tensors
        return resampled(gradients[0], places), None, None
