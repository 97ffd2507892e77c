"""What a user asks of an analysis of generated images: modes, neighbours, the map."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zerosum.evaluation.images import Images

MapMethod = Literal["pca", "umap"]


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """Whose images are looked at, and in whose features; what is empty is chosen to fit."""

    checkpoint: str = "latest"
    """"latest", "best" or the images seen."""
    average: bool | None = None
    """The average of the weights, or the last ones; None: the average where there is one."""
    seed: int = 0
    """Which pictures."""
    device: str = "auto"
    extractor: str = ""
    layer: str = ""
    weights: Path | None = None
    """A file with the extractor's weights."""
    data_root: Path | None = None


@dataclass(frozen=True, kw_only=True)
class ModesRequest(Analysis):
    """Images to count by class."""

    images: str
    """A run, one of its checkpoints, or a name, folder or archive of images."""
    array: Images | None = None
    """Images in memory, in place of those; `images` is what to call them."""
    count: int = 0
    """Generated images; 0: 10,000, of stacked digits 25,600, or all of a folder."""
    against: str = ""
    """Labelled real images, for a folder."""
    out: Path | None = None
    """The picture; None: in a run's charts, and none of a folder."""


@dataclass(frozen=True, kw_only=True)
class NeighboursRequest(Analysis):
    """Generated images to search training images for."""

    count: int = 1000
    """Generated images that are searched for."""
    shown: int = 8
    """How many of them are drawn, from number 0 on."""
    k: int = 6
    """Neighbours of each."""
    pixels: bool = False
    """Distances of pixels instead of features."""
    out: Path | None = None
    """The picture; None: in the run's charts."""


@dataclass(frozen=True, kw_only=True)
class MapRequest(Analysis):
    """Real and generated images to lay on a plane."""

    count: int = 1000
    """Images of each side."""
    method: MapMethod = "pca"
    out: Path | None = None
    """The picture; None: in the run's charts."""
