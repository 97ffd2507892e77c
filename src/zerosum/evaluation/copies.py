"""Of which training picture is an image a copy? Searched in pixels: mirrored, and shifted a little.

A copy is much nearer to one training picture than to every other. So what counts is the ratio of
the distances to the nearest and to the second nearest picture (Yoon et al. 2023, "Diffusion
Probabilistic Models Generalize when They Fail to Memorize"; Gu et al. 2023, arXiv 2310.02664): it
is near 1 for new pictures, good or poor, since neither of two training pictures is meant.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zerosum.evaluation.images import Images
from zerosum.evaluation.pixels import (
    COARSE,
    half_shifts,
    pixel_distances,
    shifted_versions,
    shrink,
    shrink_to_grey,
)
from zerosum.evaluation.scores.distances import BLOCK, blocks

CANDIDATES = 16
"""Pictures that this search hands on to be compared pixel by pixel."""
COPY = 0.5
"""An image is as near as a copy to a picture that is nearer by this factor than any other one."""
EXACT_COPY = 1 / 3
"""The factor of the literature: fewer real images are that near, so that fewer copies stand out."""
CLOSE = 0.8
"""Shifts of half a pixel of the shrunk versions are tried where the ratio is below."""
AT_ONCE = 128
"""Images that are compared with their candidates at a time."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Pictures:
    """Training images ready to be searched."""

    images: Images
    keys: dict[bytes, int]
    """From `picture_key` to the place of the first image with it: an image that is there twice,
    mirrored or not, is one picture."""
    rows: NDArray[np.int64]
    """The places of these first images (pictures,)."""
    coarse: Tensor
    """(pictures, COARSE²) grey pixels of 0 to 1, float32."""

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Matches:
    """Of each image its nearest training picture, as it is or mirrored, shifted by up to REACH."""

    nearest: NDArray[np.float32]
    """Root mean square difference of pixels, 0 to 1 (count,). The images' outermost REACH pixels
    are left out."""
    second: NDArray[np.float32]
    """To the second nearest of those that are no copies of the nearest (count,)."""
    rows: NDArray[np.int64]
    """Places of the nearest among the training images (count,)."""
    second_rows: NDArray[np.int64]
    mirrored: NDArray[np.bool_]
    """Whether the nearest is so when mirrored (count,)."""
    identical: NDArray[np.bool_]
    """Whether it is the same to the last pixel, mirrored or not (count,)."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def ratio(self) -> NDArray[np.float32]:
        """Of the distances to the nearest and to the second nearest, 0 to 1 (count,)."""
        return (self.nearest / np.maximum(self.second, 1e-6)).astype(np.float32)

    @property
    def copies(self) -> NDArray[np.bool_]:
        """Which are as near to one training picture as copies are (count,)."""
        return self.nearer_by(COPY)

    def nearer_by(self, ratio: float) -> NDArray[np.bool_]:
        """Which are the same as a training picture, or have a smaller ratio (count,)."""
        return self.identical | (self.ratio < ratio)

    def columns(self) -> tuple[NDArray[Any], ...]:
        """All fields, in their order."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def take(self, chosen: NDArray[np.bool_]) -> "Matches":
        """Some of them."""
        return Matches(*(column[chosen] for column in self.columns()))

    @classmethod
    def joined(cls, parts: Sequence["Matches"]) -> "Matches":
        """All of them, one after the other."""
        columns = zip(*(part.columns() for part in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))

    @classmethod
    def empty(cls) -> "Matches":
        """Of no images."""
        numbers, places = np.empty(0, np.float32), np.empty(0, np.int64)
        answers = np.empty(0, np.bool_)
        return cls(numbers, numbers, places, places, answers, answers)


def picture_key(pixels: NDArray[np.uint8]) -> bytes:
    """The same for an image (H, W, C) and for its mirror image, and for no other."""
    sides = (np.ascontiguousarray(side).tobytes() for side in (pixels, pixels[:, ::-1]))
    return min(hashlib.blake2b(side, digest_size=16).digest() for side in sides)


def index_pictures(images: Images, progress: Progress) -> Pictures:
    """Look through the training images once."""
    keys: dict[bytes, int] = {}
    rows: list[int] = []
    coarse: list[Tensor] = []
    done = 0
    for pixels in images.batches(1024):
        new = []
        for number, image in enumerate(pixels):
            if keys.setdefault(picture_key(image), done + number) == done + number:
                new.append(number)
        rows += [done + number for number in new]
        coarse.append(shrink_to_grey(shrink(pixels[new])))
        done += len(pixels)
        progress(done, len(images))
    side = min(COARSE, *images.shape[:2])
    whole = torch.cat(coarse) if coarse else torch.zeros((0, side**2))
    return Pictures(images, keys, np.array(rows, np.int64), whole)


def find_matches(
    queries: Images,
    pictures: Pictures,
    progress: Progress,
    *,
    own: NDArray[np.int64] | None = None,
) -> Matches:
    """The nearest and the second nearest training picture of each image.

    Found by coarse grey versions of all pictures, in every shift and mirrored, then decided by all
    pixels of CANDIDATES of them. `own` are the places of the queries among the pictures, where they
    are pictures themselves: these are left out. There must be two pictures to choose from.
    """
    parts = [Matches.empty()]
    for part in blocks(len(queries), BLOCK):
        pixels = queries.read(part.start, part.stop - part.start)
        small = shrink(pixels)
        places = _candidates(small, pictures, None if own is None else own[part])
        for some in blocks(len(pixels), AT_ONCE):
            found = _decide(pixels[some], small[some], places[some], pictures)
            if own is not None:
                found = replace(found, identical=np.zeros(len(found), np.bool_))
            parts.append(found)
            progress(part.start + some.stop, len(queries))
    return Matches.joined(parts)


def _candidates(
    small: Tensor, pictures: Pictures, own: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Places among the pictures (n, at most CANDIDATES) of those that are nearest by their coarse
    versions, in whichever shift and mirrored or not."""
    centre = pictures.coarse.mean(0)
    versions = [
        _as_products(shrink_to_grey(version) - centre) for version in shifted_versions(small)
    ]
    wanted = min(CANDIDATES, len(pictures) - (own is not None))
    best = torch.full((len(small), wanted), torch.inf)
    places = torch.zeros((len(small), wanted), dtype=torch.int64)
    for columns in blocks(len(pictures)):
        reference = pictures.coarse[columns] - centre
        ones, squares = torch.ones(len(reference), 1), reference.square().sum(1, keepdim=True)
        turned = torch.cat([reference, ones, squares], 1).T.contiguous()
        squared = versions[0] @ turned
        for version in versions[1:]:
            torch.minimum(squared, version @ turned, out=squared)
        if own is not None:
            inside = np.flatnonzero((own >= columns.start) & (own < columns.stop))
            squared[inside, own[inside] - columns.start] = torch.inf
        near, where = squared.topk(min(wanted, squared.shape[1]), largest=False)
        best, order = torch.cat([best, near], 1).topk(wanted, largest=False)
        places = torch.cat([places, where + columns.start], 1).gather(1, order)
    found: NDArray[np.int64] = places.numpy()
    return found


def _as_products(coarse: Tensor) -> Tensor:
    """(n, d) → (n, d + 2), whose inner products with (x, 1, |x|²) are squared distances."""
    squares = coarse.square().sum(1, keepdim=True)
    return torch.cat([-2 * coarse, squares, torch.ones(len(coarse), 1)], 1)


def _decide(
    pixels: NDArray[np.uint8],
    small: Tensor,
    places: NDArray[np.int64],
    pictures: Pictures,
) -> Matches:
    """Compare some images with their candidates pixel by pixel."""
    numbers = torch.arange(len(small))
    rows = pictures.rows[places]
    references = _read(pictures.images, rows)
    distances, mirrored = pixel_distances(small, references)
    order = distances.argsort(1)
    distances, mirrored = distances.gather(1, order), mirrored.gather(1, order)
    rows = np.take_along_axis(rows, order.numpy(), 1)
    nearest = distances[:, 0]
    place = torch.ones(len(small), dtype=torch.int64)
    # Other versions of the nearest picture, such as compressed ones, are not the second nearest.
    # They matter only where half of the candidates are much further: a single one may be far from
    # pictures that are all alike, such as thin ones among digits.
    usual = distances[:, distances.shape[1] // 2]
    look = torch.nonzero((nearest < COPY * usual) & (nearest >= COPY * distances[:, 1]))
    for number in look[:, 0].tolist():
        ordered = references[number, order[number]]
        among, _ = pixel_distances(ordered[:1], ordered[None])
        other = among[0] > COPY * usual[number]
        other[0] = False
        place[number] = int(other.float().argmax()) if other.any() else distances.shape[1] - 1
    second = distances[numbers, place]
    for number in torch.nonzero((nearest < CLOSE * second) & (nearest >= COPY * second))[:, 0]:
        halves = half_shifts(pixels[number])
        if len(halves):
            reference = references[number, order[number, :1]][None]
            nearest[number] = min(
                nearest[number],
                pixel_distances(halves, reference.expand(len(halves), -1, -1, -1, -1))[0].min(),
            )
    identical = [picture_key(image) in pictures.keys for image in pixels]
    return Matches(
        nearest.numpy(),
        second.numpy(),
        rows[:, 0],
        rows[np.arange(len(rows)), place.numpy()],
        mirrored[:, 0].numpy(),
        np.array(identical, np.bool_),
    )


def _read(images: Images, rows: NDArray[np.int64]) -> Tensor:
    """Single training images (n, k) → (n, k, C, h, w)."""
    different, where = np.unique(rows, return_inverse=True)
    pixels = np.concatenate([images.read(int(row), 1) for row in different])
    return shrink(pixels)[torch.from_numpy(where.reshape(rows.shape))]
