"""One file's bytes → pixels, or the reason why not, and what had to be converted."""

import hashlib
import io
import struct
import warnings
import zlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

from zerosum.data.fit import UPRIGHT, Fitting, fit_picture, place
from zerosum.data.sources.source import FORMATS, File, suffix

SMALLEST_SIDE = 8  # pixels
MOST_PIXELS = 89_478_485  # Pillow's own limit: a quarter of a gigabyte as RGB
BOMB = f"decompression bomb (over {MOST_PIXELS // 10**6} million pixels)"
ORIENTATION = 0x0112  # the EXIF tag
# A JPEG is decoded at a half, a quarter or an eighth of its size when that leaves at least this
# many times the pixels that are wanted along each side. Measured on 256-pixel photographs brought
# to 64: with 2 the pixels differ by 0.6 of 255 on average from a full decoding, with 1 by 1.7.
SPARE = 2
GREY_MODES = ("1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L", "I;16N")
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Finding:
    """What was found in one file.

    `problem` is "" for a usable image; `ignored` tells a file that never claimed to be one.
    `width` and `height` are those of the upright picture, 0 when unknown; `grey` tells a picture
    without colour channels; `digest` is that of the bytes, "" when it was not asked for.
    """

    name: str
    problem: str = ""
    conversions: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    grey: bool = False
    digest: str = ""
    ignored: bool = False


def examine(file: File, fitting: Fitting | None) -> tuple[Finding, NDArray[np.uint8] | None]:
    """Decode one file.

    With a `fitting`: the fitted pixels, uint8 (resolution, resolution, channels), or None when
    the file is no usable image. Without one: the whole picture is decoded at its full size, only
    to see whether it can be, and the digest is filled in.
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
            _require_intact_png(file.content)
            with Image.open(io.BytesIO(file.content)) as image:
                return _decode(image, found, fitting)
        except UnidentifiedImageError:
            ignored = suffix(file.name) == ""
            return replace(found, problem="not an image", ignored=ignored), None
        except Image.DecompressionBombError:
            return replace(found, problem=BOMB), None
        except Exception as error:  # Pillow's decoders raise nearly anything on damaged bytes
            return replace(found, problem=_reason(error)), None


def _decode(
    image: ImageFile.ImageFile, found: Finding, fitting: Fitting | None
) -> tuple[Finding, NDArray[np.uint8] | None]:
    width, height = stored = image.size
    found = replace(found, width=width, height=height)
    if width * height > MOST_PIXELS:
        return replace(found, problem=BOMB), None
    if min(stored) < SMALLEST_SIDE:
        problem = f"too small ({width}×{height}; both sides must be {SMALLEST_SIDE} or more)"
        return replace(found, problem=problem), None
    conversions = _conversions(found.name, image)
    orientation = _orientation(image)
    if orientation in UPRIGHT:
        conversions.append("turned upright (EXIF)")
    if fitting:
        _reduce(image, fitting)
    image.load()
    if image.has_transparency_data:
        conversions.append(_transparency(image))
    if image.format == "TIFF":  # Pillow has turned it upright itself
        stored, orientation = image.size, 1
    width, height = stored if orientation < 5 else stored[::-1]
    found = replace(
        found,
        conversions=tuple(conversions),
        width=width,
        height=height,
        grey=image.mode in GREY_MODES,
    )
    return found, fit_picture(image, fitting, stored, orientation) if fitting else None


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
    told = []
    promised = FORMATS.get(suffix(name))
    actual = "JPEG" if image.format == "MPO" else image.format
    if promised and actual != promised:
        told.append(f"{actual}, though named {suffix(name)}")
    if getattr(image, "is_animated", False):
        told.append("first frame of several")
    if _sixteen_bits(image):
        told.append("16 bits made 8")
    elif image.mode in ("I", "F"):
        told.append("wide grey values made 8 bits")
    if image.mode == "CMYK":
        told.append("CMYK made RGB")
    elif image.mode in ("P", "PA"):
        told.append("palette made RGB")
    elif image.mode == "1":
        told.append("one bit made grey")
    elif image.mode in ("LAB", "HSV"):
        told.append(f"{image.mode} made RGB")
    return told


def _sixteen_bits(image: ImageFile.ImageFile) -> bool:
    """Whether a picture's channels are stored with 16 bits, which RGB modes do not show."""
    if image.mode.startswith("I;16"):
        return True
    args = [tile.args for tile in image.tile]
    stored = [value if isinstance(value, str) else (value or [""])[0] for value in args]
    return image.format in ("PNG", "TIFF") and any(";16" in str(mode) for mode in stored)


def _transparency(image: Image.Image) -> str:
    """What happens to the alpha channel of a loaded picture."""
    lowest, _ = image.convert("RGBA").getchannel("A").getextrema()
    return "alpha channel dropped, all opaque" if lowest == 255 else "transparency laid on white"


def _require_intact_png(content: bytes) -> None:
    """Raise ValueError when a PNG's checksums are wrong: Pillow does not look at the pixels'."""
    if not content.startswith(PNG_SIGNATURE):
        return
    start = len(PNG_SIGNATURE)
    while start + 12 <= len(content):  # length, kind, data, checksum
        length, kind = struct.unpack_from(">I4s", content, start)
        end = start + 8 + length
        if content[end : end + 4] != zlib.crc32(content[start + 4 : end]).to_bytes(4):
            raise ValueError("truncated" if end + 4 > len(content) else "checksum is wrong")
        if kind == b"IEND":
            return
        start = end + 4
    raise ValueError("truncated")


def _reason(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if "truncated" in text.lower():
        return "truncated"
    return f"damaged ({text})"
