"""Pictures of any shape are brought to one size, each in its own way."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from zerosum.data.fit import Fit, Fitting, fit_picture, place
from zerosum.recipe.image_size import parse_size


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


def test_what_is_not_square_is_fitted_to_its_own_proportions() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 96, 1), dtype=np.uint8)
    middle = fitted(pixels[..., 0], Fitting("16x32", 1, "crop"))
    np.testing.assert_array_equal(middle, pixels[:, 40:56])
    lying = fitted(pixels[..., 0], Fitting("48x16", 1, "crop"))
    np.testing.assert_array_equal(lying, fitted(pixels[..., 0], Fitting("48x16", 1, "squash")))
    assert place(Fitting("32x16", 1, "box", 10), 60, 20).region == (20, 5, 40, 15)
    assert place(Fitting("32x16", 1, "box", 99), 60, 20).region == (10, 0, 50, 20)
    padded = fitted(np.full((40, 40), 255, np.uint8), Fitting("32x16", 1, "pad"))[..., 0]
    assert (padded[:, 8:24] == 255).all() and padded.sum() == 255 * 16 * 16


@given(st.integers(8, 900), st.integers(8, 900), st.integers(16, 256), st.integers(16, 256))
@example(600, 900, 64, 112)
@example(4000, 3000, 160, 176)
@example(70, 97, 80, 112)
def test_the_crop_is_the_largest_centred_part_of_the_wanted_proportions(
    width: int, height: int, across: int, down: int
) -> None:
    left, upper, right, lower = place(Fitting(f"{across}x{down}", 3, "crop"), width, height).region
    used = right - left, lower - upper
    assert used[0] / used[1] == pytest.approx(across / down)
    assert used[0] == pytest.approx(width) or used[1] == pytest.approx(height)
    assert left >= 0 and upper >= 0 and right <= width and lower <= height
    assert abs(left + right - width) <= 1 and abs(upper + lower - height) <= 1


def test_a_crop_that_would_reach_beyond_the_picture_by_rounding_stays_within() -> None:
    for size in ("64x112", "112x48"):
        assert (fitted(np.full((900, 600), 255, np.uint8), Fitting(size, 1, "crop")) == 255).all()


def test_a_picture_that_is_stored_lying_is_turned_before_its_shape_counts() -> None:
    # No value is black or white: the two passes of the filter would cut it in another order.
    stored = np.random.default_rng(0).integers(96, 160, (24, 36, 3), dtype=np.uint8)
    image, turned = Image.fromarray(stored), Image.fromarray(np.rot90(stored, -1))
    for fit in ("crop", "pad", "squash"):
        fitting = Fitting("16x32", 3, fit)
        by_exif = fit_picture(image, fitting, image.size, 6)
        upright = fit_picture(turned, fitting, turned.size, 1)
        assert np.abs(by_exif.astype(int) - upright).max() <= 1, fit


@given(
    st.integers(8, 70),
    st.integers(8, 70),
    st.sampled_from([16, 32, "16x24", "32x16"]),
    st.sampled_from([1, 3]),
    st.sampled_from(["crop", "pad", "squash", "box"]),
    st.integers(1, 80),
    st.integers(1, 8),
)
def test_every_picture_gets_the_right_shape(
    width: int,
    height: int,
    resolution: int | str,
    channels: int,
    fit: Fit,
    box: int,
    orientation: int,
) -> None:
    image = Image.new("RGB", (width, height), (250, 250, 250))
    fitting = Fitting(resolution, channels, fit, box)
    result = fit_picture(image, fitting, image.size, orientation)
    across, down = parse_size(resolution).sides
    assert (result.shape, result.dtype) == ((down, across, channels), np.dtype(np.uint8))
    assert result[down // 2, across // 2].min() == 250
