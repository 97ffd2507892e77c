"""The film of a training: its sheets of samples, from the first to the last."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zerosum.data.grid import enlarged
from zerosum.data.png import open_png
from zerosum.errors import ZerosumError
from zerosum.generation.movies import padded, write_movie
from zerosum.records.run import RunFolder, training_sheets


def write_film(run: RunFolder, out: Path | None = None, frames_per_second: float = 10.0) -> Path:
    """Write RUN/samples/NNNNNNNNN.png, in the order of training, as a film; returns its path.

    `out` is RUN/samples/film.mp4 unless given; a name in .gif makes a GIF. Raises ZerosumError when
    there are no sheets, one cannot be read, or the film cannot be written.
    """
    run.require()
    sheets = training_sheets(run)
    if not sheets:
        raise ZerosumError(
            f"there are no training samples in {run.samples}",
            "train the run first: one sheet is saved every schedule.sample_every images",
        )
    path = out or run.samples / "film.mp4"
    write_movie(_frames(sheets), path, frames_per_second)
    return path


def _frames(sheets: list[Path]) -> Iterator[NDArray[np.uint8]]:
    """The sheets as RGB frames of one size, one in memory at a time. One that was saved smaller is
    enlarged by a whole number, as in a run that an earlier version began."""
    sizes = []
    for path in sheets:
        with _opened(path) as image:
            sizes.append(image.size)
    width, height = (max(sides) for sides in zip(*sizes, strict=True))
    for path in sheets:
        with _opened(path) as image:
            scale = min(height // image.height, width // image.width)
            yield padded(enlarged(np.asarray(image.convert("RGB")), scale), height, width)


def _opened(path: Path) -> Image.Image:
    try:
        return open_png(path)
    except (OSError, ValueError) as error:
        raise ZerosumError(
            f"{path} cannot be read as a picture", "delete it and make the film again"
        ) from error
