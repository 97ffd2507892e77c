"""What a user asks of an analysis of generated images: modes, neighbours, the map, projections."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from zerosum import options
from zerosum.options import Threads, option

if TYPE_CHECKING:
    from zerosum.evaluation.images import Images

MapMethod = Literal["pca", "umap"]


@dataclass(frozen=True, kw_only=True)
class OfRun:
    """Whose images are looked at."""

    seed: int = options.seed()
    checkpoint: str = options.checkpoint()
    average: bool | None = options.average()
    device: str = options.device()
    threads: Threads = options.threads()
    data_root: Path | None = options.data_root()


@dataclass(frozen=True, kw_only=True)
class Analysis(OfRun):
    """The same, and in whose features; what is empty is chosen to fit."""

    extractor: str = options.extractor()
    layer: str = options.layer()
    weights: Path | None = options.weights()


@dataclass(frozen=True, kw_only=True)
class ModesRequest(Analysis):
    """Images to count by class."""

    images: str
    """A run, one of its checkpoints, or a name, folder or archive of images."""
    array: "Images | None" = None
    """Images in memory, in place of those; `images` is what to call them."""
    count: int = option(
        0,
        "Generated images, 50 at least.",
        "10,000; 25,600 of stacked digits; all of a folder",
        name="images",
        least=1,
    )
    against: str = option("", "Labelled real images, for a folder or archive of generated ones.")
    out: Path | None = options.out("The picture, x.png.", "RUN/charts/modes.png; none for a folder")


@dataclass(frozen=True, kw_only=True)
class NeighboursRequest(Analysis):
    """Generated images to search training images for."""

    shown: int = option(
        8, "Images in the picture, from number 0 on.", name="n", short="n", least=1, most=50
    )
    k: int = option(6, "Neighbours of each.", name="neighbours", least=1, most=20)
    count: int = option(1000, "Generated images that are searched for.", name="images", least=10)
    pixels: bool = option(False, "Distances of pixels instead of features.")
    out: Path | None = options.out(
        "The picture, x.png.", "RUN/charts/neighbours.png, or neighbours-pixels.png"
    )


@dataclass(frozen=True, kw_only=True)
class MapRequest(Analysis):
    """Real and generated images to lay on a plane."""

    method: MapMethod = option(
        "pca",
        "pca: along the two directions in which real images vary most. umap: by neighbourhoods; "
        "needs the extra umap.",
    )
    count: int = option(1000, "Images of each side.", name="images", least=10)
    out: Path | None = options.out(
        "The picture, x.png.", "RUN/charts/map.png, or probabilities-IMAGE.png"
    )


@dataclass(frozen=True, kw_only=True)
class ProjectRequest(OfRun):
    """Pictures to search a generator for."""

    pictures: tuple[Path, ...] = ()
    """Files."""
    array: "Images | None" = None
    """Images in memory, beside those; of the size and channels of the run's."""
    count: int = option(
        0,
        "Of the run's own data so many held-out pictures and so many it was trained on, and as "
        "many that it made itself.",
        "8; none where PICTURE is given",
        name="n",
        short="n",
        least=2,
        most=1000,
    )
    steps: int = option(200, "Steps of the search from each start.", least=1, most=100_000)
    starts: int = option(
        2, "Searches for each picture: from the nearest of 256 samples.", least=1, most=32
    )
    classes: tuple[str, ...] = option(
        (),
        "Where the run learnt classes: search in this one, or in these, by name or number.",
        "that of a picture where it is known, else all",
        name="class",
        metavar="CLASS",
    )
    out: Path | None = options.out(
        "The picture, x.png.", "RUN/charts/projection.png, or projection-PICTURE.png"
    )
