"""Many pictures on one sheet, and pictures as PNG files that say where they come from."""

import io
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from zerosum.files import write_atomically

PADDING = 2
WHITE = 255


def grid(
    images: NDArray[np.uint8], columns: int | None = None, padding: int = PADDING
) -> Image.Image:
    """(n, H, W, C) uint8 pictures, row by row on one white sheet.

    C is 1 (a grey sheet) or 3 (RGB); `padding` white pixels around each. Without `columns` the
    sheet is about as wide as high, in pictures.
    """
    columns = columns or square_columns(len(images))
    sheet = blank_sheet(len(images), columns, images.shape[1:], padding)
    place(sheet, images, 0, columns, padding)
    return as_image(sheet)


def square_columns(count: int) -> int:
    """The columns that make a sheet of `count` pictures about square."""
    return max(1, math.ceil(math.sqrt(count)))


def blank_sheet(
    count: int, columns: int, shape: tuple[int, ...], padding: int = PADDING
) -> NDArray[np.uint8]:
    """A white sheet (H, W, C) uint8 for `count` pictures of shape (H, W, C)."""
    height, width, channels = shape
    rows = math.ceil(count / columns)
    size = (rows * (height + padding) + padding, columns * (width + padding) + padding, channels)
    return np.full(size, WHITE, dtype=np.uint8)


def place(
    sheet: NDArray[np.uint8],
    images: NDArray[np.uint8],
    first: int,
    columns: int,
    padding: int = PADDING,
) -> None:
    """Put (n, H, W, C) pictures on a sheet, on the places `first`, `first` + 1, …"""
    height, width = images.shape[1:3]
    for number, image in enumerate(images, start=first):
        row, column = divmod(number, columns)
        top = padding + row * (height + padding)
        left = padding + column * (width + padding)
        sheet[top : top + height, left : left + width] = image


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
