"""samples.png of comparisons and studies: pictures in rows, each row under its label."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from zerosum.comparing.samples import PICTURES, Pictures, Row
from zerosum.data.grid import PADDING, WHITE, as_image, blank_sheet, place

SMALLEST = 64
"""Pixels of a picture's side on the sheet, at least: smaller ones are enlarged."""
FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
"""That of the charts: names of sets and runs may be in any script, which Pillow's font lacks."""
LABEL_SIZE, LABEL_HEIGHT = 13, 24
WIDEST = 256
"""Pixels of a picture's side on the sheet, at most."""


def sample_sheet(rows: Sequence[Row]) -> Image.Image:
    """The rows below each other, each under its label, alone where there are no pictures;
    small pictures enlarged to the largest with nearest neighbour. Raises ValueError for no rows."""
    if not rows:
        raise ValueError("no rows")
    side = tile_side([pictures.shape[1] for _, pictures in rows])
    columns = max(len(pictures) for _, pictures in rows) or PICTURES
    strips = []
    for label, pictures in rows:
        tiles = enlarged(pictures, side)
        sheet = blank_sheet(len(pictures), columns, tiles.shape[1:])
        place(sheet, tiles, 0, columns)
        strips += [_heading(label, sheet.shape[1]), sheet]
    return as_image(np.concatenate(strips))


def tile_side(sides: Sequence[int]) -> int:
    """Pixels of a picture's side on the sheet: those of the largest one, or a multiple of them
    that is at least `SMALLEST`."""
    largest = max(sides)
    return min(largest * -(-SMALLEST // largest), max(WIDEST, SMALLEST))


def enlarged(pictures: Pictures, side: int) -> Pictures:
    """(n, H, H, C) uint8 as (n, side, side, 3): enlarged by a whole number, with white around what
    is left; larger ones shrunk."""
    height = pictures.shape[1]
    inner = side // height * height or side
    tiles: Pictures = np.full((len(pictures), side, side, 3), WHITE, dtype=np.uint8)
    before = (side - inner) // 2
    method = Image.Resampling.NEAREST if inner >= height else Image.Resampling.LANCZOS
    for tile, picture in zip(tiles, pictures, strict=True):
        resized = as_image(picture).convert("RGB").resize((inner, inner), method)
        tile[before : before + inner, before : before + inner] = np.asarray(resized)
    return tiles


def _heading(label: str, width: int) -> Pictures:
    """A strip (height, width, 3) with a label, on as many lines as it takes: nothing is cut."""
    font = ImageFont.truetype(FONT, LABEL_SIZE)
    drawn = ImageDraw.Draw(Image.new("RGB", (1, 1)))

    def fits(text: str) -> bool:
        return drawn.textlength(text, font) <= width - 2 * PADDING

    letters = len(label)
    while letters > 1 and not all(map(fits, textwrap.wrap(label, letters))):
        letters -= 1
    lines = textwrap.wrap(label, letters) or [""]
    strip = Image.new("RGB", (width, LABEL_HEIGHT * len(lines)), (WHITE,) * 3)
    draw = ImageDraw.Draw(strip)
    for number, text in enumerate(lines):
        place = (PADDING + 1, 5 + LABEL_HEIGHT * number)
        draw.text(place, text, fill=(30, 30, 30), font=font)
    return np.asarray(strip, dtype=np.uint8)
