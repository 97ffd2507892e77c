"""What an analysis looks at: a run's data, its generated images, and a feature network."""

from dataclasses import dataclass
from functools import partial

from zerosum.analysis.requests import Analysis, OfRun
from zerosum.data import PackedData
from zerosum.evaluation.extractors import Extractor, OwnExtractors, open_extractor
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage, layer_of
from zerosum.evaluation.opening import choose_extractor, open_run_data
from zerosum.generation.images import run_images
from zerosum.networks.device import choose_device
from zerosum.recipe.load import read_recipe
from zerosum.records.run import RunFolder


@dataclass(frozen=True)
class Source:
    """Whose generated images were looked at."""

    name: str
    """What the images are called."""
    checkpoint: str = ""
    """Images that the generator had seen, in nine digits; "" of images of no run."""
    weights: str = ""
    """"average" or "last"."""
    seed: int = 0

    @classmethod
    def of(cls, images: Images, seed: int = 0) -> "Source":
        """That of images that were generated with a seed."""
        return cls(images.name, images.checkpoint, images.weights, seed)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {"checkpoint": self.checkpoint, "weights": self.weights, "seed": self.seed}


def generated_side(
    run: RunFolder, count: int, asked: OfRun, *, checkpoint: str = "", first: int = 0
) -> Images:
    """So many images of a run's generator from number `first` on; `checkpoint` goes before what
    was asked for."""
    return run_images(
        run,
        count,
        checkpoint=checkpoint or asked.checkpoint,
        averaged=asked.average,
        seed=asked.seed,
        first=first,
        device=asked.device,
    )


def training_data(run: RunFolder, asked: OfRun, stage: Stage) -> PackedData:
    """The images that a run was trained on."""
    return open_run_data(
        run,
        data_root=asked.data_root,
        progress=partial(stage, "packing the images"),
    )


def feature_network(
    reals: Images, asked: Analysis, run: RunFolder | None, *, without: str = ""
) -> tuple[Extractor, str]:
    """The extractor and layer that were asked for; what is empty is chosen to fit these images.

    `without` is what a user may do who has no weights for it. Raises UsageError for a layer that
    there is not.
    """
    own = None
    if run is not None:
        own = OwnExtractors(read_recipe(run.recipe_file).parts.extractors, reals.shape)
    extractor = open_extractor(
        choose_extractor(asked.extractor or "auto", reals),
        weights=asked.weights,
        device=choose_device(asked.device),
        download=True,
        without=without,
        own=own,
    )
    return extractor, layer_of(extractor, asked.layer)
