"""Many pictures on one sheet, and pictures as PNG files that say where they come from."""

import io
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from zerosum.files import write_atomically

PADDING = 2
WHITE = 255
SEEN_WELL = 96
"""Pixels of a picture's longer side up to which it is enlarged unless it is told otherwise."""
WIDEST = 1600
"""Pixels of the longer side of a sheet that was enlarged unasked, at most."""
FRAME = (214, 69, 32)
"""The colour of the frame around a picture that is pointed to."""
SCALE = "scale"
"""The text field of a PNG that says how often each pixel is there in both directions."""


def grid(images: NDArray[np.uint8], columns: int | None = None) -> Image.Image:
    """(n, H, W, C) uint8 pictures, row by row on one white sheet.

    C is 1 (a grey sheet) or 3 (RGB); PADDING white pixels around each. Without `columns` the
    sheet is about as wide as high, in pictures.
    """
    return as_image(filled_sheet(images, columns or square_columns(len(images))))


def filled_sheet(images: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    """The sheet of (n, H, W, C) pictures, row by row, as pixels (H, W, C)."""
    sheet = blank_sheet(len(images), columns, images.shape[1:])
    place(sheet, images, 0, columns)
    return sheet


def usual_scale(shape: tuple[int, ...], sheet: tuple[int, int]) -> int:
    """How many times a sheet (H, W) of pictures of shape (H, W, C) is enlarged unasked: a whole
    number, 1 where they are seen well as they are, or the sheet would become too large."""
    return max(1, min(SEEN_WELL // max(shape[:2]), WIDEST // max(sheet)))


def enlarged(sheet: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """A sheet (H, W, C) with each pixel `scale` times in both directions."""
    return sheet.repeat(scale, axis=0).repeat(scale, axis=1) if scale > 1 else sheet


def own_size(image: Image.Image) -> Image.Image:
    """A sheet that was saved enlarged (SCALE in its text fields) as it was before."""
    told = str(getattr(image, "text", {}).get(SCALE, ""))
    scale = int(told) if told.isdecimal() else 1
    if scale < 2 or image.width % scale or image.height % scale:
        return image
    size = (image.width // scale, image.height // scale)
    return image.resize(size, Image.Resampling.NEAREST)


def sheet_png(
    sheet: NDArray[np.uint8],
    shape: tuple[int, ...],
    text: Mapping[str, str],
    scale: int | None = None,
) -> bytes:
    """A sheet (H, W, C) of pictures of shape (H, W, C) as a PNG file with text fields, each pixel
    `scale` times in both directions (None: `usual_scale`)."""
    scale = scale or usual_scale(shape, sheet.shape[:2])
    return png_bytes(as_image(enlarged(sheet, scale)), {**text, **scale_field(scale)})


def scale_field(scale: int) -> dict[str, str]:
    """What a PNG says of its enlargement; nothing where there is none."""
    return {SCALE: str(scale)} if scale > 1 else {}


def square_columns(count: int) -> int:
    """The columns that make a sheet of `count` pictures about square."""
    return max(1, math.ceil(math.sqrt(count)))


def blank_sheet(count: int, columns: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """A white sheet (H, W, C) uint8 for `count` pictures of shape (H, W, C)."""
    height, width, channels = shape
    rows = math.ceil(count / columns)
    size = (rows * (height + PADDING) + PADDING, columns * (width + PADDING) + PADDING, channels)
    return np.full(size, WHITE, dtype=np.uint8)


def place(sheet: NDArray[np.uint8], images: NDArray[np.uint8], first: int, columns: int) -> None:
    """Put (n, H, W, C) pictures on a sheet, on the places `first`, `first` + 1, …"""
    height, width = images.shape[1:3]
    for number, image in enumerate(images, start=first):
        row, column = divmod(number, columns)
        top = PADDING + row * (height + PADDING)
        left = PADDING + column * (width + PADDING)
        sheet[top : top + height, left : left + width] = image


def framed(
    sheet: NDArray[np.uint8], numbers: Iterable[int], columns: int, shape: tuple[int, ...]
) -> NDArray[np.uint8]:
    """A sheet (H, W, 3) of pictures of shape (H, W, C), with coloured frames in the white around
    those of these numbers."""
    coloured: NDArray[np.uint8] = sheet.repeat(3, axis=2) if sheet.shape[2] == 1 else sheet.copy()
    height, width = shape[:2]
    for number in numbers:
        row, column = divmod(number, columns)
        top, left = row * (height + PADDING), column * (width + PADDING)
        bottom, right = top + height + 2 * PADDING, left + width + 2 * PADDING
        picture = coloured[top + PADDING : bottom - PADDING, left + PADDING : right - PADDING]
        kept = picture.copy()
        coloured[top:bottom, left:right] = FRAME
        picture[:] = kept
    return coloured


def as_image(pixels: NDArray[np.uint8]) -> Image.Image:
    """(H, W, 1) or (H, W, 3) uint8 as a Pillow image, grey or RGB."""
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def png_bytes(image: Image.Image, text: Mapping[str, str]) -> bytes:
    """The image as a PNG file with text fields."""
    info = PngInfo()
    for key, value in text.items():
        # The plain text chunk holds Latin-1 only, and a folder's name may be in any script.
        (info.add_text if value.isascii() else info.add_itxt)(key, value)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", pnginfo=info)
    return buffer.getvalue()


def save_png(image: Image.Image, path: Path, text: Mapping[str, str]) -> None:
    """Write a PNG with text fields (run, checkpoint, seed, …), whole or not at all."""
    write_atomically(path, png_bytes(image, text))
