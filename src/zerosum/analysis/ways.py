"""Ways from one sample of a run to another, for its page: few enough to be made with it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zerosum.generation.generator import load_generator
from zerosum.generation.interpolate import positions, usual_method, ways, write_interpolation
from zerosum.records.run import RunFolder

WAYS, STEPS, BEYOND = 5, 10, 0.5
PAIRS = [(2 * way, 2 * way + 1) for way in range(WAYS)]


@dataclass(frozen=True)
class Ways:
    """Pictures on ways from one sample to another."""

    pictures: NDArray[np.uint8]
    """(WAYS × STEPS, H, W, C), way after way."""
    checkpoint: str
    averaged: bool
    method: str


def ways_between(run: RunFolder, checkpoint: str) -> Ways:
    """From samples 0 to 1, 2 to 3, … of seed 0. On the processor: a training may have filled the
    graphics card. Raises ZerosumError where the checkpoint cannot be read."""
    generator = load_generator(run, checkpoint, device="cpu")
    method = usual_method(generator.recipe.network.prior)
    latents = ways(generator, PAIRS, 0, tuple(positions(STEPS)), method)
    return Ways(generator(latents.flatten(0, 1)), generator.checkpoint, generator.averaged, method)


def extrapolation_file(run: RunFolder, checkpoint: str) -> Path:
    """Where `extrapolate` writes."""
    return run.samples / f"extrapolation-{checkpoint}-seed0.png"


def extrapolate(run: RunFolder, checkpoint: str, device: str) -> None:
    """Write a sheet of the same ways that go on past both samples.

    Raises ZerosumError where the checkpoint cannot be read or the file not be written.
    """
    generator = load_generator(run, checkpoint, device=device)
    path = extrapolation_file(run, checkpoint)
    write_interpolation(generator, path, PAIRS, steps=STEPS, beyond=BEYOND)
