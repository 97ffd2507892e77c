"""Pictures of any shape become squares of one size, each in its own way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from zerosum.data.fit import Fit, Fitting, fit_picture, place


def fitted(pixels: NDArray[np.uint8], fitting: Fitting) -> NDArray[np.uint8]:
    image = Image.fromarray(pixels)
    return fit_picture(image, fitting, image.size, 1)


def test_crop_keeps_the_largest_centred_square() -> None:
    pixels = np.zeros((16, 48), np.uint8)
    pixels[:, 16:32] = 200
    result = fitted(pixels, Fitting(16, 1, "crop"))
    np.testing.assert_array_equal(result, np.full((16, 16, 1), 200))


def test_squash_keeps_everything() -> None:
    pixels = np.zeros((32, 64), np.uint8)
    pixels[:, 32:] = 200
    result = fitted(pixels, Fitting(16, 1, "squash"))
    assert (result[:, :7].max(), result[:, 9:].min()) == (0, 200)


def test_box_takes_its_pixels_from_the_centre() -> None:
    pixels = np.zeros((218, 178, 3), np.uint8)
    pixels[109 - 64 : 109 + 64, 89 - 64 : 89 + 64] = 200
    # The filter's support reaches beyond the box by two of the new pixels' widths.
    assert fitted(pixels, Fitting(16, 3, "box", 96)).min() == 200
    assert fitted(pixels, Fitting(16, 3, "box", 178)).min() == 0


def test_a_box_larger_than_the_picture_is_a_crop() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60), dtype=np.uint8)
    box, crop = Fitting(16, 1, "box", 100), Fitting(16, 1, "crop")
    np.testing.assert_array_equal(fitted(pixels, box), fitted(pixels, crop))


@pytest.mark.parametrize(
    ("source", "resolution", "inner"),
    [
        ((28, 28), 32, (28, 28)),  # digits get a margin of 2
        ((28, 28), 64, (64, 64)),  # less than half: enlarged
        ((100, 50), 64, (64, 32)),  # larger: shrunk
        ((40, 20), 64, (40, 20)),
        ((32, 32), 32, (32, 32)),
        ((1200, 8), 16, (16, 1)),  # never vanishes
    ],
)
def test_pad_shrinks_and_enlarges_only_where_it_must(
    source: tuple[int, int], resolution: int, inner: tuple[int, int]
) -> None:
    fitting = Fitting(resolution, 1, "pad")
    assert place(fitting, *source).size == inner
    result = fitted(np.full(source[::-1], 255, np.uint8), fitting)[..., 0]
    left, upper = (resolution - inner[0]) // 2, (resolution - inner[1]) // 2
    expected = np.zeros((resolution, resolution))
    expected[upper : upper + inner[1], left : left + inner[0]] = 255
    np.testing.assert_array_equal(result, expected)


def test_shrinking_is_antialiased() -> None:
    stripes = np.zeros((64, 64), np.uint8)
    stripes[:, ::2] = 255
    result = fitted(stripes, Fitting(16, 1, "squash"))
    assert np.abs(result.astype(int) - 128).max() < 20


def test_a_picture_of_the_right_size_is_not_touched() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    for fit in ("crop", "pad", "squash"):
        np.testing.assert_array_equal(fitted(pixels, Fitting(32, 3, fit)), pixels)


def test_an_odd_margin_moves_the_crop_by_whole_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 35, 3), dtype=np.uint8)
    np.testing.assert_array_equal(fitted(pixels, Fitting(32, 3, "crop")), pixels[:, 1:33])


@given(
    st.integers(8, 70),
    st.integers(8, 70),
    st.sampled_from([16, 32]),
    st.sampled_from([1, 3]),
    st.sampled_from(["crop", "pad", "squash", "box"]),
    st.integers(1, 80),
    st.integers(1, 8),
)
def test_every_picture_becomes_a_square_of_the_right_shape(
    width: int, height: int, side: int, channels: int, fit: Fit, box: int, orientation: int
) -> None:
    image = Image.new("RGB", (width, height), (250, 250, 250))
    result = fit_picture(image, Fitting(side, channels, fit, box), image.size, orientation)
    assert (result.shape, result.dtype) == ((side, side, channels), np.dtype(np.uint8))
    assert result[side // 2, side // 2].min() == 250
