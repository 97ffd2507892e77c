"""Frames as a film: MP4 (H.264, which every player and browser shows) or GIF."""

import contextlib
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zerosum.data.grid import WHITE, as_image
from zerosum.errors import ZerosumError
from zerosum.files import require_suffix
from zerosum.generation.output import staged_file

MOVIES = (".mp4", ".gif")


def write_movie(frames: Iterable[NDArray[np.uint8]], path: Path, frames_per_second: float) -> None:
    """Write frames, each (H, W, C) uint8 of one size, to `path`: MP4 or GIF by its suffix.

    Frames are taken one by one; an MP4 takes constant memory, a GIF a byte per pixel and frame.
    Raises ZerosumError for another suffix, or when the film cannot be written.
    """
    suffix = require_suffix(path, MOVIES)
    with staged_file(path) as beside:
        if suffix == ".gif":
            _write_gif(frames, beside, frames_per_second)
        else:
            _write_mp4(frames, beside, frames_per_second)


def padded(frame: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The frame (H, W, C) with white added at the right and below, up to that size."""
    missing = ((0, height - frame.shape[0]), (0, width - frame.shape[1]), (0, 0))
    return np.pad(frame, missing, constant_values=WHITE)


def _write_gif(frames: Iterable[NDArray[np.uint8]], path: Path, frames_per_second: float) -> None:
    images: Iterator[Image.Image] = map(as_image, frames)
    next(images).save(
        path,
        save_all=True,
        append_images=images,
        duration=round(1000 / frames_per_second),
        loop=0,
    )


def _write_mp4(frames: Iterable[NDArray[np.uint8]], path: Path, frames_per_second: float) -> None:
    import imageio.v2 as imageio

    _require_ffmpeg()
    frames = iter(frames)
    first = next(frames)
    # H.264 with halved colour resolution needs even sides. Padding keeps the pixels as they are,
    # where imageio's macro_block_size would scale the frame.
    height, width = (side + side % 2 for side in first.shape[:2])
    written = 0
    try:
        film = imageio.get_writer(
            path,
            format="FFMPEG",
            mode="I",
            fps=frames_per_second,
            codec="libx264",
            pixelformat="yuv420p",
            macro_block_size=1,
            ffmpeg_log_level="quiet",
            output_params=["-crf", "18", "-movflags", "+faststart"],
        )
        with contextlib.closing(film) as writer:
            for frame in itertools.chain([first], frames):
                writer.append_data(padded(frame, height, width))
                written += 1
    except OSError as error:
        raise _broken(path) from error
    _require_frames(path, written)


def _require_frames(path: Path, expected: int) -> None:
    """Raise ZerosumError unless the film has that many frames.

    imageio drops ffmpeg's exit status, so a disk that fills up at the end would go unnoticed.
    """
    import imageio_ffmpeg

    try:
        frames, _ = imageio_ffmpeg.count_frames_and_secs(str(path))
    except RuntimeError as error:
        raise _broken(path) from error
    if frames != expected:
        raise _broken(path)


def _broken(path: Path) -> ZerosumError:
    return ZerosumError(
        f"ffmpeg could not write the film in {path.parent}",
        "see whether the disk is full, or write a GIF: --out film.gif",
    )


def _require_ffmpeg() -> None:
    import imageio_ffmpeg

    try:
        imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise ZerosumError(
            "there is no ffmpeg here to write an MP4 with",
            "write a GIF (--out film.gif), or install ffmpeg",
        ) from error
