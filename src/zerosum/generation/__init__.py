"""A trained generator's pictures: samples, interpolations, the film of its training, and pictures
that it restores.

Picture i of a run and seed is always the same picture, however many are made beside it.
"""

from zerosum.generation.film import write_film
from zerosum.generation.generator import (
    TrainedGenerator,
    load_discriminator,
    load_generator,
    require_latents,
)
from zerosum.generation.images import generated_images, run_images
from zerosum.generation.interpolate import write_interpolation
from zerosum.generation.restore import RestoredFile, restore_files, restore_picture
from zerosum.generation.sample import write_samples

__all__ = [
    "RestoredFile",
    "TrainedGenerator",
    "generated_images",
    "load_discriminator",
    "load_generator",
    "require_latents",
    "restore_files",
    "restore_picture",
    "run_images",
    "write_film",
    "write_interpolation",
    "write_samples",
]
