"""Pictures with more than 8 bits a channel, as Pillow or tifffile decodes them.

Pillow has grey modes of 16 and 32 bits and floating point; colours of these kinds, float64 and
float16 are tifffile's, and so is what Pillow opens but reads wrongly: planar 16-bit colours (their
low bytes), signed 8-bit (modulo 256) and unsigned 32-bit greys (negative from 2³¹ on).
"""

import contextlib
import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from zerosum.data.colour import profile_of
from zerosum.data.ranges import TYPE_RANGES, Kind, Ranges, Values, eight_bits, measured, range_of

TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# TIFF tags (revision 6.0, section 8, and the supplement on sample formats).
BITS, PHOTOMETRIC, ORIENTATION, SAMPLES, PLANAR = 258, 262, 274, 277, 284
LOWEST, HIGHEST, FORMAT, LOWEST_ANY, HIGHEST_ANY, PROFILE = 280, 281, 339, 340, 341, 34675
WHITE_IS_LOW, BLACK_IS_LOW, RGB = 0, 1, 2
SIGNED = 2
PLAIN = 1
"""No compression."""
LARGEST = 512 * 2**20
"""Bytes of decoded values: in doubles they take up to four times as many."""


class NotReadError(ValueError):
    """A whole picture of a kind that is not read here; the message says of which."""


Tags = Callable[[int], Any]
"""The value of a tag by its number, or None."""


@dataclass(frozen=True)
class Deep:
    """Decoded deep values.

    `pixels` is (H, W) or (H, W, C), C up to 4, of any type; `stated` the range (black, white) in
    the file's tags, or None; `transparent` the grey that stands for no picture, or None.
    """

    pixels: NDArray[np.generic]
    kind: Kind
    stated: tuple[float, float] | None = None
    white_is_low: bool = False
    transparent: int | None = None
    profile: bytes = b""

    def values(self) -> Values:
        """Its extremes. Raises ValueError where some are not finite."""
        return measured(self.pixels, self.kind, self.stated)

    def image(self, ranges: Ranges) -> Image.Image:
        """8 bits a channel: mode "L", "LA", "RGB" or "RGBA"."""
        small = eight_bits(self.pixels, ranges[self.kind], self.white_is_low)
        if self.transparent is not None:
            small[self.pixels == self.transparent] = 255
        image = Image.fromarray(small[..., 0] if small.shape[2:] == (1,) else small)
        if self.profile:
            image.info["icc_profile"] = self.profile
        return image


def deep_of(image: Image.Image) -> Deep | None:
    """The values of a loaded picture of one of Pillow's deep modes; None for all others."""
    kind = _kind_of(image)
    if kind is None:
        return None
    tags = _tags_of(image)
    transparent = image.info.get("transparency")
    return Deep(
        np.asarray(image),
        kind,
        _stated(tags),
        tags(PHOTOMETRIC) == WHITE_IS_LOW,
        transparent if isinstance(transparent, int) else None,
        profile_of(image),
    )


def alone(image: Image.Image) -> Image.Image:
    """A picture that is no part of a set, in 8 bits; by its own extremes where its type says no
    range. Raises ValueError or ZerosumError where it cannot be read so."""
    deep = deep_of(image)
    return deep.image({deep.kind: range_of(deep.values())}) if deep else image


def _kind_of(image: Image.Image) -> Kind | None:
    if image.mode == "F":
        return "floating-point"
    if image.mode.startswith("I;16"):
        return "12-bit" if _first(_tags_of(image)(BITS)) == 12 else "16-bit"
    if image.mode == "I":
        # Pillow spreads a PGM's values over 0 to 65535; before its version 11 it opened 16-bit
        # PNGs in this mode.
        return "16-bit" if image.format in ("PNG", "PPM") else "whole-number"
    return None


def _tags_of(image: Image.Image) -> Tags:
    tags = getattr(image, "tag_v2", None)
    return tags.get if image.format == "TIFF" and tags is not None else lambda _: None


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) and value else value


def _stated(tags: Tags) -> tuple[float, float] | None:
    """The smallest and largest value that a TIFF's tags speak of."""
    for low, high in ((LOWEST_ANY, HIGHEST_ANY), (LOWEST, HIGHEST)):
        white = _first(tags(high))
        if white is None:
            continue
        with contextlib.suppress(TypeError, ValueError):
            black, white = float(_first(tags(low)) or 0), float(white)
            if np.isfinite((black, white)).all() and black < white:
                return black, white
    return None


def is_tiff(content: bytes) -> bool:
    """Whether bytes begin as a TIFF or BigTIFF."""
    return content.startswith(TIFF_SIGNATURES)


def misread_by_pillow(image: ImageFile.ImageFile, ranges: Ranges) -> bool:
    """Whether an opened TIFF is one that Pillow decodes to other values than it holds."""
    if image.format != "TIFF":
        return False
    tags = _tags_of(image)
    bits, signed = _first(tags(BITS)) or 1, _first(tags(FORMAT)) == SIGNED
    if bits == 8:
        return bool(signed)
    if bits == 16 and image.mode in ("RGB", "RGBA", "RGBX", "LA"):
        # Pillow keeps the high byte of each, which is right for the type's own range alone.
        return tags(PLANAR) == 2 or ranges["16-bit"] != TYPE_RANGES["16-bit"]
    return bool(bits == 32 and image.mode == "I" and not signed)


@dataclass(frozen=True)
class DeepTiff:
    """What tifffile finds in the header of a TIFF's first page, and its `read`."""

    width: int
    height: int
    grey: bool
    orientation: int
    several: bool
    read: Callable[[], Deep]


@contextlib.contextmanager
def open_deep_tiff(content: bytes) -> Iterator[DeepTiff]:
    """A TIFF that Pillow does not read. Raises NotReadError for kinds that are not read here
    either, and nearly anything on damaged bytes."""
    import tifffile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL + 1)  # what it warns of is told here
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        page = file.pages.first
        tags = {tag.code: tag.value for tag in page.tags}
        kind = _kind_of_type(page.dtype)
        samples = page.samplesperpixel
        if page.axes not in ("YX", "YXS", "SYX") or samples > 4 or not _photometric(tags):
            raise NotReadError(f"a TIFF of {samples} channels that is not read ({page.axes})")
        size = page.imagewidth * page.imagelength * samples * np.dtype(page.dtype).itemsize
        if size > LARGEST:
            raise NotReadError("larger than 512 MiB once decoded")
        if page.compression == PLAIN and size > len(content):
            raise ValueError("truncated")  # tifffile would fill it up with zeros

        def read() -> Deep:
            try:
                pixels = page.asarray()
            except KeyError as error:
                if "imagecodecs" not in str(error):
                    raise
                raise NotReadError(
                    "its compression needs a package: pip install imagecodecs"
                ) from error
            if page.axes == "SYX":
                pixels = np.moveaxis(pixels, 0, -1)
            low = tags.get(PHOTOMETRIC) == WHITE_IS_LOW
            profile = tags.get(PROFILE) or b""
            return Deep(pixels, kind, _stated(tags.get), low, profile=bytes(profile))

        yield DeepTiff(
            page.imagewidth,
            page.imagelength,
            samples < 3,
            int(tags.get(ORIENTATION) or 1),
            len(file.pages) > 1,
            read,
        )


def _photometric(tags: dict[int, Any]) -> bool:
    return tags.get(PHOTOMETRIC, BLACK_IS_LOW) in (WHITE_IS_LOW, BLACK_IS_LOW, RGB)


def _kind_of_type(dtype: np.dtype[Any] | None) -> Kind:
    if dtype == np.uint16:
        return "16-bit"
    if dtype is not None and dtype.kind == "f":
        return "floating-point"
    if dtype is not None and dtype.kind in "iu" and dtype != np.uint8:
        return "whole-number"
    raise NotReadError(f"a TIFF of {dtype or 'unknown'} values that is not read")
