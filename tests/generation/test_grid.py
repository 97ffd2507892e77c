from pathlib import Path

import numpy as np
from PIL import Image

from zerosum.generation import grid, save_png


def numbered(count: int, channels: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Flat pictures of 3×4 pixels whose level is their number."""
    levels = np.arange(count, dtype=np.uint8).reshape(-1, 1, 1, 1)
    return np.broadcast_to(levels, (count, 3, 4, channels)).copy()


def test_pictures_stand_row_by_row_on_a_white_sheet() -> None:
    sheet = np.asarray(grid(numbered(5, 1), columns=3, padding=2))
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
