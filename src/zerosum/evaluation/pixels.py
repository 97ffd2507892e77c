"""How far pictures are from each other in pixels, the best of their shifts and mirror images."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

SIDE = 32
"""Larger pictures are shrunk to so many pixels a side (means of areas) before they are compared."""
REACH = 2
"""Shifts of up to so many of these pixels in each direction are tried."""
COARSE = 8
"""Pixels a side of the grey versions that are searched first."""


def shrink(pixels: NDArray[np.uint8]) -> Tensor:
    """(n, H, W, C) uint8 → (n, C, h, w) float32 of 0 to 1, SIDE pixels a side at most."""
    # A copy: what is mapped from disk may not be written to, and torch warns of that.
    images = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float() / 255
    if max(images.shape[2:]) <= SIDE or not len(images):
        return images.contiguous()
    height, width = images.shape[2:]
    return functional.adaptive_avg_pool2d(images, (min(SIDE, height), min(SIDE, width)))


def half_shifts(pixels: NDArray[np.uint8]) -> Tensor:
    """An image (H, W, C) shifted by half a pixel of its shrunk version in each direction and in
    both, and shrunk: (3, C, h, w); none (0, …) where it is not shrunk."""
    height, width = pixels.shape[:2]
    low, right = (round(side / SIDE / 2) if side > SIDE else 0 for side in (height, width))
    if not low and not right:
        return shrink(pixels[None][:0])
    wide = np.pad(pixels, ((0, low), (0, right), (0, 0)), mode="edge")
    shifts = ((low, 0), (0, right), (low, right))
    return shrink(np.stack([wide[down:, right:][:height, :width] for down, right in shifts]))


def shrink_to_grey(small: Tensor) -> Tensor:
    """(n, C, h, w) → (n, COARSE²), grey."""
    side = min(COARSE, *small.shape[-2:])
    if not len(small):
        return torch.zeros((0, side**2))
    return functional.adaptive_avg_pool2d(small.mean(1, keepdim=True), side).flatten(1)


def _reach(small: Tensor) -> int:
    return min(REACH, min(small.shape[2:]) // 8)


def shifted_versions(small: Tensor) -> list[Tensor]:
    """The images and their mirror images in all shifts; what comes in repeats the border."""
    reach, (height, width) = _reach(small), small.shape[2:]
    wide = functional.pad(small, (reach,) * 4, mode="replicate") if reach else small
    return [
        side[:, :, down : down + height, right : right + width]
        for side in (wide, wide.flip(-1))
        for down in range(2 * reach + 1)
        for right in range(2 * reach + 1)
    ]


def pixel_distances(small: Tensor, references: Tensor) -> tuple[Tensor, Tensor]:
    """Of images (n, C, h, w) to k references each (n, k, C, h, w): the root mean square difference
    in the best shift, and whether that is one of the mirror image; both (n, k).

    The best shift is where the correlation, by Fourier transforms, leaves the least; the distance
    there is computed from differences, so that a copy is at 0.
    """
    reach, (height, width) = _reach(small), small.shape[2:]
    core = slice(reach, height - reach), slice(reach, width - reach)
    spectra = torch.fft.rfft2(references)
    windows = functional.avg_pool2d(
        references.square().mean(2), (height - 2 * reach, width - 2 * reach), stride=1
    )
    found = []
    for side in (small, small.flip(-1)):
        middle = torch.zeros_like(side)
        middle[:, :, core[0], core[1]] = side[:, :, core[0], core[1]]
        products = (torch.fft.rfft2(middle).conj()[:, None] * spectra).sum(2)
        shifts = torch.fft.irfft2(products, s=(height, width))
        shifts = shifts.roll((reach, reach), (-2, -1))[..., : 2 * reach + 1, : 2 * reach + 1]
        count = small.shape[1] * (height - 2 * reach) * (width - 2 * reach)
        best = (windows - 2 * shifts / count).flatten(2).argmin(2)
        found.append(_exact(side[:, :, core[0], core[1]], references, best, 2 * reach + 1))
    plain, turned = found
    return torch.minimum(plain, turned), turned < plain


def _exact(middle: Tensor, references: Tensor, best: Tensor, shifts: int) -> Tensor:
    """Distances (n, k) of the middles of images to the windows of references at these shifts."""
    height, width = middle.shape[2:]
    result = torch.empty(best.shape)
    for place in range(best.shape[1]):
        across = references[:, place].unfold(2, height, 1).unfold(3, width, 1)
        number = torch.arange(len(middle))
        down, right = best[:, place] // shifts, best[:, place] % shifts
        window = across[number, :, down, right]
        result[:, place] = (middle - window).square().mean((1, 2, 3)).sqrt()
    return result
