"""A picture of any size through a restoring network, in tiles, so that memory is bounded."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.data.batches import to_uint8
from zerosum.errors import UsageError, ZerosumError
from zerosum.generation.generator import TrainedGenerator
from zerosum.networks.device import is_out_of_memory
from zerosum.networks.unet import UNet
from zerosum.recipe.image_size import ImageSize

SIDE = 1024
"""Pixels of a tile's side, unless another is wished or the network's reach needs more."""
FARTHEST = 128
"""Pixels beyond its windows of attention that a network is given to see around what is kept."""


@dataclass(frozen=True)
class Span:
    """What a tile covers along one side of the picture: it is computed from `start` to `end`, and
    kept from `first` to `last`."""

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True)
class Tiling:
    """How pictures are divided for a network: tiles of `side` pixels that begin on a grid of
    `multiple` pixels, where its windows of attention lie. `overlap` pixels on either side of what
    is kept of a tile are computed only to be seen by the network."""

    side: int
    multiple: int
    overlap: int


def tiling(generator: TrainedGenerator, side: int | None = None) -> Tiling:
    """The tiles for a generator; `side` is wished for, and rounded down to the network's grid.

    With the small encoder the overlap is all that the network can see, and the result that of the
    whole picture but for rounding. A resnet34 could see 320 pixels far and hardly does; it is given
    144, or with attention 128 and the side of a window. Measured on a briefly trained one and
    photographs of 1.8 million pixels: of all values 2 in a million differ by one grey level, none
    by more (by 7e-4 at most, of a range of 2); with attention none differ but by rounding.
    Raises UsageError where tiles of that side would be all overlap.
    """
    module = generator.module
    assert isinstance(module, UNet)
    multiple = module.multiple
    overlap = min(module.reach, multiple + FARTHEST)
    smallest = _up(2 * overlap + multiple, multiple)
    if side is None:
        # Of the smallest tile only one multiple is kept; of this one half of each side or more.
        return Tiling(_up(max(SIDE, 2 * smallest), multiple), multiple, overlap)
    if side < smallest:
        raise UsageError(
            f"tiles of {side} pixels are too small for this run: its network looks {overlap} "
            "pixels to every side",
            f"give --tile {smallest} or more, or leave it out",
        )
    return Tiling(side // multiple * multiple, multiple, overlap)


def spans(length: int, tiles: Tiling) -> list[Span]:
    """The tiles along a side of `length` pixels, a multiple of `tiles.multiple`.

    What they keep is the side, without gaps; where nothing lies beyond, at the picture's border,
    a tile has no overlap.
    """
    found = []
    start = first = 0
    while True:
        end = min(start + tiles.side, length)
        last = length if end == length else end - tiles.overlap
        found.append(Span(start, end, first, last))
        if end == length:
            return found
        first = last
        start = (last - tiles.overlap) // tiles.multiple * tiles.multiple


def compute_in_tiles(
    generator: TrainedGenerator,
    pixels: NDArray[np.uint8],
    tiles: Tiling,
    progress: Callable[[float], None],
) -> NDArray[np.uint8]:
    """A picture uint8 (H, W, C) of any size → the restored one of the same shape.

    C is the recipe's channels. `progress` is told the share of the tiles that are done. Memory: the
    picture three times, and what the network needs for a tile.
    """
    height, width, _ = pixels.shape
    # The upper left corner stays where it is: so do the blocks of a JPEG, on whose grid the network
    # has learnt. Mirrored pixels give it something like the picture to see beyond the border.
    missing = ((0, -height % tiles.multiple), (0, -width % tiles.multiple), (0, 0))
    padded = np.pad(pixels, missing, mode="reflect")
    restored = np.empty_like(padded)
    places = [
        (down, across)
        for down in spans(padded.shape[0], tiles)
        for across in spans(padded.shape[1], tiles)
    ]
    for done, (down, across) in enumerate(places, start=1):
        tile = _computed(generator, padded[down.start : down.end, across.start : across.end])
        kept = tile[
            down.first - down.start : down.last - down.start,
            across.first - across.start : across.last - across.start,
        ]
        restored[down.first : down.last, across.first : across.last] = kept
        progress(done / len(places))
    return restored[:height, :width]


def _computed(generator: TrainedGenerator, tile: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One tile (H, W, C) through the network."""
    levels = torch.from_numpy(np.ascontiguousarray(tile)).to(generator.device)
    damaged = levels.permute(2, 0, 1)[None].float() / 127.5 - 1
    try:
        restored: NDArray[np.uint8] = to_uint8(generator.compute(damaged))[0]
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise ZerosumError(
            f"out of memory with tiles of {ImageSize.of_shape(tile.shape).in_words} pixels",
            "give a smaller --tile, or --device=cpu",
        ) from error
    return restored


def _up(size: int, multiple: int) -> int:
    return -(-size // multiple) * multiple
