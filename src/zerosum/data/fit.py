"""Any decoded picture → uint8 pixels of one size.

Resizing is Pillow's bicubic filter, which is antialiased when it shrinks (what Parmar et al. 2022,
arXiv 2104.11222, recommend for images that are to be scored).
"""

from dataclasses import asdict, dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zerosum.data.colour import in_srgb, profile_of
from zerosum.data.deep import alone
from zerosum.recipe.image_size import ImageSize, parse_size
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
LYING = (5, 6, 7, 8)
"""Those by which width and height change places."""


@dataclass(frozen=True)
class Fitting:
    """How pictures are brought to one size.

    crop: the largest centred part of the wanted proportions. squash: everything, whatever the
    proportions. box: such a centred part whose shorter side has `box` source pixels (the largest
    one, if that is smaller). pad: the whole picture, centred on black; it is shrunk when it is
    larger than what is wanted, left as it is when it is at least half as large (28-pixel digits get
    a margin of 2 at 32), and otherwise enlarged. `range` is what black and white are where there
    are more than 8 bits, as `data.range` says it; "auto": decided for the set.
    """

    resolution: int | str
    """As it is `written`; 0: not said."""
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
    def size(self) -> ImageSize:
        """Of a fitted picture."""
        return parse_size(self.resolution)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a fitted picture."""
        return *self.size.shape, self.channels

    def before_turning(self, orientation: int) -> "Fitting":
        """For a picture as it is stored, that this EXIF orientation turns upright afterwards."""
        lies = orientation in LYING
        return replace(self, resolution=self.size.turned.written) if lies else self


@dataclass(frozen=True)
class Place:
    """The region of the source that is used (left, upper, right, lower) and its size after."""

    region: tuple[float, float, float, float]
    size: tuple[int, int]


def place(fitting: Fitting, width: int, height: int) -> Place:
    """Which part of a `width` × `height` picture is used, and how large it becomes."""
    across, down = fitting.size.sides
    if fitting.fit == "squash":
        return Place((0.0, 0.0, float(width), float(height)), (across, down))
    if fitting.fit == "pad":
        scale = min(across / width, down / height)
        scale = 1.0 if 1 <= scale <= 2 else scale
        size = max(1, round(width * scale)), max(1, round(height * scale))
        return Place((0.0, 0.0, float(width), float(height)), size)
    shorter = min(across, down)
    # The shorter side of the largest part of these proportions.
    length = min(width * shorter / across, height * shorter / down)
    if fitting.fit == "box":
        length = min(length, fitting.box)
    # Rounding must not carry it beyond the picture.
    used = min(width, length * across / shorter), min(height, length * down / shorter)
    left, upper = (width - used[0]) / 2, (height - used[1]) / 2
    if used == (across, down):
        left, upper = float(int(left)), float(int(upper))  # whole pixels: nothing to interpolate
    return Place((left, upper, left + used[0], upper + used[1]), (across, down))


def fit_picture(
    image: Image.Image, fitting: Fitting, stored: tuple[int, int], orientation: int
) -> NDArray[np.uint8]:
    """A loaded picture → uint8 of the fitting's shape.

    `stored` is the picture's full width and height, of which `image` may be a reduced decoding;
    `orientation` is the EXIF value (1: upright). It is turned after the resizing, when it is
    small.
    """
    where = place(fitting.before_turning(orientation), *stored)
    across, down = image.width / stored[0], image.height / stored[1]
    left, upper, right, lower = where.region
    region = (left * across, upper * down, right * across, lower * down)
    flat = flatten(image, fitting.channels)
    small = flat.resize(where.size, Image.Resampling.BICUBIC, box=region)
    if orientation in UPRIGHT:
        small = small.transpose(UPRIGHT[orientation])
    size = fitting.size
    if small.size != size.sides:
        whole = Image.new(small.mode, size.sides)
        whole.paste(small, ((size.width - small.width) // 2, (size.height - small.height) // 2))
        small = whole
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
