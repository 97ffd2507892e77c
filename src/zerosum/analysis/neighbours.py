"""Did the generator of a run copy? Its images beside the nearest training images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zerosum.analysis.nearest_images import (
    PIXELS,
    CopySearch,
    find_neighbours,
    require_enough,
    vectors,
)
from zerosum.analysis.opening import Source, feature_network, generated_side, training_data
from zerosum.analysis.requests import NeighboursRequest
from zerosum.errors import UsageError
from zerosum.evaluation.copy_count import CopyCount, count_copies
from zerosum.evaluation.forecast import Work, tell_if_long
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.evaluation.opening import real_images
from zerosum.records.run import RunFolder

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Match:
    """An image (height, width, channels) and those nearest to it, the nearest first."""

    image: Pixels
    nearest: tuple[Pixels, ...]


@dataclass(frozen=True)
class NeighbourSearch:
    """What was found of a run, and the images that are shown of it."""

    found: CopySearch
    source: Source
    suspects: tuple[Match, ...]
    """Those that look most like copies: each with the nearest training picture, turned as the
    search turned it, and the second nearest."""
    generated: tuple[Match, ...]
    """The first generated images, with training images."""
    held_out: tuple[Match, ...]
    """The first held-out images, with generated ones."""

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return self.found.as_dict() | self.source.as_dict()


def search_neighbours(
    run: RunFolder, asked: NeighboursRequest, stage: Stage = no_stage
) -> NeighbourSearch:
    """Search the training images of a run for its generated ones.

    Raises UsageError or ZerosumError where they cannot be searched.
    """
    count, pixels = max(asked.count, asked.shown), asked.pixels
    if pixels and (asked.extractor or asked.layer or asked.weights):
        raise UsageError(
            "distances of pixels need no feature network",
            "leave out --pixels, or else --extractor, --layer and --weights",
        )
    data = training_data(run, asked, stage)
    train = real_images(data, "train")
    held_out = real_images(data, "held out") if len(data.held_out) else train.first(0)
    fake = generated_side(run, count, asked)
    require_enough(asked.k, len(train), count)
    extractor, layer = (
        (None, "") if pixels else feature_network(train, asked, run, without="--pixels")
    )
    if extractor is not None:
        parts = (("generated", fake), ("training", train), ("held-out", held_out))
        works = [Work(what, images, (layer,)) for what, images in parts if len(images)]
        tell_if_long(works, extractor, "--pixels (distances of pixels: no network)", stage)
    copies = count_copies(fake, train, held_out, stage)
    neighbours = find_neighbours(
        vectors(fake, extractor, layer, "generated", stage),
        vectors(train, extractor, layer, "training", stage),
        vectors(held_out, extractor, layer, "held-out", stage),
        asked.k,
        PIXELS if extractor is None else extractor.label(layer),
        stage,
    )
    return NeighbourSearch(
        CopySearch(copies, neighbours),
        Source.of(fake, asked.seed),
        _suspects(copies, fake, train, asked.shown),
        _matches(fake, train, neighbours.train_rows[: asked.shown]),
        _matches(held_out, fake, neighbours.fake_rows[: asked.shown]),
    )


def _suspects(copies: CopyCount, fake: Images, train: Images, most: int) -> tuple[Match, ...]:
    found = copies.generated

    def match(number: int) -> Match:
        nearest = _image(train, int(found.rows[number]))
        if found.mirrored[number]:
            nearest = nearest[:, ::-1]
        return Match(_image(fake, number), (nearest, _image(train, int(found.second_rows[number]))))

    return tuple(match(number) for number in copies.suspects[:most].tolist())


def _matches(queries: Images, references: Images, rows: NDArray[np.int64]) -> tuple[Match, ...]:
    return tuple(
        Match(_image(queries, number), tuple(_image(references, row) for row in nearest.tolist()))
        for number, nearest in enumerate(rows)
    )


def _image(images: Images, number: int) -> Pixels:
    pixels: Pixels = images.read(number, 1)[0]
    return pixels
