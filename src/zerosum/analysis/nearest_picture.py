"""Of which training picture is one picture a copy? The search of `zerosum neighbours`, for one."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zerosum.errors import ZerosumError
from zerosum.evaluation.copies import COPY, Pictures, find_matches, index_pictures
from zerosum.evaluation.images import array_images
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.evaluation.opening import open_run_data, real_images
from zerosum.records.run import RunFolder
from zerosum.words import counted


@dataclass(frozen=True)
class NearestPicture:
    """The training picture that is nearest to a picture in pixels."""

    pixels: NDArray[np.uint8]
    """(height, width, channels), turned as it was found."""
    distance: float
    """Root mean square difference of pixels from 0 to 1, in the best shift."""
    second: float
    """That of the second nearest picture."""
    identical: bool
    """Whether it is the same to the last pixel, mirrored or not."""
    mirrored: bool
    searched: int
    """Training pictures."""

    @property
    def copied(self) -> bool:
        """Whether it is as near as copies are."""
        return self.identical or self.distance < COPY * self.second

    def in_words(self) -> str:
        """Whether it is a copy, and why."""
        if self.identical:
            return "A copy: a training picture is the same to the last pixel."
        searched = counted(self.searched, "training picture")
        mirrored = ", mirrored," * self.mirrored
        return (
            f"{'As near as a copy' if self.copied else 'No copy'}. The nearest of {searched}"
            f"{mirrored} differs by {self.distance:.3f} (root mean square, pixels from 0 to 1), "
            f"the second nearest by {self.second:.3f}; a copy differs by less than half as much."
        )


def training_pictures(
    run: RunFolder, stage: Stage = no_stage, data_root: Path | None = None
) -> Pictures:
    """The pictures that a run was trained on, ready to be searched; named sets lie in `data_root`.
    Raises ZerosumError where they are gone, are others by now, or fewer than two."""
    data = open_run_data(
        run,
        data_root=data_root,
        progress=lambda done, all: stage("packing the images", done, all),
    )
    images = real_images(data, "train")
    found = index_pictures(
        images, lambda done, all: stage("looking through the training pictures", done, all)
    )
    if len(found) < 2:
        raise ZerosumError(
            f"{run.path.name} was trained on one picture: nothing is nearer to it than to others",
            "ask this of a run that was trained on more pictures",
        )
    return found


def nearest_picture(pixels: NDArray[np.uint8], pictures: Pictures) -> NearestPicture:
    """The training picture nearest to one picture (height, width, channels) uint8 of their
    shape."""
    found = find_matches(array_images(pixels[None]), pictures, lambda _done, _all: None)
    nearest = pictures.images.read(int(found.rows[0]), 1)[0]
    mirrored = bool(found.mirrored[0])
    return NearestPicture(
        nearest[:, ::-1] if mirrored else nearest,
        float(found.nearest[0]),
        float(found.second[0]),
        bool(found.identical[0]),
        mirrored,
        len(pictures),
    )
