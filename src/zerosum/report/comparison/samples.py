"""samples.png: pictures of the same seeds in rows, one row a side, under its name."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from zerosum.comparing.sides import Side
from zerosum.data.grid import PADDING, WHITE, as_image, blank_sheet, place
from zerosum.errors import ZerosumError
from zerosum.evaluation.opening import open_run_data
from zerosum.evaluation.restoration import numbered
from zerosum.generation import load_generator
from zerosum.generation.restored import restoration_versions
from zerosum.records.score_line import ScoreLine

PICTURES = 10
"""In a row."""
SMALLEST = 64
"""Pixels of a picture's side on the sheet, at least: smaller ones are enlarged."""
FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
"""That of the charts: names of sets and runs may be in any script, which Pillow's font lacks."""
LABEL_SIZE, LABEL_HEIGHT = 13, 24
WIDEST = 256
"""Pixels of a picture's side on the sheet, at most."""

Pictures = NDArray[np.uint8]
Row = tuple[str, Pictures]
"""A label and pictures, uint8 (n, H, W, C)."""


def sample_rows(
    sides: Sequence[Side],
    lines: Sequence[ScoreLine | None],
    *,
    seed: int,
    device: str,
    data_root: Path | None,
) -> tuple[list[Row], tuple[str, ...]]:
    """A row for each side: pictures 0 to 9 of a seed, of the checkpoint that its scores are of; the
    first ones of a folder. And what is left out, in words."""
    if any(side.recipe is not None and side.recipe.task.pairs for side in sides):
        return _restored_rows(sides, lines, device, data_root)
    rows: list[Row] = []
    notes = []
    for side, line in zip(sides, lines, strict=True):
        try:
            rows.append(_row(side, line, seed, device))
        except ZerosumError as error:
            notes.append(f"no pictures of {side.label}: {error.what}")
    return rows, tuple(notes)


def _row(side: Side, line: ScoreLine | None, seed: int, device: str) -> Row:
    if side.images is not None:
        count = min(PICTURES, len(side.images))
        return f"{side.label}: its first pictures", side.images.read(0, count)
    assert side.run is not None
    scored = "" if line is None else line.checkpoint
    kind = "" if line is None else str(line.protocol["generator"])
    checkpoint = side.shown_checkpoint(scored) or "latest"
    averaged = {"average": True, "last": False}.get(kind) if checkpoint == scored else None
    generator = load_generator(side.run, checkpoint, averaged=averaged, device=device)
    label = f"{side.label}: {int(generator.checkpoint):,} images seen, seed {seed}"
    return label, generator(generator.latents(seed, range(PICTURES)))


def _restored_rows(
    sides: Sequence[Side], lines: Sequence[ScoreLine | None], device: str, data_root: Path | None
) -> tuple[list[Row], tuple[str, ...]]:
    """The first held-out pictures damaged, restored by each run, and as they were."""
    first = sides[0]
    assert first.run is not None and first.recipe is not None
    alike = {
        repr((side.recipe.seed, side.recipe.damage, side.recipe.data))
        for side in sides
        if side.recipe is not None
    }
    if len(alike) > 1:
        return [], (
            "no pictures: held-out pictures and their damage follow from data, seed and damage, in "
            "which the runs differ; `zerosum restore RUN PICTURE` shows the same picture of each",
        )
    try:
        data = open_run_data(first.run, data_root=data_root)
        originals = numbered(data, np.arange(min(PICTURES, len(data.held_out))))
    except ZerosumError as error:
        return [], (f"no pictures: {error.what}",)
    count = len(originals)
    if not count:
        return [], ("no pictures: none were held out",)
    rows: list[Row] = []
    notes = []
    for side, line in zip(sides, lines, strict=True):
        assert side.run is not None
        scored = "" if line is None else line.checkpoint
        checkpoint = side.shown_checkpoint(scored) or "latest"
        try:
            versions = restoration_versions(
                side.run, originals, checkpoint=checkpoint, device=device
            )
        except ZerosumError as error:
            notes.append(f"no pictures of {side.label}: {error.what}")
            continue
        if not rows:
            rows.append(("held-out pictures, damaged", versions["damaged"].images.read(0, count)))
        last = list(versions.values())[-1]
        label = f"{side.label}: {int(last.checkpoint):,} images seen"
        rows.append((label, last.images.read(0, count)))
    if rows:
        rows.append(("as they were", originals.images.read(0, count)))
    return rows, tuple(notes)


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
