"""Fifty training digits among a thousand generated ones are found, flipped, shifted or not."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from zerosum.evaluation.copy_count import count_copies
from zerosum.evaluation.images import Images

Pixels = NDArray[np.uint8]


@pytest.fixture
def digits(real_data: Path) -> Pixels:
    """3,200 digits of MNIST, (3200, 28, 28, 1)."""
    with gzip.open(real_data / "mnist" / "train-images-idx3-ubyte.gz") as file:
        content = file.read(16 + 3200 * 28 * 28)
    return np.frombuffer(content, np.uint8, offset=16).reshape(-1, 28, 28, 1)


def as_images(pixels: Pixels, name: str) -> Images:
    return Images(
        name, len(pixels), pixels.shape[1:], name, lambda first, n: pixels[first : first + n]
    )


@pytest.mark.real
@pytest.mark.parametrize(("flipped", "shift"), [(False, 0), (True, 0), (False, 2), (True, -1)])
def test_fifty_memorised_digits_of_a_thousand_are_found(
    flipped: bool, shift: int, digits: Pixels
) -> None:
    train, held_out, others = digits[:2000], digits[2000:2250], digits[2250:3200]
    copies = np.roll(train[300:350], (shift, shift), (1, 2))
    fake = np.concatenate([others, copies[:, :, ::-1] if flipped else copies])
    found = count_copies(
        as_images(fake, "fake"), as_images(train, "train"), as_images(held_out, "held out"),
        lambda *_: None,
    )  # fmt: skip
    assert found.generated.copies[950:].all()
    assert found.generated.rows[950:].tolist() == list(range(300, 350))
    assert found.verdict().startswith("some are copies: 5")


@pytest.mark.real
def test_other_real_digits_are_not_called_copies(digits: Pixels) -> None:
    train, held_out, others = digits[:2000], digits[2000:2250], digits[2250:3200]
    clean = count_copies(
        as_images(others, "others"), as_images(train, "train"), as_images(held_out, "held out"),
        lambda *_: None,
    )  # fmt: skip
    assert clean.verdict().startswith("does not look copied")
