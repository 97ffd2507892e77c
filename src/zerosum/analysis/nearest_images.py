"""Did it copy? Nearest neighbours of generated among training images, and what is usual for them.

That a generated image has a near neighbour means nothing alone: so have real images among each
other. The base line is how far held-out images are from the training images.
"""

from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from zerosum.analysis.class_counts import UNLIKE, USUAL
from zerosum.errors import UsageError
from zerosum.evaluation.copy_count import (
    CHANCE,
    CopyCount,
    CopyNumbers,
    by_chance,
    quantiles,
    spaced,
)
from zerosum.evaluation.extractors import Extractor
from zerosum.evaluation.features import Features, scratch_matrix
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage, features_of, no_stage
from zerosum.evaluation.scores.distances import BLOCK_VALUES, blocks, nearest

PIXELS = "pixels"
"""The name of distances between the images themselves."""
RARE = 0.05
"""A distance is suspiciously small that only this share of the base line is below."""
SLIGHTLY = 1.5
"""They are nearer than usual where so many times as many generated images are that near."""
FEWEST_HELD_OUT = 20
"""Of fewer, 5 % are less than one image."""
BASE_LINE = 10_000
"""Of more images than this, as many are the base line: enough for its 5 %, and a search of all
300,000 among each other would take hours."""


@dataclass(frozen=True)
class Neighbours:
    """Distances of generated images to the training images, and the base lines."""

    fake_to_train: NDArray[np.float32]
    """Of each generated image to its k nearest training images (count, k), ascending."""
    train_rows: NDArray[np.int64]
    """Which these are (count, k): positions among the training images."""
    held_out_to_fake: NDArray[np.float32]
    """Of each held-out image to its k nearest generated ones (count, k); none: (0, k)."""
    fake_rows: NDArray[np.int64]
    train_to_train: NDArray[np.float32]
    """Of training images to their nearest other one (10,000 of them, where there are more)."""
    held_out_to_train: NDArray[np.float32]
    """Of held-out images to their nearest training image (10,000, where there are more)."""
    train: int
    """How many training images were searched."""
    space: str
    """Whose distances: "inception-2048", "digits", "pixels"."""

    @property
    def has_held_out(self) -> bool:
        """Whether there are enough held-out images to tell what is usual for them."""
        return int((self.held_out_to_train > 0).sum()) >= FEWEST_HELD_OUT

    @property
    def base_line(self) -> NDArray[np.float32]:
        """Distances of images that surely are no copies; without held-out images, of the training
        images among each other. Images that are there twice, at distance 0, are left out."""
        distances = self.held_out_to_train if self.has_held_out else self.train_to_train
        return distances[distances > 0]

    @property
    def base_line_in_words(self) -> str:
        """Whose distances these are."""
        return "held-out images" if self.has_held_out else "training images"

    @property
    def unlike(self) -> bool:
        """Whether they are nothing that could be a copy: most are farther from every training image
        than 99 % of the base line, by the shares of `zerosum modes`."""
        if not len(self.base_line):
            return False
        far = self.fake_to_train[:, 0] > np.quantile(self.base_line, USUAL)
        return bool(far.mean() > UNLIKE)

    def unlike_in_words(self) -> str:
        """How much farther they are from the training images."""
        times = float(np.median(self.fake_to_train[:, 0]) / np.median(self.base_line))
        return (
            "nothing to judge: these images are unlike the data, in the median "
            f"{times:.3g} times as far from the nearest training image as {self.base_line_in_words}"
        )

    def median_in_words(self) -> str:
        """How far the nearest training image is, beside how far it is for images that surely are
        no copies."""
        own = float(np.median(self.fake_to_train[:, 0]))
        text = f"nearest training image: {own:.3g} away in the median"
        if len(self.base_line):
            text += f", {float(np.median(self.base_line)):.3g} for {self.base_line_in_words}"
        return f"{text} ({space_in_words(self.space)})"

    @property
    def threshold(self) -> float:
        """The distance that 5 % of the base line are below; 0 where there is no base line."""
        return float(np.quantile(self.base_line, RARE)) if len(self.base_line) else 0.0

    @property
    def near_share(self) -> float:
        """The share of generated images that are nearer than that to a training image."""
        return float((self.fake_to_train[:, 0] < self.threshold).mean())

    @property
    def nearer_than_usual(self) -> bool:
        """Whether that are more than chance would have it. No proof of copies: images of the most
        usual kind alone are nearer as well. Never in pixels, where flat grey, which copies nothing,
        is nearer to everything than a picture is."""
        if self.space == PIXELS:
            return False
        near = int((self.fake_to_train[:, 0] < self.threshold).sum())
        usual = int((self.base_line < self.threshold).sum())
        chance = by_chance(near, len(self.fake_to_train), usual, len(self.base_line))
        return self.near_share > SLIGHTLY * RARE and chance < CHANCE

    def in_words(self) -> str:
        """How many are that near."""
        return (
            f"{self.near_share:.1%} of {len(self.fake_to_train):,} generated images are as near "
            f"to a training image as the nearest {RARE:.0%} of {self.base_line_in_words}"
        )


@dataclass(frozen=True)
class CopyFacts:
    """What is kept of a search: its distributions in a few numbers, named as in it."""

    notes: tuple[str, ...]
    space: str
    generated: int
    training: int
    held_out: int
    copies: dict[str, CopyNumbers]
    """By whose images."""
    identical: int
    near_share: float
    """The share of generated images that are nearer to a training image than `threshold`."""
    threshold: float
    """The distance that 5 % of the base line are below."""
    base_line: str
    distances: dict[str, dict[str, float] | None]
    """To the nearest: the smallest, the 5 % point, the median, the 95 % point, by which images;
    None where there are none."""


@dataclass(frozen=True)
class CopySearch:
    """All that tells whether a generator copied."""

    copies: CopyCount
    neighbours: Neighbours

    def verdict(self) -> str:
        """In words: whether it looks as if training images were copied."""
        if self.copies.clean and self.neighbours.unlike:
            return self.neighbours.unlike_in_words()
        if self.copies.clean and self.neighbours.nearer_than_usual:
            return f"nearer than usual: no copies, but {self.neighbours.in_words()}"
        return self.copies.verdict()

    def facts(self) -> CopyFacts:
        """What is kept of it."""
        found = self.neighbours
        return CopyFacts(
            notes=self.copies.notes(),
            space=found.space,
            generated=len(found.fake_to_train),
            training=found.train,
            held_out=len(found.held_out_to_fake),
            copies=self.copies.numbers(),
            identical=self.copies.identical,
            near_share=found.near_share,
            threshold=found.threshold,
            base_line=found.base_line_in_words,
            distances={
                "generated to training": quantiles(found.fake_to_train[:, 0]),
                "held out to training": quantiles(found.held_out_to_train),
                "training to training": quantiles(found.train_to_train),
                "held out to generated": quantiles(found.held_out_to_fake[:, 0]),
            },
        )

    def as_dict(self) -> dict[str, object]:
        """For JSON: the verdict and the distributions in a few numbers."""
        return {"verdict": self.verdict()} | asdict(self.facts())


def space_in_words(space: str) -> str:
    """For "distances in …"."""
    return "pixels" if space == PIXELS else f"features of {space}"


def require_enough(k: int, train: int, fake: int) -> None:
    """Raise UsageError unless so many training and generated images have k neighbours each."""
    if train == 1:
        raise UsageError(
            "there is one training image: nothing is nearer to it than to others", "add images"
        )
    if k >= train:
        raise UsageError(
            f"{k} neighbours of {train:,} training images", "ask for fewer with --neighbours"
        )
    if k > fake:
        raise UsageError(
            f"{k} neighbours of {fake:,} generated images",
            "ask for fewer with --neighbours, or for more images with --images",
        )


def find_neighbours(
    fake: Features,
    train: Features,
    held_out: Features,
    k: int,
    space: str,
    stage: Stage = no_stage,
) -> Neighbours:
    """Search all training features for the k nearest of each generated one, and the other way
    round for held-out ones. Features are float32 (count, dimension), `held_out` may have no rows.

    Exact, and in bounded memory at any count: matrices mapped from disk are read in blocks. Raises
    UsageError for a k that is too large.
    """
    require_enough(k, len(train), len(fake))
    told = partial(partial, stage)
    to_train, train_rows = nearest(fake, train, k, progress=told("generated to training images"))
    to_fake, fake_rows = nearest(held_out, fake, k, progress=told("held-out to generated images"))
    # The nearest of each is itself.
    own, _ = nearest(_spaced(train), train, 2, progress=told("training images among each other"))
    base, _ = nearest(_spaced(held_out), train, 1, progress=told("held-out to training images"))
    return Neighbours(
        fake_to_train=to_train,
        train_rows=train_rows,
        held_out_to_fake=to_fake,
        fake_rows=fake_rows,
        train_to_train=own[:, 1],
        held_out_to_train=base[:, 0],
        train=len(train),
        space=space,
    )


def _spaced(features: Features) -> Features:
    """At most BASE_LINE rows."""
    if len(features) <= BASE_LINE:
        return features
    rows = spaced(len(features), BASE_LINE)
    chosen = scratch_matrix((BASE_LINE, features.shape[1]))
    for part in blocks(BASE_LINE, 256):
        chosen[part] = features[rows[part]]
    return chosen


def vectors(
    images: Images, extractor: Extractor | None, layer: str, what: str, stage: Stage
) -> Features:
    """The images as vectors to measure distances of: an extractor's features, or without one the
    pixels themselves from 0 to 1, float32 (count, dimension)."""
    if extractor is not None:
        if not len(images):
            return np.empty((0, extractor.layers[layer]), np.float32)
        return features_of(images, what, extractor, (layer,), stage)
    dimension = int(np.prod(images.shape))
    flat = scratch_matrix((len(images), dimension))
    done = 0
    for pixels in images.batches(int(np.clip(BLOCK_VALUES // dimension, 1, 1024))):
        flat[done : done + len(pixels)] = pixels.reshape(len(pixels), -1) / np.float32(255)
        done += len(pixels)
        stage(f"pixels of the {what} images", done, len(images))
    return flat
