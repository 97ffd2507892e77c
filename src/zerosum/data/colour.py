"""Embedded colour profiles: colours as they are meant → sRGB, by LittleCMS in Pillow."""

import functools
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms

BROKEN = "broken colour profile ignored"
FOREIGN = "colour profile of another kind of picture ignored"
SAME = 1
"""Levels of 255: a profile that changes no colour by more is sRGB."""
NAME_LENGTH = 60
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""Pillow's mode of what a profile is for."""


@dataclass(frozen=True)
class Conversion:
    """What is done for a profile: a transform to RGB of pictures of a mode, or nothing (None);
    and what to tell of it ("": nothing)."""

    mode: str
    transform: ImageCms.ImageCmsTransform | None
    note: str


def profile_of(image: Image.Image) -> bytes:
    """The ICC profile that came with a picture, or b""."""
    return image.info.get("icc_profile") or b""


def profile_note(image: Image.Image, mode: str) -> str:
    """What becomes of a picture's profile, in words; "" where nothing does. `mode` is "L", "RGB"
    or "CMYK": what the picture is but for palettes and transparency."""
    profile = profile_of(image)
    return _conversion(profile, mode).note if profile else ""


def in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """A picture of mode "L", "RGB" or "CMYK" → "RGB" in sRGB, as its profile says; unchanged where
    it has none, a broken one, or one that says sRGB already."""
    if not profile:
        return image
    conversion = _conversion(profile, image.mode)
    if conversion.transform is None:
        return image
    converted = ImageCms.applyTransform(image.convert(conversion.mode), conversion.transform)
    assert converted is not None
    return converted


@functools.lru_cache(maxsize=32)
def _conversion(profile: bytes, mode: str) -> Conversion:
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        meant = MODES.get(opened.profile.xcolor_space.strip(), "")
        if meant != mode and (mode, meant) != ("L", "RGB"):
            return Conversion(mode, None, FOREIGN)
        transform = ImageCms.buildTransform(
            opened,
            ImageCms.createProfile("sRGB"),
            meant,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        if _changes_little(transform, meant):
            return Conversion(mode, None, "")
        return Conversion(meant, transform, f"colours converted from {_name(opened)} to sRGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return Conversion(mode, None, BROKEN)


def _changes_little(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether no colour of a fine grid moves by more than rounding does."""
    if mode == "CMYK":
        return False
    steps = np.arange(0, 256, 15 if mode == "RGB" else 1, dtype=np.uint8)
    axes = [steps] * (3 if mode == "RGB" else 1)
    colours = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(len(steps), -1, len(axes))
    image = Image.fromarray(colours if mode == "RGB" else colours[..., 0])
    after = np.asarray(ImageCms.applyTransform(image, transform), dtype=int)
    return bool(np.abs(after - np.broadcast_to(colours, after.shape)).max() <= SAME)


def _name(profile: ImageCms.ImageCmsProfile) -> str:
    text = ImageCms.getProfileDescription(profile)
    plain = "".join(letter for letter in text if letter.isprintable()).strip()
    return plain[:NAME_LENGTH] or "a profile without a name"
