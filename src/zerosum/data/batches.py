"""Batches for the training loop: rows of the pack, flipped and zoomed on the device."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from zerosum.data.opening import Split
from zerosum.randomness import random_for
from zerosum.recipe.data import DataSettings

SHARE_OF_MEMORY = 0.25  # of a device's free memory, that the images may take for good
MOVED_AT_ONCE = 4096  # images


class Batches:
    """The endless stream of training images.

    Epoch after epoch, each in an order that depends on (seed, epoch) alone; no image is dropped
    where two epochs meet. What happens to image number k of the stream (its flip, its zoom) is a
    function of (seed, k): neither the batch size nor the number of devices changes it.
    """

    def __init__(
        self, split: Split, settings: DataSettings, seed: int, device: torch.device
    ) -> None:
        self._split = split
        self._flip = settings.flip
        self._zoom = settings.zoom
        self._seed = seed
        self._device = device
        self._epoch = -1
        self._order = np.zeros(0, np.int64)  # positions in the split
        self._chance = np.zeros((0, 4))  # of each image: flip, share of its sides, left, upper
        size = split.rows.size * split.pixels[0].size  # bytes
        fits = size <= SHARE_OF_MEMORY * free_memory(device)
        self._resident = move_all(split, device) if fits else None

    def at(self, first: int, count: int) -> Tensor:
        """Images `first` to `first + count - 1` of the stream.

        float32 (count, C, H, W) in [-1, 1] on the device, in channels-last memory.
        """
        positions, chance = self._draw(first, count)
        mirrored = chance[:, 0] < 0.5 if self._flip else None
        images = self._gather(positions, mirrored)
        result = images.permute(0, 3, 1, 2).to(torch.float32).div_(127.5).sub_(1)
        if self._zoom:
            result = self._zoomed(result, chance)
        return result.contiguous(memory_format=torch.channels_last)

    def labels(self, first: int, count: int) -> Tensor | None:
        """The classes of images `first` to `first + count - 1` of the stream.

        int64 (count,) on the device, numbers as in `Split.labels`; None where images have none.
        """
        if self._split.labels is None:
            return None
        rows = self._split.rows[self._draw(first, count)[0]]
        return self._move(torch.from_numpy(self._split.labels[rows]))

    def _draw(self, first: int, count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The positions of these images in the split, and what chance has for each of them."""
        positions, chances = [], []
        while count:
            epoch, offset = divmod(first, len(self._split))
            self._open_epoch(epoch)
            positions.append(self._order[offset : offset + count])
            chances.append(self._chance[offset : offset + count])
            first += len(positions[-1])
            count -= len(positions[-1])
        if len(positions) == 1:
            return positions[0], chances[0]
        return np.concatenate(positions), np.concatenate(chances)

    def _open_epoch(self, epoch: int) -> None:
        if epoch == self._epoch:
            return
        size = len(self._split)
        self._order = random_for(self._seed, "order", epoch).permutation(size)
        if self._flip or self._zoom:
            self._chance = random_for(self._seed, "augmentation", epoch).random((size, 4))
        self._epoch = epoch

    def _gather(self, positions: NDArray[np.int64], mirrored: NDArray[np.bool_] | None) -> Tensor:
        """uint8 (n, H, W, C) on the device."""
        if self._resident is None:
            pixels = self._split.take(positions)
            if mirrored is not None:
                mirror(pixels, mirrored)
            return self._move(torch.from_numpy(pixels))
        images = self._resident.index_select(0, self._move(torch.from_numpy(positions)))
        if mirrored is None:
            return images
        which = self._move(torch.from_numpy(mirrored))[:, None, None, None]
        return torch.where(which, images.flip(2), images)

    def _move(self, tensor: Tensor) -> Tensor:
        return to_device(tensor, self._device)

    def _zoomed(self, images: Tensor, chance: NDArray[np.float64]) -> Tensor:
        """Cut a random part of its own proportions out of each image and enlarge it (bilinear) to
        the full size."""
        count, _, height, width = images.shape
        side = 1 - self._zoom * chance[:, 1]
        # What affine_grid would give, several times faster: places run from -1 to 1.
        grid = torch.empty((count, height, width, 2), device=self._device)
        for axis, pixels in enumerate((width, height)):
            centre = (1 - side) * (2 * chance[:, 2 + axis] - 1)
            within = (2 * np.arange(pixels) + 1) / pixels - 1
            places = (centre[:, None] + side[:, None] * within).astype(np.float32)
            along = self._move(torch.from_numpy(places))
            grid[..., axis] = along[:, None, :] if axis == 0 else along[:, :, None]
        return functional.grid_sample(
            images, grid, mode="bilinear", padding_mode="border", align_corners=False
        )


def to_device(made: Tensor, device: torch.device) -> Tensor:
    """What the processor made for a step, on the device. It is not waited for: from memory that is
    not pinned, CUDA first copies it, and may do so when all work before it is done."""
    if device.type in ("cpu", "mps"):
        return made.to(device)
    return made.pin_memory().to(device, non_blocking=True)


def mirror(pixels: NDArray[np.uint8], which: NDArray[np.bool_]) -> None:
    """Flip some of the images (n, H, W, C) left to right, in place."""
    # One item a pixel, instead of one a channel, is four times faster to turn round.
    whole = pixels.view(f"V{pixels.shape[-1]}")[..., 0]
    whole[which] = whole[which][:, :, ::-1]


def move_all(split: Split, device: torch.device) -> Tensor:
    """All images of a split on the device, uint8 (n, H, W, C), without a copy in main memory."""
    images = torch.empty((len(split), *split.pixels.shape[1:]), dtype=torch.uint8, device=device)
    for positions in np.array_split(np.arange(len(split)), 1 + len(split) // MOVED_AT_ONCE):
        first = int(positions[0])
        images[first : first + len(positions)] = torch.from_numpy(split.take(positions)).to(device)
    return images


def free_memory(device: torch.device) -> int:
    """Bytes that are free on an accelerator; 0 on the CPU, where the mapped file serves."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
    return 0


def from_uint8(pictures: NDArray[np.uint8]) -> Tensor:
    """(n, H, W, C) uint8 to (n, C, H, W) float32 in [-1, 1], as networks see pictures."""
    return torch.tensor(pictures).permute(0, 3, 1, 2).to(torch.float32) / 127.5 - 1


def to_uint8(images: torch.Tensor) -> NDArray[np.uint8]:
    """(n, C, H, W) float in [-1, 1] to (n, H, W, C) uint8: 0 to 255, rounded to the nearest."""
    return grey_levels(images.float()).contiguous().cpu().numpy()


def grey_levels(images: torch.Tensor) -> torch.Tensor:
    """(n, C, H, W) float32 in [-1, 1] to (n, H, W, C) uint8 on the same device, as `to_uint8`."""
    return ((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
