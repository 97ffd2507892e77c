"""What is done to pictures that a generator learns to restore: blur, noise, holes, JPEG.

fastai's restoration GAN shrinks a picture, draws the number of its JPEG quality into the upper left
quarter, compresses it, and enlarges it when it is read; here it is enlarged first, and the number
may be anywhere. Colours taken away, holes and noise are damages of the same kind.
"""

import functools
import io
from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from zerosum.data.batches import to_device
from zerosum.data.own_damage import damaged_by
from zerosum.randomness import random_for
from zerosum.recipe.damage import DamageSettings

SMALLEST = 4
"""Pixels of a shrunk picture's shorter side, at least."""


def damage_batch(images: Tensor, settings: DamageSettings, seed: int, first: int) -> Tensor:
    """Damaged copies of images `first` to `first + n - 1` of the training's stream.

    Both are float32 (n, C, H, W) in [-1, 1], on the same device, channels-last. What happens to
    image number k is a function of (seed, k): neither the batch size nor the number of devices
    changes it, and in the next epoch the same picture has another k. Pillow does it, on the
    processor.
    """
    levels = ((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    pixels = levels.permute(0, 2, 3, 1).cpu().numpy()
    numbers = range(first, first + len(pixels))
    damaged = _damage_each(pixels, settings, seed, "damage", numbers)
    back = to_device(torch.from_numpy(damaged), images.device).permute(0, 3, 1, 2)
    return back.to(torch.float32).div_(127.5).sub_(1).contiguous(memory_format=torch.channels_last)


def damage_held_out(
    pixels: NDArray[np.uint8], settings: DamageSettings, seed: int, numbers: Iterable[int]
) -> NDArray[np.uint8]:
    """Damaged copies of the held-out pictures of these n numbers, uint8 (n, H, W, C).

    Always the same damage for the same picture: restorations of different checkpoints can be laid
    side by side.
    """
    return _damage_each(pixels, settings, seed, "damage held out", numbers)


def _damage_each(
    pixels: NDArray[np.uint8],
    settings: DamageSettings,
    seed: int,
    purpose: str,
    numbers: Iterable[int],
) -> NDArray[np.uint8]:
    return np.stack(
        [
            damage_picture(picture, settings, random_for(seed, purpose, int(number)))
            for picture, number in zip(pixels, numbers, strict=True)
        ]
    )


def damage_picture(
    pixels: NDArray[np.uint8], settings: DamageSettings, random: np.random.Generator
) -> NDArray[np.uint8]:
    """One damaged copy of a picture, uint8 (H, W, C) with C = 1 or 3, any size.

    Whatever is set, each kind of damage takes the same draws, so that a change of one leaves the
    others as they were.
    """
    chances = random.random(6)
    factor = random.uniform(*settings.shrink_factor)
    strength = random.uniform(*settings.noise_strength)
    hole = random.random(3)
    number = random.random(3)
    quality = int(random.integers(settings.jpeg_quality[0], settings.jpeg_quality[1] + 1))
    noise_seed = int(random.integers(2**63))
    own_seed = int(random.integers(2**63))
    for damage in settings.functions:
        pixels = damaged_by(damage, pixels, random_for(own_seed, f"damage {damage.name}"))
    channels = pixels.shape[2]
    picture = Image.fromarray(pixels if channels == 3 else pixels[..., 0])
    if chances[0] < settings.shrink:
        picture = _shrunk(picture, factor)
    if chances[1] < settings.grey:
        picture = picture.convert("L").convert(picture.mode)
    if chances[2] < settings.noise:
        picture = _noisy(picture, strength, noise_seed)
    if chances[3] < settings.hole:
        low, high = settings.hole_side
        _cut_hole(picture, low + (high - low) * hole[0], (hole[1], hole[2]))
    if chances[4] < settings.number:
        # The number tells the quality, as in fastai's lesson, where the picture is compressed.
        _draw_number(picture, str(quality), (number[0], number[1]), number[2])
    if chances[5] < settings.jpeg:
        picture = _compressed(picture, quality)
    result = np.asarray(picture, dtype=np.uint8)
    return result if channels == 3 else result[..., None]


def _shrunk(picture: Image.Image, factor: float) -> Image.Image:
    """Shrunk by the factor (antialiased) and enlarged again, both bilinear."""
    small = tuple(max(SMALLEST, round(side / factor)) for side in picture.size)
    bilinear = Image.Resampling.BILINEAR
    return picture.resize((small[0], small[1]), bilinear).resize(picture.size, bilinear)


def _noisy(picture: Image.Image, strength: float, seed: int) -> Image.Image:
    pixels = np.asarray(picture, dtype=np.float32)
    noise = np.random.default_rng(seed).standard_normal(pixels.shape, dtype=np.float32)
    noisy = np.rint(pixels + 255 * strength * noise).clip(0, 255)
    return Image.fromarray(noisy.astype(np.uint8))


def _cut_hole(picture: Image.Image, share: float, place: tuple[float, float]) -> None:
    side = max(1, round(share * min(picture.size)))
    left, upper = (round(at * (size - side)) for at, size in zip(place, picture.size, strict=True))
    middle = 128 if picture.mode == "L" else (128, 128, 128)
    ImageDraw.Draw(picture).rectangle((left, upper, left + side - 1, upper + side - 1), fill=middle)


def _draw_number(
    picture: Image.Image, text: str, place: tuple[float, float], chance: float
) -> None:
    """White digits, a sixth to a third of the picture high."""
    height = max(8, round(min(picture.size) * (1 + chance) / 6))
    font = _font(height)
    pen = ImageDraw.Draw(picture)
    left, upper, right, lower = pen.textbbox((0, 0), text, font=font)
    at = [
        round(share * max(0, side - (end - start))) - start
        for share, side, start, end in zip(
            place, picture.size, (left, upper), (right, lower), strict=True
        )
    ]
    pen.text((at[0], at[1]), text, font=font, fill=255 if picture.mode == "L" else (255, 255, 255))


@functools.cache
def _font(height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font: unpacking it takes longer than all the rest of the damage."""
    return ImageFont.load_default(height)


def _compressed(picture: Image.Image, quality: int) -> Image.Image:
    content = io.BytesIO()
    picture.save(content, format="JPEG", quality=quality)
    with Image.open(content) as opened:
        opened.load()
        return opened
