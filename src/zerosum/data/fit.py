"""Any decoded picture → uint8 pixels of one size.

Resizing is Pillow's bicubic filter, which is antialiased when it shrinks (what Parmar et al. 2022,
arXiv 2104.11222, recommend for images that are to be scored).
"""

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zerosum.data.colour import in_srgb, profile_of
from zerosum.data.deep import alone
from zerosum.recipe.value_range import AUTO

Fit = Literal["crop", "pad", "squash", "box"]

GREY_MODES = ("1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L", "I;16N")
WHITE = (255, 255, 255, 255)
# How the EXIF orientation says that a stored picture must be turned to stand upright.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Fitting:
    """How pictures are brought to one size.

    crop: the largest centred square. squash: everything, whatever the proportions. box: the
    centred square of `box` source pixels (the largest square, if that is smaller). pad: the whole
    picture, centred on black; it is shrunk when it is larger than `resolution`, left as it is
    when it is at least half as large (28-pixel digits get a margin of 2 at 32), and otherwise
    enlarged. `range` is what black and white are where there are more than 8 bits, as `data.range`
    says it; "auto": decided for the set.
    """

    resolution: int
    channels: int
    fit: Fit
    box: int = 0
    range: str = AUTO

    def facts(self) -> dict[str, int | str]:
        """What a pack's name and fingerprint depend on. A range that nobody asked for is left out:
        packs and runs of before there was one stay the same."""
        return {
            name: value for name, value in asdict(self).items() if (name, value) != ("range", AUTO)
        }

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a fitted picture."""
        return self.resolution, self.resolution, self.channels


@dataclass(frozen=True)
class Place:
    """The region of the source that is used (left, upper, right, lower) and its size after."""

    region: tuple[float, float, float, float]
    size: tuple[int, int]


def place(fitting: Fitting, width: int, height: int) -> Place:
    """Which part of a `width` × `height` picture is used, and how large it becomes."""
    side = fitting.resolution
    whole = (0.0, 0.0, float(width), float(height))
    if fitting.fit == "squash":
        return Place(whole, (side, side))
    if fitting.fit == "pad":
        longest = max(width, height)
        scale = 1.0 if side / 2 <= longest <= side else side / longest
        return Place(whole, (max(1, round(width * scale)), max(1, round(height * scale))))
    square = min(width, height)
    if fitting.fit == "box":
        square = min(square, fitting.box)
    left, upper = (width - square) / 2, (height - square) / 2
    if square == side:
        left, upper = float(int(left)), float(int(upper))  # whole pixels: nothing to interpolate
    return Place((left, upper, left + square, upper + square), (side, side))


def fit_picture(
    image: Image.Image, fitting: Fitting, stored: tuple[int, int], orientation: int
) -> NDArray[np.uint8]:
    """A loaded picture → uint8 (resolution, resolution, channels).

    `stored` is the picture's full width and height, of which `image` may be a reduced decoding;
    `orientation` is the EXIF value (1: upright). It is turned after the resizing, when it is
    small.
    """
    where = place(fitting, *stored)
    across, down = image.width / stored[0], image.height / stored[1]
    left, upper, right, lower = where.region
    region = (left * across, upper * down, right * across, lower * down)
    flat = flatten(image, fitting.channels)
    small = flat.resize(where.size, Image.Resampling.BICUBIC, box=region)
    if orientation in UPRIGHT:
        small = small.transpose(UPRIGHT[orientation])
    side = fitting.resolution
    if small.size != (side, side):
        square = Image.new(small.mode, (side, side))
        square.paste(small, ((side - small.width) // 2, (side - small.height) // 2))
        small = square
    return np.asarray(small).reshape(fitting.shape)


def flatten(image: Image.Image, channels: int) -> Image.Image:
    """Any mode → "L" (1 channel) or "RGB" (3): 8 bits, transparency on white, colours in sRGB.

    A picture with more than 8 bits is read as one that is no part of a set.
    """
    profile, kind = profile_of(image), plain_mode(image)
    if image.mode.startswith("I") or image.mode == "F":
        image = alone(image)
    if image.has_transparency_data:
        picture = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", picture.size, WHITE), picture)
    image = in_srgb(image.convert(kind), profile)
    if image.mode != "L":
        image = image.convert("RGB")
    return image.convert("L" if channels == 1 else "RGB")


def plain_mode(image: Image.Image) -> str:
    """ "L", "RGB" or "CMYK": what a picture is but for depth, palettes and transparency."""
    if image.mode in GREY_MODES:
        return "L"
    return "CMYK" if image.mode == "CMYK" else "RGB"
