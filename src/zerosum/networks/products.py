"""Convolutions of kernel 4, stride 2, padding 1 as matrix products, and their derivatives.

Three maps belong together, each linear in both of its arguments, and each one's derivatives are the
other two:

- `downsample`: images (n, c, 2h, 2w), weight (d, c, 4, 4) → maps (n, d, h, w), the convolution;
- `upsample`: maps, weight → images, the transposed one;
- `weight_gradient`: images, maps → weight, the gradient of both.

A way to compute them is "convolution" (PyTorch's), "im2col" (the 4×4 windows of the images as the
rows of a matrix, Chellapilla et al. 2006, "High performance convolutional neural networks for
document processing", section 2) or "banded" (four lines of an image as one row, and the weight as a
matrix that has it on its diagonals: some zeros are multiplied, and nothing is laid out anew).

In bfloat16 a product is rounded before what overlaps in it is summed: docs/performance.md has how
much less exact that is.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from zerosum.networks.derivatives import PyTorchs

Way = Literal["convolution", "im2col", "banded"]

KERNEL = 4
PYTORCHS = PyTorchs(KERNEL, stride=2, padding=1)
AT_ONCE = 4 * 2**20
"""Values of windows that are laid out at a time: memory that need not be asked of the system anew
each time, and that stays in a cache."""


class Ways(NamedTuple):
    """How each of the three maps is computed."""

    downsample: Way = "convolution"
    upsample: Way = "convolution"
    weight_gradient: Way = "convolution"

    def maps_of(self, images: Tensor, weight: Tensor) -> Tensor:
        """See `derivatives.Convolution`."""
        return downsample(images, weight, self.downsample)

    def images_of(self, maps: Tensor, weight: Tensor) -> Tensor:
        """See `derivatives.Convolution`."""
        return upsample(maps, weight, self.upsample)

    def weight_of(self, images: Tensor, maps: Tensor) -> Tensor:
        """See `derivatives.Convolution`."""
        return weight_gradient(images, maps, self.weight_gradient)


def downsample(images: Tensor, weight: Tensor, way: Way) -> Tensor:
    """The convolution of images (n, c, 2h, 2w): (n, d, h, w)."""
    if way == "convolution":
        return PYTORCHS.maps_of(images, weight)
    count, _, height, width = images.shape
    maps = _empty(images, count, len(weight), height // 2, width // 2)
    matrix = _banded(weight, width // 2) if way == "banded" else _filters(weight).t()
    for part in _parts(images, way):
        rows = _lines(images[part]) if way == "banded" else _im2col(images[part])
        torch.mm(rows, matrix, out=maps[part].permute(0, 2, 3, 1).view(len(rows), -1))
    return maps


def upsample(maps: Tensor, weight: Tensor, way: Way) -> Tensor:
    """The transposed convolution of maps (n, d, h, w): images (n, c, 2h, 2w)."""
    if way == "convolution":
        return PYTORCHS.images_of(maps, weight)
    count, _, height, width = maps.shape
    images = _empty(maps, count, weight.shape[1], 2 * height, 2 * width)
    matrix = _banded(weight, width).t() if way == "banded" else _filters(weight)
    for part in _parts(images, way):
        lines, pixels = (each[part].permute(0, 2, 3, 1) for each in (maps, images))
        if way == "banded":
            _add_lines(pixels, lines.reshape(-1, width * maps.shape[1]) @ matrix)
        else:
            _col2im(pixels, lines.reshape(-1, maps.shape[1]) @ matrix)
    return images


def weight_gradient(images: Tensor, maps: Tensor, way: Way) -> Tensor:
    """The gradient of `downsample` of the images by its weight where that of its maps is `maps`:
    (d, c, 4, 4)."""
    (_, channels, _, width), depth = images.shape, maps.shape[1]
    if way == "convolution":
        return PYTORCHS.weight_of(images, maps)
    total = None
    for part in _parts(images, way):
        lines = maps[part].permute(0, 2, 3, 1)
        if way == "banded":
            product = _lines(images[part]).t() @ lines.reshape(-1, width // 2 * depth)
        else:
            product = lines.reshape(-1, depth).t() @ _im2col(images[part])
        # A part's product is rounded to the precision of the maps, the sum of parts at its end.
        total = product if total is None else _exact(total) + product
    assert total is not None
    if way == "banded":
        weight = _exact(_diagonals(total, channels, depth)).sum(3).permute(3, 2, 0, 1)
        return _empty(maps, depth, channels, KERNEL, KERNEL).copy_(weight)
    filters = total.to(maps.dtype).view(depth, KERNEL, KERNEL, channels)
    return filters.permute(0, 3, 1, 2)


def _exact(tensor: Tensor) -> Tensor:
    """In float32 at least."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))


def _empty(like: Tensor, count: int, channels: int, height: int, width: int) -> Tensor:
    """A tensor of this shape, channels-last: a base of its own, which may be changed in place."""
    shape = (count, channels, height, width)
    return torch.empty(shape, dtype=like.dtype, memory_format=torch.channels_last)


def _parts(images: Tensor, way: Way) -> Iterator[slice]:
    """The batch in parts whose windows are laid out at a time."""
    _, channels, height, width = images.shape
    each = height * width * channels * (KERNEL if way == "im2col" else 2)
    size = max(1, AT_ONCE // each)
    for first in range(0, len(images), size):
        yield slice(first, first + size)


def _filters(weight: Tensor) -> Tensor:
    """(d, c, 4, 4) → (d, 16 c), a view where the weight is channels-last."""
    return weight.permute(0, 2, 3, 1).reshape(len(weight), -1)


def _padded(images: Tensor) -> Tensor:
    """(n, c, 2h, 2w) → (n, 2h + 2, 2w + 2, c)."""
    count, channels, height, width = images.shape
    padded = images.new_zeros(count, height + 2, width + 2, channels)
    padded[:, 1:-1, 1:-1] = images.permute(0, 2, 3, 1)
    return padded


def _im2col(images: Tensor) -> Tensor:
    """(n, c, 2h, 2w) → the window of each place, (n h w, 16 c)."""
    padded = _padded(images)
    count, height, width, channels = padded.shape
    line = width * channels
    windows = padded.as_strided(
        (count, height // 2 - 1, width // 2 - 1, KERNEL, KERNEL * channels),
        (height * line, 2 * line, 2 * channels, line, 1),
    )
    return windows.reshape(-1, KERNEL * KERNEL * channels)


def _col2im(images: Tensor, windows: Tensor) -> None:
    """Fill images (n, 2h, 2w, c) with the sums of the windows (n h w, 16 c) that cover them."""
    count, height, width, channels = images.shape
    shape = (count, height // 2, width // 2, 2, 2, KERNEL * channels)
    upper, lower = windows.view(shape).permute(3, 0, 1, 4, 2, 5)
    lines = _overlap(upper, lower, 1).flatten(1, 2)[:, 1:-1]
    left, right = lines[..., : 2 * channels], lines[..., 2 * channels :]
    pixels = _overlap(left, right, 2).view(count, height, width + 2, channels)
    images.copy_(pixels[:, :, 1:-1])


def _lines(images: Tensor) -> Tensor:
    """(n, c, 2h, 2w) → the four lines that each line of maps comes from, (n h, 4 (2w + 2) c)."""
    padded = _padded(images)
    count, height, width, channels = padded.shape
    line = width * channels
    shape, strides = (count, height // 2 - 1, KERNEL * line), (height * line, 2 * line, 1)
    return padded.as_strided(shape, strides).reshape(-1, KERNEL * line)


def _add_lines(images: Tensor, lines: Tensor) -> None:
    """Fill images (n, 2h, 2w, c) with the sums of the lines (n h, 4 (2w + 2) c) that cover them."""
    count, height, width, channels = images.shape
    upper, lower = lines.view(count, height // 2, 2, -1).unbind(2)
    padded = _overlap(upper, lower, 1).view(count, height + 2, width + 2, channels)
    images.copy_(padded[:, 1:-1, 1:-1])


def _overlap(first: Tensor, second: Tensor, dim: int) -> Tensor:
    """The sum of both, the second one place further along a dimension, which gets longer by one."""
    size, shape = first.shape[dim], list(first.shape)
    shape[dim] += 1
    result = first.new_empty(shape)
    result.select(dim, 0).copy_(first.select(dim, 0))
    result.select(dim, size).copy_(second.select(dim, size - 1))
    earlier, later = first.narrow(dim, 1, size - 1), second.narrow(dim, 0, size - 1)
    torch.add(earlier, later, out=result.narrow(dim, 1, size - 1))
    return result


def _banded(weight: Tensor, width: int) -> Tensor:
    """A weight (d, c, 4, 4) as the matrix that takes four lines of padded images to one of maps of
    this width: (4 (2 width + 2) c, width d)."""
    depth, channels = weight.shape[:2]
    band = weight.new_zeros(KERNEL * (2 * width + 2) * channels, width * depth)
    _diagonals(band, channels, depth).copy_(weight.permute(2, 3, 1, 0)[:, :, :, None])
    return band


def _diagonals(band: Tensor, channels: int, depth: int) -> Tensor:
    """Where in a band its weight stands: a view (4, 4, c, width, d), a copy for each place."""
    row = band.shape[1]
    pixel = row * channels
    strides = (len(band) // KERNEL * row, pixel, row, 2 * pixel + depth, 1)
    return band.as_strided((KERNEL, KERNEL, channels, row // depth, depth), strides)
