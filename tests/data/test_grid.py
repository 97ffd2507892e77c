from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from zerosum.data.grid import (
    FRAME,
    SEEN_WELL,
    WIDEST,
    as_image,
    blank_sheet,
    enlarged,
    framed,
    grid,
    own_size,
    place,
    save_png,
    scale_field,
    usual_scale,
)


def numbered(count: int, channels: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Flat pictures of 3×4 pixels whose level is their number."""
    levels = np.arange(count, dtype=np.uint8).reshape(-1, 1, 1, 1)
    return np.broadcast_to(levels, (count, 3, 4, channels)).copy()


def test_pictures_stand_row_by_row_on_a_white_sheet() -> None:
    sheet = np.asarray(grid(numbered(5, 1), columns=3))
    assert sheet.shape == (2 * 5 + 2, 3 * 6 + 2)
    for number in range(5):
        row, column = divmod(number, 3)
        cell = sheet[2 + row * 5 : 5 + row * 5, 2 + column * 6 : 6 + column * 6]
        assert (cell == number).all()
    assert (sheet[7:, 14:] == 255).all(), "the place of a sixth picture stays white"
    assert (sheet[:2] == 255).all()


def test_a_sheet_is_about_square_and_keeps_colours() -> None:
    colours = numbered(10, 3)
    colours[:, :, :, 1] = 200
    sheet = grid(colours)
    assert sheet.mode == "RGB"
    assert sheet.size == (4 * 6 + 2, 3 * 5 + 2)
    assert sheet.getpixel((2, 2)) == (0, 200, 0)


def test_a_png_carries_its_text_fields_in_any_script(tmp_path: Path) -> None:
    fields = {"run": "Gesichter-größer-顔", "checkpoint": "000200000", "seed": "0"}
    save_png(grid(numbered(1, 3)), tmp_path / "one.png", fields)
    with Image.open(tmp_path / "one.png") as image:
        assert dict(image.info) == fields
    assert [path.name for path in tmp_path.iterdir()] == ["one.png"]


@given(st.integers(1, 300), st.integers(1, 60), st.integers(1, 60))
def test_small_pictures_are_enlarged_unasked_and_sheets_stay_bearable(
    side: int, rows: int, columns: int
) -> None:
    sheet = (rows * (side + 2) + 2, columns * (side + 2) + 2)
    scale = usual_scale((side, side, 3), sheet)
    assert scale >= 1
    if scale > 1:
        assert side * scale <= SEEN_WELL and scale * max(sheet) <= WIDEST


def test_digits_are_enlarged_three_times_and_faces_are_not() -> None:
    assert usual_scale((28, 28, 1), (242, 242)) == usual_scale((32, 32, 1), (274, 274)) == 3
    assert usual_scale((64, 64, 3), (530, 530)) == 1
    assert usual_scale((96, 32, 3), (250, 250)) == 1, "by the longer side"


@given(st.integers(1, 9), st.sampled_from([1, 3]))
def test_an_enlarged_sheet_is_the_same_in_larger_pixels(scale: int, channels: int) -> None:
    sheet = np.atleast_3d(np.asarray(grid(numbered(5, channels), columns=3)))
    large = enlarged(sheet, scale)
    for down in range(scale):
        assert np.array_equal(large[down::scale, scale - 1 - down :: scale], sheet)
    image = as_image(large)
    image.text = scale_field(scale)  # type: ignore[attr-defined]
    assert np.array_equal(np.atleast_3d(np.asarray(own_size(image))), sheet)


def test_frames_stand_in_the_white_and_leave_every_picture_as_it_is() -> None:
    pictures = numbered(6, 1)
    sheet = blank_sheet(6, 3, pictures.shape[1:])
    place(sheet, pictures, 0, 3)
    marked = framed(sheet, [1, 4], 3, pictures.shape[1:])
    changed = (marked != sheet).any(2)
    assert (sheet[changed] == 255).all() and (marked[changed] == FRAME).all()
    assert changed[0:2, 6:14].all() and not changed[:, :6].any() and not changed[:, 14:].any()
