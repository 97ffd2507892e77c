"""What Python's functions give back: numbers, arrays, and where pictures lie. A notebook shows them
as pictures."""

import base64
import html
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zerosum.analysis.class_counts import Modes
from zerosum.analysis.nearest_images import CopySearch
from zerosum.analysis.plane import Plane
from zerosum.analysis.projected import ProjectedPictures
from zerosum.analysis.stacked_modes import StackedModes
from zerosum.data.grid import grid, png_bytes
from zerosum.diagnosis.verdicts import Diagnosis

SHOWN = 64
"""Pictures of a sheet in a notebook, at most."""
SMALL = 64
"""Pixels: a notebook shows smaller pictures twice as large."""


@dataclass(frozen=True, repr=False)
class Samples:
    """Generated pictures."""

    images: NDArray[np.uint8]
    """(n, height, width, channels), 0 to 255; 1 channel is grey, 3 are red, green, blue."""
    numbers: tuple[int, ...]
    """Which they are, n picture numbers of the seed, in the order of `images`."""
    seed: int
    checkpoint: str
    """Images that the generator had seen, in nine digits."""
    path: Path | None
    """What was written, where that was asked for."""

    def __len__(self) -> int:
        return len(self.images)

    def sheet(self, columns: int | None = None) -> Image.Image:
        """All on one white sheet, row by row; without `columns` about as wide as high."""
        return grid(self.images, columns)

    def __repr__(self) -> str:
        return f"{_made(self.images, self.checkpoint)}{_at(self.path)}"

    def _repr_png_(self) -> bytes:
        return _shown(grid(self.images[:SHOWN]), self.images)


@dataclass(frozen=True, repr=False)
class Interpolation:
    """Ways from one generated picture to another."""

    images: NDArray[np.uint8]
    """(pairs, positions, height, width, channels), 0 to 255."""
    pairs: tuple[tuple[int, int], ...]
    """Picture numbers of the seed that each way leads from and to."""
    positions: tuple[float, ...]
    """Where on its way each picture is: 0 the first end, 1 the last; others lie beyond."""
    method: str
    """"linear" or "spherical"."""
    seed: int
    checkpoint: str
    """Images that the generator had seen, in nine digits."""
    path: Path | None
    """What was written, where that was asked for."""

    def sheet(self) -> Image.Image:
        """One way a row."""
        return grid(self.images.reshape(-1, *self.images.shape[2:]), len(self.positions))

    def __repr__(self) -> str:
        ways = ", ".join(f"{first} to {last}" for first, last in self.pairs[:5])
        return f"{_made(self.images[0], self.checkpoint)}: {ways}{_at(self.path)}"

    def _repr_png_(self) -> bytes:
        return _shown(self.sheet(), self.images[0])


@dataclass(frozen=True, repr=False)
class Finding:
    """What an analysis found, in words and as a picture, which a notebook keeps."""

    picture: Path | None

    def lines(self) -> list[str]:
        """What is said of it."""
        return []

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        parts = [f"<p>{html.escape(line)}</p>" for line in self.lines()]
        if self.picture is not None and self.picture.is_file():
            content = base64.b64encode(self.picture.read_bytes()).decode()
            named = html.escape(str(self.picture))
            parts.append(f'<img src="data:image/png;base64,{content}" alt="{named}">')
        return "\n".join(parts)


@dataclass(frozen=True, repr=False)
class ModeCount(Finding):
    """Generated images counted by class."""

    numbers: Path | None
    """The JSON file in the run; None for a folder or an array."""
    counts: Modes | StackedModes
    """Of digits stacked in three colours, the 1,000 modes; else the classes beside real ones."""

    @property
    def verdict(self) -> str:
        """What is covered and what is not, in words."""
        return self.counts.verdict()

    def lines(self) -> list[str]:
        return [self.verdict]


@dataclass(frozen=True, repr=False)
class CopyReport(Finding):
    """Whether training images were copied."""

    picture: Path
    numbers: Path
    found: CopySearch
    """Distances to the nearest training images and what is usual for real ones."""

    @property
    def verdict(self) -> str:
        """In words."""
        return self.found.verdict()

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know of it."""
        return self.found.copies.notes()

    def lines(self) -> list[str]:
        return [self.verdict, *self.notes]


@dataclass(frozen=True, repr=False)
class ProjectionReport(Finding):
    """The latents whose pictures come nearest to others."""

    picture: Path
    numbers: Path
    found: ProjectedPictures
    """By kind of picture: each with its latent, what that makes, and how far that is off."""

    @property
    def latents(self) -> NDArray[np.float32]:
        """What the run's generator makes the nearest pictures of: (n, latent), of a run that learnt
        classes (n, latent + classes); given pictures first, in their order."""
        return np.stack([each.found.latent for each in self.found.projected])

    def lines(self) -> list[str]:
        return self.found.lines()


@dataclass(frozen=True, repr=False)
class FeatureMap(Finding):
    """Real and generated images as points of a plane."""

    picture: Path
    plane: Plane
    """`real` and `fake`, each (count, 2) float32, and the names of the `axes`."""

    def __repr__(self) -> str:
        counts = f"{len(self.plane.real):,} real and {len(self.plane.fake):,} generated images"
        return f"{counts} by {self.plane.method}{_at(self.picture)}"


@dataclass(frozen=True, repr=False)
class Health(Diagnosis):
    """How a training is doing, or did; settings in `remedies` are as `zerosum.train` takes them."""

    changes: tuple[tuple[int, str], ...] = ()
    """Every change so far: images seen, and the verdict from then on."""

    def __repr__(self) -> str:
        head = "what usually helps:" if self.failing else "what to know:"
        lines = [self.verdict, *(f"  {text}" for text in self.evidence), head]
        return "\n".join([*lines, *(f"  {text}" for text in self.remedies)])


@dataclass(frozen=True)
class Report:
    """A page that was written."""

    page: Path
    pdf: Path | None


def _made(images: NDArray[np.uint8], checkpoint: str) -> str:
    count, height, width, channels = images.shape
    kind = "grey" if channels == 1 else "colour"
    what = "picture" if count == 1 else "pictures"
    return f"{count:,} {what}, {width}×{height} {kind}, after {int(checkpoint):,} images"


def _at(path: Path | None) -> str:
    return "" if path is None else f" → {path}"


def _shown(sheet: Image.Image, images: NDArray[np.uint8]) -> bytes:
    if max(images.shape[1:3]) < SMALL:
        sheet = sheet.resize((2 * sheet.width, 2 * sheet.height), Image.Resampling.NEAREST)
    return png_bytes(sheet, {})
