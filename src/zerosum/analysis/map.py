"""Feature space: both sides on a plane, and what a classifier says of one image."""

import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from zerosum.analysis.opening import (
    Source,
    feature_network,
    generated_side,
    training_data,
)
from zerosum.analysis.plane import Plane, principal_plane, require_umap, umap_plane
from zerosum.analysis.requests import MapRequest
from zerosum.data.fit import flatten
from zerosum.errors import UsageError
from zerosum.evaluation.extractors import open_extractor
from zerosum.evaluation.forecast import Work, fewer_images, tell_if_long
from zerosum.evaluation.measure import Stage, features_of, no_stage
from zerosum.evaluation.opening import real_images
from zerosum.networks.device import choose_device
from zerosum.records.run import RunFolder


@dataclass(frozen=True)
class MapFacts:
    """What a map shows, as it is kept."""

    method: str
    """"pca" or "umap"."""
    images: int
    """Generated ones."""
    real_images: int
    features: str
    """Of which network and layer."""


@dataclass(frozen=True)
class MappedImages:
    """Real and generated images of a run on a plane."""

    plane: Plane
    facts: MapFacts
    source: Source

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self.facts) | self.source.as_dict()


@dataclass(frozen=True)
class ClassifiedImage:
    """What the digit classifier says of one image."""

    pixels: NDArray[np.uint8]
    """(height, width, 1)."""
    chances: NDArray[np.float64]
    """The probabilities of the ten digits (10,)."""
    name: str
    """Of the file; "" for a picture of the run."""
    number: int = 0
    source: Source | None = None
    """Of a picture of the run, whose `number` it is."""


def map_run(run: RunFolder, asked: MapRequest, stage: Stage = no_stage) -> MappedImages:
    """As many real as generated images of a run on a plane.

    Raises UsageError or ZerosumError where there is no such plane.
    """
    if asked.method == "umap":
        require_umap()  # told before minutes of features
    data = training_data(run, asked, stage)
    reals = real_images(data).first(asked.count)
    fakes = generated_side(run, asked.count, asked)
    extractor, layer = feature_network(reals, asked, run)
    works = [Work("real", reals, (layer,)), Work("generated", fakes, (layer,))]
    tell_if_long(works, extractor, fewer_images(asked.count, reals, extractor), stage)
    real = features_of(reals, "real", extractor, (layer,), stage)
    fake = features_of(fakes, "generated", extractor, (layer,), stage)
    pca = asked.method == "pca"
    plane = principal_plane(real, fake) if pca else umap_plane(real, fake, asked.seed)
    facts = MapFacts(asked.method, len(fake), len(real), extractor.label(layer))
    return MappedImages(plane, facts, Source.of(fakes, asked.seed))


def classify_image(run: RunFolder, image: str, asked: MapRequest) -> ClassifiedImage:
    """What the digit classifier says of one image, a picture number of the run or a file.

    Raises UsageError for what is neither.
    """
    run.require()
    if image.isdecimal():
        number = int(image)
        images = generated_side(run, 1, asked, first=number)
        if images.shape[2] != 1:
            raise UsageError(
                f"the pictures of {run.path} are in colour, and the classifier knows grey digits",
                "give --image a file with a digit, or count classes: zerosum modes RUN",
            )
        pixels = images.read(0, 1)[0]
        source = Source.of(images, asked.seed)
        return ClassifiedImage(pixels, _chances(pixels, asked), "", number, source)
    pixels = _grey_file(image)
    return ClassifiedImage(pixels, _chances(pixels, asked), Path(image).name)


def _chances(pixels: NDArray[np.uint8], asked: MapRequest) -> NDArray[np.float64]:
    extractor = open_extractor("digits", device=choose_device(asked.device))
    batch = torch.from_numpy(pixels[None])
    logits = extractor.compute(batch, (extractor.logits,))[extractor.logits]
    chances: NDArray[np.float64] = logits.double().softmax(1)[0].numpy()
    return chances


def _grey_file(image: str) -> NDArray[np.uint8]:
    """The picture in a file (height, width, 1)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow warns of is harmless, or an error here
            with Image.open(image) as picture:
                return np.asarray(flatten(picture, 1))[..., None].copy()
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged bytes
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise UsageError(
            f"{image} is neither a picture number nor an image file ({reason})",
            "give --image 0 for the run's first picture, or the path of a file",
        ) from error
