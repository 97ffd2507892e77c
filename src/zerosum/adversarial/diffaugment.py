"""DiffAugment: every image changed a little before the discriminator sees it.

Zhao et al. 2020 (arXiv 2006.10738), section 3.2; the ranges are those of its appendix. Pure
functions of images float32 (n, C, H, W) in [-1, 1] and of numbers drawn for each image, uniform in
[0, 1), float32 (n, NUMBERS); differentiable to second order, and each image for itself.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from zerosum.recipe.augmentation import Kind

NUMBERS = 7
"""Drawn for each image, whichever kinds are done: brightness, saturation, contrast; shift right,
down; the hole's place, across, down."""
SHIFT, HOLE = 1 / 8, 1 / 2
"""Of the side, at full strength: the largest shift, and the hole's side."""


def diffaugment(images: Tensor, numbers: Tensor, kinds: Sequence[Kind], strength: Tensor) -> Tensor:
    """Images changed by some of the kinds colour, shift and hole, with their ranges times
    `strength` from 0 (unchanged) to 1, a scalar. Only colour leaves [-1, 1]."""
    brightness, saturation, contrast, right, down, hole_x, hole_y = numbers[
        :, :, None, None, None
    ].unbind(1)
    if "colour" in kinds:
        images = coloured(images, brightness, saturation, contrast, strength)
    if "shift" in kinds:
        images = shifted(images, right, down, SHIFT * strength)
    if "hole" in kinds:
        images = with_hole(images, hole_x, hole_y, HOLE * strength)
    return images


def coloured(
    images: Tensor, brightness: Tensor, saturation: Tensor, contrast: Tensor, strength: Tensor
) -> Tensor:
    """Brightness + U(-0.5, 0.5), then saturation × U(0, 2), then contrast × U(0.5, 1.5); each
    number (n, 1, 1, 1) uniform in [0, 1). Grey images have no saturation."""
    images = images + strength * (brightness - 0.5)
    images = images + strength * (2 * saturation - 1) * (images - images.mean(1, keepdim=True))
    means = images.mean((1, 2, 3), keepdim=True)
    return images + strength * (contrast - 0.5) * (images - means)


def shifted(images: Tensor, right: Tensor, down: Tensor, most: Tensor) -> Tensor:
    """By whole pixels in both directions, up to `most` of the side; what comes in is 0, grey."""
    for axis, number in ((3, right), (2, down)):
        side = images.shape[axis]
        reach = (side * most + 0.5).floor()
        by = ((number * (2 * reach + 1)).floor() - reach).to(torch.int64)
        shape = [1, 1, 1, 1]
        shape[axis] = side
        source = torch.arange(side, device=images.device).reshape(shape) - by
        inside = (source >= 0) & (source < side)
        places = source.clamp(0, side - 1).expand(images.shape)
        images = images.gather(axis, places) * inside
    return images


def with_hole(images: Tensor, across: Tensor, down: Tensor, share: Tensor) -> Tensor:
    """A rectangle of `share` of each side becomes 0, grey; its middle lies anywhere, so that some
    of it may lie outside."""
    hole = torch.ones((), dtype=torch.bool, device=images.device)
    for axis, number in ((3, across), (2, down)):
        side = images.shape[axis]
        size = (side * share + 0.5).floor()
        first = (number * (side + 1 - size % 2)).floor() - size // 2
        shape = [1, 1, 1, 1]
        shape[axis] = side
        at = torch.arange(side, device=images.device).reshape(shape)
        hole = hole & (at >= first) & (at < first + size)
    return images * ~hole
