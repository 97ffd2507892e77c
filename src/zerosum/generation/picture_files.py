"""A picture's file as pixels, and the file of a picture that keeps what the first one had."""

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace

from PIL import Image, ImageOps

from zerosum.data.check import CMYK, FIRST, SIXTEEN, WIDE, Finding, examine
from zerosum.data.fit import GREY_MODES, flatten
from zerosum.data.grid import png_bytes
from zerosum.data.sources.source import File

LOSSES = (SIXTEEN, WIDE, CMYK, FIRST)
"""The conversions (of `Finding.conversions`) after which a picture is less than its file was."""
PROFILES = {"L": b"GRAY", "RGB": b"RGB "}
"""What an ICC profile says in its bytes 16 to 19 that it is for."""


@dataclass(frozen=True)
class Picture:
    """An upright picture of mode "L" or "RGB", its transparency ("L" of the same size) where it
    has one, and its ICC profile (b"": none)."""

    image: Image.Image
    alpha: Image.Image | None = None
    profile: bytes = b""


def open_picture(file: File) -> tuple[Finding, Picture | None]:
    """Decode a file at its full size; None where the finding tells why it cannot be.

    Judged as images to train on are (`data.check`): a file that is damaged, of more than 89 million
    pixels, or smaller than 8 pixels has a problem. Then decoded again, to keep what training does
    not need: a transparent picture's colours and transparency apart.
    """
    found, _ = examine(file, None)
    if found.problem:
        return found, None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as when it was examined
        try:
            with Image.open(io.BytesIO(file.content)) as image:
                return found, _picture(image)
        except Exception as error:  # values that are not finite, or hardly any memory
            return replace(found, problem=f"damaged ({str(error) or type(error).__name__})"), None


def _picture(image: Image.Image) -> Picture:
    profile = image.info.get("icc_profile") or b""
    image.load()
    upright = _upright(image)
    mode = "L" if upright.mode in GREY_MODES else "RGB"
    alpha = None
    # Pillow cannot convert wide greys with a transparent value; `flatten` takes them as opaque.
    if upright.has_transparency_data and not upright.mode.startswith(("I", "F")):
        with_alpha = upright.convert("RGBA")
        alpha = with_alpha.getchannel("A")
        upright = with_alpha.convert("RGB")  # its colours as they are, also where they are hidden
    upright.info.pop("icc_profile", None)  # the restored picture gets it, with the colours as here
    return Picture(flatten(upright, 1 if mode == "L" else 3), alpha, profile)


def _upright(image: Image.Image) -> Image.Image:
    """As the EXIF orientation wants it."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # a damaged EXIF block does not make the picture unusable
        return image


def picture_png(picture: Picture, text: Mapping[str, str]) -> bytes:
    """The picture as a PNG with text fields, its transparency, and a profile of its kind."""
    image = picture.image.copy()
    if picture.alpha is not None:
        image.putalpha(picture.alpha)
    image.info = {}
    if picture.profile[16:20] == PROFILES[picture.image.mode]:
        image.info["icc_profile"] = picture.profile
    return png_bytes(image, text)
