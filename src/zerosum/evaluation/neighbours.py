"""Did it copy? Nearest neighbours of generated among training images, and what is usual for them.

That a generated image has a near neighbour means nothing alone: so have real images among each
other. The base line is how far held-out images are from the training images.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerosum.errors import UsageError
from zerosum.evaluation.evaluate import Stage
from zerosum.evaluation.extractors import Extractor
from zerosum.evaluation.features import Features, extract_features
from zerosum.evaluation.images import Images
from zerosum.evaluation.scores import nearest

RARE = 0.05
"""A distance is suspiciously small that only this share of the base line is below."""
COPIED = 3.0
"""It looks copied where so many times as many generated images are that near."""
SLIGHTLY = 1.5


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
    """Of each training image to its nearest other one (train,)."""
    held_out_to_train: NDArray[np.float32]
    """Of each held-out image to its nearest training image (held out,)."""
    space: str
    """Whose distances: "inception-2048", "digits", "pixels"."""

    @property
    def base_line(self) -> NDArray[np.float32]:
        """Distances of images that surely are no copies; without held-out images, of the training
        images among each other."""
        return self.held_out_to_train if len(self.held_out_to_train) else self.train_to_train

    @property
    def threshold(self) -> float:
        """The distance that 5 % of the base line are below."""
        return float(np.quantile(self.base_line, RARE))

    @property
    def near_share(self) -> float:
        """The share of generated images that are nearer than that to a training image."""
        return float((self.fake_to_train[:, 0] < self.threshold).mean())

    @property
    def identical(self) -> int:
        """Generated images at distance 0 from a training image."""
        return int((self.fake_to_train[:, 0] == 0).sum())

    def verdict(self) -> str:
        """In words: whether it looks as if training images were copied."""
        share = f"{self.near_share:.1%} of {len(self.fake_to_train):,} generated images"
        whose = "held-out" if len(self.held_out_to_train) else "training"
        base = f"{RARE:.0%} of {whose} images"
        if self.identical:
            return f"copies: {self.identical:,} generated images are training images"
        if self.near_share > COPIED * RARE:
            return f"looks copied: {share} are nearer to a training image than {base} are"
        if self.near_share > SLIGHTLY * RARE:
            return (
                f"nearer than usual: {share} are nearer to a training image than {base} are; "
                "look at the picture"
            )
        return f"does not look copied: {share} are nearer to a training image than {base} are"

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the verdict and the distributions in a few numbers."""
        return {
            "verdict": self.verdict(),
            "space": self.space,
            "generated": len(self.fake_to_train),
            "near_share": self.near_share,
            "identical": self.identical,
            "threshold": self.threshold,
            "distances": {
                "generated to training": _summary(self.fake_to_train[:, 0]),
                "held out to training": _summary(self.held_out_to_train),
                "training to training": _summary(self.train_to_train),
                "held out to generated": _summary(self.held_out_to_fake[:, 0]),
            },
        }


def _summary(distances: NDArray[np.float32]) -> dict[str, float] | None:
    if not len(distances):
        return None
    points = {"smallest": 0.0, "5 %": RARE, "median": 0.5, "95 %": 1 - RARE}
    return {name: float(np.quantile(distances, place)) for name, place in points.items()}


def find_neighbours(
    fake: Features,
    train: Features,
    held_out: Features,
    k: int,
    space: str,
    stage: Stage = lambda _what, _done, _total: None,
) -> Neighbours:
    """Search all training features for the k nearest of each generated one, and the other way
    round for held-out ones. Features are float32 (count, dimension), `held_out` may have no rows.

    Exact, and in bounded memory at any count. Raises UsageError for a k that is too large.
    """
    if not 1 <= k < min(len(train), len(fake) + 1):
        raise UsageError(
            f"{k} neighbours of {len(train):,} training and {len(fake):,} generated images",
            "ask for fewer with --neighbours, or for more images with --images",
        )

    def search(
        queries: Features, references: Features, count: int, what: str, *, own: bool = False
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        return nearest(
            queries,
            references,
            count,
            exclude_self=own,
            progress=lambda done, total: stage(what, done, total),
        )

    to_train, train_rows = search(fake, train, k, "generated to training images")
    to_fake, fake_rows = search(held_out, fake, k, "held-out to generated images")
    own, _ = search(train, train, 1, "training images among each other", own=True)
    base, _ = search(held_out, train, 1, "held-out to training images")
    return Neighbours(to_train, train_rows, to_fake, fake_rows, own[:, 0], base[:, 0], space)


def vectors(
    images: Images, extractor: Extractor | None, layer: str, what: str, stage: Stage
) -> Features:
    """The images as vectors to measure distances of: an extractor's features, or without one the
    pixels themselves from 0 to 1, float32 (count, dimension)."""
    if not len(images):
        dimension = extractor.layers[layer] if extractor else int(np.prod(images.shape))
        return np.empty((0, dimension), np.float32)
    if extractor is not None:
        found: Mapping[str, Features] = extract_features(
            images,
            extractor,
            (layer,),
            progress=lambda done, total: stage(f"features of the {what} images", done, total),
        )
        return found[layer]
    flat = np.empty((len(images), int(np.prod(images.shape))), np.float32)
    done = 0
    for pixels in images.batches(1024):
        flat[done : done + len(pixels)] = pixels.reshape(len(pixels), -1) / np.float32(255)
        done += len(pixels)
    return flat
