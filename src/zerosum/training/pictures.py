"""The pictures that a run makes of itself: sample sheets, the real images, its live generator."""

import contextlib
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.data import damage_held_out
from zerosum.data.batches import to_uint8
from zerosum.diagnosis.variety import PICTURES, variety
from zerosum.generation import TrainedGenerator
from zerosum.generation.restored import restored
from zerosum.networks.latents import sample_latents
from zerosum.training.session import Training

COLUMNS = 8
SAMPLES = 64
"""Pictures in a sample grid: those numbered 0 to 63 of `zerosum sample`."""


@contextlib.contextmanager
def live_generator(training: Training) -> Iterator[TrainedGenerator]:
    """The generator as it is now (its average, where there is one), in evaluation mode meanwhile.

    Nothing in the training changes by what is made with it.
    """
    game = training.game
    module = game.players.best_generator
    module.eval()
    try:
        yield TrainedGenerator(
            module=module,
            recipe=game.recipe,
            run=training.run.path.resolve().name,
            checkpoint=f"{training.position.images:09d}",
            averaged=game.players.average is not None,
            device=game.fabric.device,
        )
    finally:
        module.train(module is game.players.generator)


def sample_sheet(training: Training) -> None:
    """Write the grid of the pictures numbered 0 to 63 at this point of the training, once."""
    name = f"{training.position.images:09d}"
    if training.writer is None or training.writer.has_picture(name):
        return
    with live_generator(training) as generator:
        if generator.recipe.task.pairs:
            pictures, text = restorations(training, generator), generator.labels()
        else:
            pictures, text = generator(range(SAMPLES)), generator.labels() | {"seed": "0"}
    training.writer.picture(name, pictures, training.position.images, text)


def restorations(training: Training, generator: TrainedGenerator) -> NDArray[np.uint8]:
    """Held-out pictures damaged, restored, and as they were: (48, H, W, C) uint8, three rows of
    eight, twice; fewer where fewer are held out, and of the training's own where none are."""
    recipe, data = training.game.recipe, training.data
    split = data.held_out if len(data.held_out) else data.train
    numbers = np.arange(min(2 * COLUMNS, len(split)))
    originals = split.take(numbers)
    damaged = damage_held_out(originals, recipe.damage, recipe.seed, numbers)
    versions = damaged, restored(generator, damaged), originals
    return np.concatenate(
        [
            version[first : first + COLUMNS]
            for first in range(0, len(originals), COLUMNS)
            for version in versions
        ]
    )


def first_pictures(training: Training) -> None:
    """Real images as the discriminator sees them, and the first fakes: faults show in a second."""
    if training.writer is None:
        return
    count = min(SAMPLES, len(training.data.train))  # none of them twice
    reals = to_uint8(training.game.batches.at(0, count))
    text = {"run": training.run.path.resolve().name, "data": training.data.name}
    training.writer.picture("reals", reals, 0, text)
    sample_sheet(training)


def live_variety(training: Training) -> dict[str, float]:
    """How far apart the generated images of 64 fixed latents are, beside as many real ones; of
    fewer, where there are fewer real ones: none may be there twice.

    From the live generator, not its average, which would hide a collapse for a while.
    """
    if training.writer is None or training.game.recipe.task.pairs:
        return {}  # restored pictures differ as their originals do
    module = training.game.players.generator
    count = min(PICTURES, len(training.data.train))
    latents = sample_latents(
        training.game.recipe.seed,
        range(count),
        training.game.recipe.network.latent,
        training.game.recipe.network.prior,
    )
    module.eval()
    with torch.inference_mode():
        fakes = module(latents.to(training.game.fabric.device)).float()
    module.train()
    return variety(fakes, training.game.batches.at(0, count))
