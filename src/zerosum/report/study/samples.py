"""STUDY/samples.png: a row of samples for each setting, of the same latent numbers."""

import textwrap
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from zerosum.data.grid import PADDING, WHITE
from zerosum.files import write_atomically
from zerosum.report.charts import png
from zerosum.report.comparison.samples import PICTURES, enlarged, tile_side
from zerosum.report.study.strips import SEED, Strip, read_strip
from zerosum.report.study.texts import short
from zerosum.studies.entries import standing_of
from zerosum.studies.folder import StudyFolder
from zerosum.studies.results import CellResult, SettingResult
from zerosum.words import counted

MOST_ROWS = 48
DPI = 100
LETTER = 6.6
"""Pixels that a letter of a name takes, about."""
WIDEST_NAME = 34
"""Letters on a line of a name."""
LINE = 15
"""Pixels that a line of a name takes."""
MARGIN = 8
HEAD = 30
NARROWEST = 560
"""Pixels that the heading takes."""


def write_samples_sheet(
    folder: StudyFolder,
    settings: Sequence[SettingResult],
    device: str = "cpu",
    read: Callable[[StudyFolder, CellResult, str], Strip] = read_strip,
) -> None:
    """Write samples.png: the first pictures of `zerosum sample` of each setting's first seed that
    has a checkpoint, its newest one; nothing where there is no setting.

    One generator is loaded at a time, and only for checkpoints that are new. Raises ZerosumError
    where a file cannot be written.
    """
    strips = [_strip(folder, setting, device, read) for setting in settings[:MOST_ROWS]]
    if not strips:
        return
    names = [_name(setting, strip) for setting, strip in zip(settings, strips, strict=False)]
    left_out = len(settings) - len(strips)
    write_atomically(folder.samples_file, png(samples_figure(strips, names, left_out)))


def _strip(
    folder: StudyFolder,
    setting: SettingResult,
    device: str,
    read: Callable[[StudyFolder, CellResult, str], Strip],
) -> Strip:
    first = read(folder, setting.cells[0], device)
    for cell in setting.cells[1:]:
        if first.pictures is not None:
            break
        other = read(folder, cell, device)
        first = other if other.pictures is not None else first
    return first


def _name(setting: SettingResult, strip: Strip) -> list[str]:
    """The lines at the left of a row."""
    lines = textwrap.wrap(setting.words, WIDEST_NAME, break_on_hyphens=False)
    if strip.pictures is None:
        return lines
    seed = f"seed {strip.cell.cell.seed}, " if len(setting.cells) > 1 else ""
    lines.append(f"{seed}{strip.images:,} images seen")
    if strip.cell.status != "finished":
        lines.append(short(standing_of(strip.cell), WIDEST_NAME))
    return lines


def samples_figure(
    strips: Sequence[Strip], names: Sequence[Sequence[str]], left_out: int = 0
) -> Figure:
    """Names at the left, pictures beside them, one for one in pixels; small ones are enlarged with
    nearest neighbour to the side of the largest."""
    sides = [strip.pictures.shape[1] for strip in strips if strip.pictures is not None]
    side = tile_side(sides) if sides else 32
    tile = side + PADDING
    letters = max((len(line) for lines in names for line in lines), default=10)
    left = int(LETTER * letters) + 2 * MARGIN
    heights = [
        max(tile if strip.pictures is not None else 0, LINE * (len(lines) + 1))
        for strip, lines in zip(strips, names, strict=True)
    ]
    width = max(left + PICTURES * tile + MARGIN, NARROWEST)
    height = HEAD + sum(heights) + MARGIN + (LINE if left_out else 0)
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    note = f"Pictures 0 to {PICTURES - 1} of seed {SEED}: the same latents where these are as long"
    _write(figure, MARGIN, HEAD / 2, note, (width, height), weight="bold")
    top = HEAD
    for strip, lines, high in zip(strips, names, heights, strict=True):
        middle = top + high / 2
        for number, line in enumerate(lines):
            offset = LINE * (number - (len(lines) - 1) / 2)
            _write(figure, MARGIN, middle + offset, line, (width, height))
        if strip.pictures is None:
            text = textwrap.shorten(strip.reason, int(PICTURES * tile / LETTER), placeholder=" …")
            _write(figure, left, middle, text, (width, height), colour="0.4")
        else:
            row = _row(enlarged(strip.pictures, side))
            box = (left, top + (high - row.shape[0]) // 2, row.shape[1], row.shape[0])
            _show(figure, row, box, (width, height))
        top += high
    if left_out:
        text = f"and {counted(left_out, 'more setting')}, not shown"
        _write(figure, MARGIN, top + LINE / 2, text, (width, height), colour="0.4")
    return figure


def _row(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n, H, W, 3) side by side with white between, (H, n × (W + PADDING), 3)."""
    padded = np.pad(pictures, ((0, 0), (0, 0), (0, PADDING), (0, 0)), constant_values=WHITE)
    row: NDArray[np.uint8] = np.concatenate(list(padded), axis=1)
    return row


def _show(
    figure: Figure,
    pixels: NDArray[np.uint8],
    box: tuple[int, int, int, int],
    size: tuple[int, int],
) -> Axes:
    """Pictures in a box of pixels (left, top, width, height), each pixel on one of the figure."""
    left, top, width, height = box
    place = (left / size[0], 1 - (top + height) / size[1], width / size[0], height / size[1])
    axes = figure.add_axes(place)
    axes.imshow(pixels, interpolation="nearest", aspect="auto")
    axes.set_axis_off()
    return axes


def _write(
    figure: Figure,
    left: float,
    top: float,
    text: str,
    size: tuple[int, int],
    *,
    colour: str = "black",
    weight: str = "normal",
) -> None:
    """Text whose middle is `top` pixels below the upper edge."""
    figure.text(left / size[0], 1 - top / size[1], text, va="center", ha="left", fontsize=8.5,
                color=colour, fontweight=weight, parse_math=False)  # fmt: skip
