"""Real and generated features on a plane."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.errors import ZerosumError
from zerosum.evaluation.scores import Features

Points = NDArray[np.float32]


@dataclass(frozen=True)
class Plane:
    """Points of real and generated images (count, 2), and what the two axes are called."""

    real: Points
    fake: Points
    axes: tuple[str, str]
    method: str


def principal_plane(real: Features, fake: Features) -> Plane:
    """The two directions in which the real features (count, dimension) vary most, and where both
    sides lie along them. The signs are such that the largest part of each direction is positive."""
    mean = real.mean(axis=0, dtype=np.float64)
    centred = torch.from_numpy(real - mean)
    values, directions = torch.linalg.eigh(centred.T @ centred)
    chosen = directions[:, -2:].flip(1)
    largest = chosen.abs().argmax(0)
    chosen = chosen * chosen[largest, torch.arange(2)].sign()
    shares = (values[-2:].flip(0) / values.sum().clamp(min=1e-12)).tolist()
    first, second = (f"{share:.0%} of the variance" for share in shares)
    return Plane(
        (centred @ chosen).float().numpy(),
        (torch.from_numpy(fake - mean) @ chosen).float().numpy(),
        (f"component 1: {first}", f"component 2: {second}"),
        "PCA",
    )


def umap_plane(real: Features, fake: Features, seed: int) -> Plane:
    """UMAP (McInnes et al. 2018, arXiv 1802.03426) of the real features; the generated ones are
    placed among them. Distances between far clusters mean nothing in it.

    Raises ZerosumError where the extra `umap` is not installed.
    """
    try:
        from umap import UMAP
    except ImportError as error:
        raise ZerosumError(
            "UMAP needs the package umap-learn, which is not installed",
            "install the extra: pip install 'zerosum[umap]', or leave --method out for PCA",
        ) from error
    neighbours = min(15, len(real) - 1)
    reducer = UMAP(n_neighbors=neighbours, random_state=seed, n_jobs=1)
    placed = reducer.fit_transform(np.array(real))
    return Plane(
        np.asarray(placed, np.float32),
        np.asarray(reducer.transform(np.array(fake)), np.float32),
        ("UMAP 1", "UMAP 2"),
        "UMAP",
    )
