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
"""Pixels of a picture's longer side on the sheet, at least: smaller ones are enlarged."""
FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
"""That of the charts: names of sets and runs may be in any script, which Pillow's font lacks."""
LABEL_SIZE, LABEL_HEIGHT = 13, 24
WIDEST = 256
"""Pixels of a picture's longer side on the sheet, at most."""


def sample_sheet(rows: Sequence[Row]) -> Image.Image:
    """The rows below each other, each under its label, alone where there are no pictures;
    small pictures enlarged to the largest with nearest neighbour. Raises ValueError for no rows."""
    if not rows:
        raise ValueError("no rows")
    tile = tile_shape([pictures.shape[1:3] for _, pictures in rows])
    columns = max(len(pictures) for _, pictures in rows) or PICTURES
    strips = []
    for label, pictures in rows:
        tiles = enlarged(pictures, tile)
        sheet = blank_sheet(len(pictures), columns, tiles.shape[1:])
        place(sheet, tiles, 0, columns)
        strips += [_heading(label, sheet.shape[1]), sheet]
    return as_image(np.concatenate(strips))


def tile_shape(shapes: Sequence[tuple[int, ...]]) -> tuple[int, int]:
    """Height and width of a picture on the sheet: those of the largest ones, or a multiple of them
    whose longer side is at least `SMALLEST`."""
    height, width = map(max, zip(*shapes, strict=True))
    longer = max(height, width)
    scale = min(-(-SMALLEST // longer), WIDEST / longer)
    return round(height * scale), round(width * scale)


def enlarged(pictures: Pictures, tile: tuple[int, int]) -> Pictures:
    """(n, H, W, C) uint8 as (n, *tile, 3): enlarged by a whole number, with white around what is
    left; larger ones shrunk."""
    height, width = pictures.shape[1:3]
    times = min(tile[0] // height, tile[1] // width)
    scale = times or min(tile[0] / height, tile[1] / width)
    inner = max(1, round(height * scale)), max(1, round(width * scale))
    tiles: Pictures = np.full((len(pictures), *tile, 3), WHITE, dtype=np.uint8)
    top, left = (tile[0] - inner[0]) // 2, (tile[1] - inner[1]) // 2
    method = Image.Resampling.NEAREST if times else Image.Resampling.LANCZOS
    for whole, picture in zip(tiles, pictures, strict=True):
        resized = as_image(picture).convert("RGB").resize(inner[::-1], method)
        whole[top : top + inner[0], left : left + inner[1]] = np.asarray(resized)
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
