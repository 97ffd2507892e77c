"""Folders of pictures, and small runs as training leaves them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.generation.conftest import make_run, tiny_run
from zerosum.randomness import random_for

__all__ = ["make_run", "tiny_run"]


@pytest.fixture
def write_pictures(tmp_path: Path) -> Callable[..., Path]:
    """A function that fills a folder with PNGs of noise: name, count, size, grey or colour."""

    def write(
        name: str, count: int, side: int = 16, *, grey: bool = False, height: int = 0
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True, exist_ok=True)
        random = random_for(0, name)
        shape = (count, height or side, side) + (() if grey else (3,))
        for number, pixels in enumerate(random.integers(0, 256, shape, dtype=np.uint8)):
            Image.fromarray(pixels).save(folder / f"{number:03d}.png")
        return folder

    return write
