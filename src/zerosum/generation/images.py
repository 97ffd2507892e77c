"""A trained generator's pictures as images to be scored: made when they are read."""

import json

import numpy as np
from numpy.typing import NDArray

from zerosum.evaluation.images import Images, digest
from zerosum.generation.generator import TrainedGenerator, load_generator, require_latents
from zerosum.records.run import RunFolder


def generated_images(
    generator: TrainedGenerator, count: int, *, seed: int = 0, first: int = 0, weights: str
) -> Images:
    """The pictures numbered `first` to `first + count - 1` of `zerosum sample --seed SEED`.

    `weights` is a checksum of the generator's weights file: with it the fingerprint says which
    pictures these are without making them.
    """
    data = generator.recipe.data
    network = generator.recipe.network.model_dump(mode="json")
    device = str(generator.device)

    def read(start: int, number: int) -> NDArray[np.uint8]:
        numbers = range(first + start, first + start + number)
        return generator(generator.latents(seed, numbers))

    fingerprint = digest(
        *("generated", weights, json.dumps(network), device, seed, first, count),
        *generator.classes,
    )
    numbers = np.arange(first, first + count)
    learnt = bool(generator.recipe.classes)
    return Images(
        generator.run,
        count,
        (*data.resolution.shape, data.channels),
        fingerprint,
        read,
        labels=generator.classes_of(numbers) if learnt else None,
        class_names=data.classes if learnt else (),
        checkpoint=generator.checkpoint,
        weights=generator.weights,
        number=first,
    )


def run_images(
    run: RunFolder,
    count: int,
    *,
    checkpoint: str = "latest",
    averaged: bool | None = None,
    seed: int = 0,
    first: int = 0,
    device: str = "auto",
) -> Images:
    """Pictures `first` to `first + count - 1` of a run's generator, made when they are read."""
    generator = load_generator(run, checkpoint, averaged=averaged, device=device)
    require_latents(generator)
    return generated_images(generator, count, seed=seed, first=first, weights=generator.digest)
