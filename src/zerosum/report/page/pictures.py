"""Pictures inside the page: small enough for its budget, readable in any browser."""

import base64
import functools
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from zerosum.data.grid import own_size
from zerosum.data.png import open_png
from zerosum.report.document import Block

FRAMES = 30
"""Grids on the slider, at most."""
FRAME_BYTES = 3_000_000
"""Of all grids of the slider together, two shares of it for the last; base64 makes four thirds."""
PICTURE_BYTES = 420_000
LARGEST_SIDE = 1400
"""Pixels of a picture's longer side, at most: more than a page is wide."""
SMALLEST_SIDE = 200

Encoded = tuple[str, int, int]
"""A data URI, width and height in pixels."""


@dataclass(frozen=True)
class Picture(Block):
    """A picture as a data URI, its size in pixels and what it shows in words."""

    source: str
    width: int
    height: int
    alt: str
    caption: str = ""
    pixels: bool = False
    """Whether single pixels should stay visible when it is enlarged."""
    look: str = ""
    """"wide": as wide as there is room; "drawing": with small text in it, which scrolls rather than
    being shrunk."""


@dataclass(frozen=True)
class Slider(Block):
    """Pictures one at a time, each under its label; `key` is unique on its page."""

    key: str
    label: str
    """What the slider chooses."""
    pictures: Sequence[Picture]
    labels: Sequence[str]


@dataclass(frozen=True)
class Strip(Block):
    """A row of pictures as wide as there is room, under its title and a note."""

    title: str
    note: str
    picture: Picture


@dataclass(frozen=True)
class Pair(Block):
    """Two pictures beside each other, within the first screen."""

    blocks: Sequence[Block]


def open_picture(path: Path) -> Image.Image | None:
    """A picture file, read; None where there is none, or it cannot be read.

    A run that goes on may drop a grid at any moment, and a picture is no reason to have no page.
    """
    try:
        return open_png(path)
    except (OSError, ValueError):
        return None


def picture_texts(path: Path) -> dict[str, str]:
    """The text fields of a PNG: of which checkpoint it is, and the like. None without one."""
    image = open_picture(path)
    return {} if image is None else dict(getattr(image, "text", {}))


def picture(
    image: Image.Image,
    alt: str,
    caption: str = "",
    *,
    budget: int = PICTURE_BYTES,
    pixels: bool = False,
    look: str = "",
) -> Picture:
    """An image for the page: as it is where a PNG of it fits in `budget` bytes, else WebP, coarser
    and smaller until it does."""
    return Picture(*_encoded(image, budget), alt, caption, pixels, look)


def read_picture(
    path: Path,
    alt: str,
    caption: str = "",
    *,
    budget: int = PICTURE_BYTES,
    pixels: bool = False,
    look: str = "",
) -> Picture | None:
    """`picture` of a file; None where it cannot be read.

    A file that has not changed is not encoded again: a page that is kept fresh must leave the
    processor to the training.
    """
    try:
        found = _read(path.absolute(), path.stat().st_mtime_ns, budget)
    except OSError:
        return None
    return None if found is None else Picture(*found, alt, caption, pixels, look)


@functools.lru_cache(maxsize=4 * FRAMES)
def _read(path: Path, _changed: int, budget: int) -> Encoded | None:
    image = open_picture(path)
    # The page enlarges by itself.
    return None if image is None else _encoded(own_size(image), budget)


def share_of(total: int, count: int) -> int:
    """The bytes for each of `count` pictures, at most FRAMES; the same for similar counts, so that
    one more picture does not change those before it."""
    room = next(step for step in (4, 8, 16, FRAMES) if step >= count)
    return total // (room + 1)


def evenly(paths: Sequence[Path], count: int = FRAMES) -> list[Path]:
    """At most `count` of the paths at even distances, the first and the last among them."""
    if len(paths) <= count:
        return list(paths)
    step = (len(paths) - 1) / (count - 1)
    return [paths[round(place * step)] for place in range(count)]


def _plain(image: Image.Image) -> Image.Image:
    """A copy in grey or RGB, on white where it was transparent."""
    if image.mode in ("RGBA", "LA", "P", "PA"):
        layered = image.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB")
    return image.copy() if image.mode == "L" else image.convert("RGB")


def _encoded(image: Image.Image, budget: int) -> Encoded:
    for content, kind, size in _coarser_and_smaller(_plain(image)):
        found = f"data:image/{kind};base64,{base64.b64encode(content).decode()}", *size
        if len(content) <= budget:
            break
    return found


def _coarser_and_smaller(image: Image.Image) -> Iterator[tuple[bytes, str, tuple[int, int]]]:
    """Contents, kinds and (width, height)."""
    image.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=None)
    yield _saved(image, "PNG"), "png", image.size
    while True:
        for quality in (90, 75, 60):
            yield _saved(image, "WEBP", quality=quality, method=4), "webp", image.size
        if max(image.size) <= SMALLEST_SIDE:
            return
        smaller = int(max(image.size) * 0.7)
        image.thumbnail((smaller, smaller), Image.Resampling.LANCZOS, reducing_gap=None)


def _saved(image: Image.Image, kind: str, **options: int | bool) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
