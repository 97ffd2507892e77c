"""Real and generated features on a plane."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.errors import ZerosumError
from zerosum.evaluation.scores.distances import Features, blocks

Points = NDArray[np.float32]

NEIGHBOURS = 15
"""As UMAP's authors set it."""
FEWEST_FOR_UMAP = 5


@dataclass(frozen=True)
class Plane:
    """Points of real and generated images (count, 2), and what the two axes are called."""

    real: Points
    fake: Points
    axes: tuple[str, str]
    method: str


def principal_plane(real: Features, fake: Features) -> Plane:
    """The two directions in which the real features (count, dimension) vary most, and where both
    sides lie along them. The signs are such that the largest part of each direction is positive.

    In blocks: only the (dimension, dimension) scatter and the points are held.
    """
    mean = real.mean(axis=0, dtype=np.float64)

    def centred(features: Features) -> Iterator[torch.Tensor]:
        for part in blocks(len(features)):
            yield torch.from_numpy(features[part] - mean)

    scatter = torch.zeros(len(mean), len(mean), dtype=torch.float64)
    for rows in centred(real):
        scatter += rows.T @ rows
    values, directions = torch.linalg.eigh(scatter)
    chosen = directions[:, -2:].flip(1)
    largest = chosen.abs().argmax(0)
    chosen = chosen * chosen[largest, torch.arange(2)].sign()
    shares = (values[-2:].flip(0) / values.sum().clamp(min=1e-12)).tolist()
    first, second = (f"{share:.0%} of the variance" for share in shares)

    def along(features: Features) -> Points:
        placed: Points = torch.cat([rows @ chosen for rows in centred(features)]).float().numpy()
        return placed

    axes = (f"component 1: {first}", f"component 2: {second}")
    return Plane(along(real), along(fake), axes, "PCA")


def require_umap() -> None:
    """Raise ZerosumError where the extra `umap` is not installed."""
    if find_spec("umap") is None:
        raise ZerosumError(
            "UMAP needs the package umap-learn, which is not installed",
            "install the extra: pip install 'zerosum[umap]', or leave --method out for PCA",
        )


def umap_plane(real: Features, fake: Features, seed: int) -> Plane:
    """UMAP (McInnes et al. 2018, arXiv 1802.03426) of the real features; the generated ones are
    placed among them. Distances between far clusters mean nothing in it.

    Raises ZerosumError where the extra `umap` is not installed, or there are too few images.
    """
    require_umap()
    if len(real) < FEWEST_FOR_UMAP:
        raise ZerosumError(
            f"{len(real)} real images are too few for UMAP", "leave --method out for PCA"
        )
    from umap import UMAP

    neighbours = min(NEIGHBOURS, len(real) - 1)
    # The package takes seeds of 32 bits alone.
    reducer = UMAP(n_neighbors=neighbours, random_state=seed % 2**32, n_jobs=1)
    placed = reducer.fit_transform(np.array(real))
    return Plane(
        np.asarray(placed, np.float32),
        np.asarray(reducer.transform(np.array(fake)), np.float32),
        ("UMAP 1", "UMAP 2"),
        "UMAP",
    )
