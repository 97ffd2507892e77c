"""Resizing by two matrix products is the resizing that it stands for."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

from zerosum.evaluation.extractors.resize import resized
from zerosum.randomness import random_for

SIZES = [(32, 32), (28, 28), (1, 1), (64, 48), (299, 299), (218, 178), (300, 512)]


def pictures(height: int, width: int, channels: int = 3) -> NDArray[np.uint8]:
    shape = (2, height, width, channels)
    return random_for(0, "pictures", *shape).integers(0, 256, shape, dtype=np.uint8)


def checkerboard(side: int) -> NDArray[np.uint8]:
    board = (np.indices((side, side)).sum(0) % 2 * 255).astype(np.uint8)
    return np.repeat(board[None, :, :, None], 3, axis=3)


def by_torch_fidelity(images: NDArray[np.uint8], side: int) -> torch.Tensor:
    planes = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    large: torch.Tensor = interpolate_bilinear_2d_like_tensorflow1x(
        planes, size=(side, side), align_corners=False
    )
    return large


def by_pillow(image: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    planes = [
        np.asarray(
            Image.fromarray(plane.astype(np.float32)).resize((side, side), Image.Resampling.BICUBIC)
        )
        for plane in image.transpose(2, 0, 1)
    ]
    return np.stack(planes).clip(0, 255)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_tf1_is_the_resizing_of_torch_fidelity(height: int, width: int) -> None:
    images = pictures(height, width)
    found = resized(torch.from_numpy(images), 299, "tf1")
    assert found.shape == (2, 3, 299, 299) and found.dtype == torch.float32
    assert (found - by_torch_fidelity(images, 299)).abs().max() < 1e-3


def test_tf1_is_exact_on_the_hardest_picture() -> None:
    images = checkerboard(32)
    found = resized(torch.from_numpy(images), 299, "tf1")
    assert (found - by_torch_fidelity(images, 299)).abs().max() < 1e-3


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("side", [224, 299])
def test_clean_is_pillows_bicubic_filter_in_floating_point(
    height: int, width: int, side: int
) -> None:
    images = pictures(height, width)
    found = resized(torch.from_numpy(images), side, "clean").numpy()
    wanted = np.stack([by_pillow(image, side) for image in images])
    assert np.abs(found - wanted).max() < 2e-3


def test_clean_clips_what_the_filter_overshoots_and_does_not_round() -> None:
    found = resized(torch.from_numpy(checkerboard(8)), 64, "clean")
    assert found.min() == 0 and found.max() == 255
    assert (found != found.round()).any()


@pytest.mark.parametrize("resize", ["tf1", "clean"])
def test_grey_is_repeated(resize: str) -> None:
    grey = torch.from_numpy(pictures(28, 28, 1))
    colour = grey.expand(-1, -1, -1, 3)
    found = resized(grey, 299, resize)  # type: ignore[arg-type]
    assert torch.equal(found, resized(colour, 299, resize))  # type: ignore[arg-type]
    assert found.is_contiguous(memory_format=torch.channels_last)


def test_shrinking_averages_only_where_it_is_clean() -> None:
    """What Parmar et al. 2022 are about: a fine pattern that must become grey."""
    fine = torch.from_numpy(checkerboard(512))
    clean, tf1 = (resized(fine, 224, resize) for resize in ("clean", "tf1"))
    assert clean[:, :, 8:-8, 8:-8].std() < 10
    assert tf1.std() > 40
