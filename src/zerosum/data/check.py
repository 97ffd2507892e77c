"""One file's bytes → pixels, or the reason why not, and what had to be converted."""

import hashlib
import io
import warnings
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

from zerosum.data.colour import profile_note
from zerosum.data.deep import (
    DeepTiff,
    NotReadError,
    deep_of,
    is_tiff,
    misread_by_pillow,
    open_deep_tiff,
)
from zerosum.data.fit import GREY_MODES, UPRIGHT, Fitting, fit_picture, place, plain_mode
from zerosum.data.png import require_intact_png
from zerosum.data.ranges import PRESUMED, TYPE_RANGES, Ranges, Values
from zerosum.data.sources.source import FORMATS, File, suffix

SMALLEST_SIDE = 8  # pixels
MOST_PIXELS = 89_478_485  # Pillow's own limit: a quarter of a gigabyte as RGB
BOMB = f"decompression bomb (over {MOST_PIXELS // 10**6} million pixels)"
ORIENTATION = 0x0112  # the EXIF tag
# A JPEG is decoded at a half, a quarter or an eighth of its size when that leaves at least this
# many times the pixels that are wanted along each side. Measured on 256-pixel photographs brought
# to 64: with 2 the pixels differ by 0.6 of 255 on average from a full decoding, with 1 by 1.7.
SPARE = 2
SIXTEEN = "16 bits made 8"
WIDE = "wide values made 8 bits"
FIRST = "first frame of several"
CMYK = "CMYK made RGB"
LAID = "transparency laid on white"
TURNED = "turned upright (EXIF)"


@dataclass(frozen=True)
class Finding:
    """What was found in one file.

    `problem` is "" for a usable image; `ignored` tells a file that never claimed to be one.
    `width` and `height` are those of the upright picture, 0 when unknown; `grey` tells a picture
    without colour channels; `digest` is that of the bytes, "" when it was not asked for;
    `values` are the extremes where it has more than 8 bits a channel.
    """

    name: str
    problem: str = ""
    conversions: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    grey: bool = False
    digest: str = ""
    ignored: bool = False
    values: Values | None = None


def examine(
    file: File, fitting: Fitting | None, ranges: Ranges = PRESUMED
) -> tuple[Finding, NDArray[np.uint8] | None]:
    """Decode one file.

    With a `fitting`: the fitted pixels, uint8 (height, width, channels), or None when
    the file is no usable image. Without one: the whole picture is decoded at its full size, only
    to see whether it can be, and the digest is filled in. `ranges` says what is black and white
    where there are more than 8 bits.
    """
    found = Finding(file.name, file.problem)
    if file.problem:
        return found, None
    if not file.content:
        return replace(found, problem="empty file"), None
    if fitting is None:
        digest = hashlib.blake2b(file.content, digest_size=16).hexdigest()
        found = replace(found, digest=digest)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Pillow warns of is told here, or harmless
        try:
            require_intact_png(file.content)
            return _open(file.content, found, fitting, ranges)
        except UnidentifiedImageError:
            ignored = suffix(file.name) == ""
            return replace(found, problem="not an image", ignored=ignored), None
        except Image.DecompressionBombError:
            return replace(found, problem=BOMB), None
        except NotReadError as error:
            return replace(found, problem=str(error)), None
        except Exception as error:  # Pillow's decoders raise nearly anything on damaged bytes
            return replace(found, problem=_reason(error)), None


def _open(
    content: bytes, found: Finding, fitting: Fitting | None, ranges: Ranges
) -> tuple[Finding, NDArray[np.uint8] | None]:
    try:
        with Image.open(io.BytesIO(content)) as image:
            if not misread_by_pillow(image, ranges):
                return _decode(image, found, fitting, ranges)
    except UnidentifiedImageError:
        if not is_tiff(content):
            raise
    with open_deep_tiff(content) as tiff:
        return _decode_deep(tiff, found, fitting, ranges)


def _decode(
    image: ImageFile.ImageFile, found: Finding, fitting: Fitting | None, ranges: Ranges
) -> tuple[Finding, NDArray[np.uint8] | None]:
    width, height = stored = image.size
    found = replace(found, width=width, height=height, problem=wrong_size(width, height))
    if found.problem:
        return found, None
    conversions = _conversions(found.name, image)
    if _colours_of_sixteen_bits(image) and ranges["16-bit"] != TYPE_RANGES["16-bit"]:
        raise NotReadError("16-bit colours of a PNG are read from 0 to 65535 only; make it a TIFF")
    orientation = _orientation(image)
    if orientation in UPRIGHT:
        conversions.append(TURNED)
    if note := profile_note(image, plain_mode(image)):
        conversions.append(note)
    if fitting:
        _reduce(image, fitting.before_turning(orientation))
    image.load()
    if image.has_transparency_data:
        conversions.append(_transparency(image))
    if image.format == "TIFF":  # Pillow has turned it upright itself
        stored, orientation = image.size, 1
    found = _described(found, conversions, stored, orientation, image.mode in GREY_MODES)
    picture: Image.Image = image
    if deep := deep_of(image):
        found = replace(found, values=deep.values())
        picture = deep.image(ranges)
    return found, fit_picture(picture, fitting, stored, orientation) if fitting else None


def _decode_deep(
    tiff: DeepTiff, found: Finding, fitting: Fitting | None, ranges: Ranges
) -> tuple[Finding, NDArray[np.uint8] | None]:
    """The same for a TIFF that Pillow does not read."""
    stored = tiff.width, tiff.height
    found = replace(found, width=stored[0], height=stored[1], problem=wrong_size(*stored))
    if found.problem:
        return found, None
    deep = tiff.read()
    picture = deep.image(ranges)
    conversions = _misnamed(found.name, "TIFF")
    if tiff.several:
        conversions.append(FIRST)
    conversions.append(SIXTEEN if deep.kind == "16-bit" else WIDE)
    if tiff.orientation in UPRIGHT:
        conversions.append(TURNED)
    if note := profile_note(picture, plain_mode(picture)):
        conversions.append(note)
    if picture.has_transparency_data:
        conversions.append(_transparency(picture))
    found = _described(found, conversions, stored, tiff.orientation, tiff.grey)
    found = replace(found, values=deep.values())
    return found, fit_picture(picture, fitting, stored, tiff.orientation) if fitting else None


def _described(
    found: Finding,
    conversions: list[str],
    stored: tuple[int, int],
    orientation: int,
    grey: bool,
) -> Finding:
    width, height = stored if orientation < 5 else stored[::-1]
    return replace(found, conversions=tuple(conversions), width=width, height=height, grey=grey)


def wrong_size(width: int, height: int) -> str:
    """Why a picture of this size cannot be used, or ""."""
    if width * height > MOST_PIXELS:
        return BOMB
    if min(width, height) < SMALLEST_SIDE:
        return f"too small ({width}×{height}; both sides must be {SMALLEST_SIDE} or more)"
    return ""


def look(content: bytes) -> tuple[int, int, bool]:
    """Height, width, and whether it is grey, by a file's header. Raises nearly anything for what
    is no picture."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.height, image.width, image.mode in GREY_MODES
    except UnidentifiedImageError:
        if not is_tiff(content):
            raise
    with open_deep_tiff(content) as tiff:
        return tiff.height, tiff.width, tiff.grey


def _reduce(image: ImageFile.ImageFile, fitting: Fitting) -> None:
    """Have a large JPEG decoded at a reduced scale, many times faster."""
    if image.format not in ("JPEG", "MPO"):
        return
    where = place(fitting, *image.size)
    left, upper, right, lower = where.region
    wanted = (
        int(SPARE * where.size[0] * image.width / (right - left)),
        int(SPARE * where.size[1] * image.height / (lower - upper)),
    )
    image.draft(None, wanted)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # a damaged EXIF block does not make the picture unusable
        return 1


def _conversions(name: str, image: ImageFile.ImageFile) -> list[str]:
    """What a file needs to become plain grey or RGB, seen from its header."""
    told = _misnamed(name, "JPEG" if image.format == "MPO" else image.format or "")
    if getattr(image, "is_animated", False):
        told.append(FIRST)
    if _sixteen_bits(image):
        told.append(SIXTEEN)
    elif image.mode in ("I", "F"):
        told.append(WIDE)
    if image.mode == "CMYK":
        told.append(CMYK)
    elif image.mode in ("P", "PA"):
        told.append("palette made RGB")
    elif image.mode == "1":
        told.append("one bit made grey")
    elif image.mode in ("LAB", "HSV"):
        told.append(f"{image.mode} made RGB")
    return told


def _misnamed(name: str, actual: str) -> list[str]:
    promised = FORMATS.get(suffix(name))
    return [f"{actual}, though named {suffix(name)}"] if promised and actual != promised else []


def _sixteen_bits(image: ImageFile.ImageFile) -> bool:
    """Whether a picture's channels are stored with 16 bits, which RGB modes do not show."""
    if image.mode.startswith("I;16"):
        return True
    args = [tile.args for tile in image.tile]
    stored = [value if isinstance(value, str) else (value or [""])[0] for value in args]
    return image.format in ("PNG", "TIFF") and any(";16" in str(mode) for mode in stored)


def _colours_of_sixteen_bits(image: ImageFile.ImageFile) -> bool:
    """Whether Pillow gives the high bytes alone."""
    return not image.mode.startswith("I") and _sixteen_bits(image)


def _transparency(image: Image.Image) -> str:
    """What happens to the alpha channel of a loaded picture."""
    if image.mode.startswith("I"):
        return LAID
    lowest, _ = image.convert("RGBA").getchannel("A").getextrema()
    return "alpha channel dropped, all opaque" if lowest == 255 else LAID


def _reason(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if "truncated" in text.lower():
        return "truncated"
    return f"damaged ({text})"
