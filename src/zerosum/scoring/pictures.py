"""The pictures that a training's generator makes while it is trained."""

import contextlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zerosum.data import PackedData, damage_held_out
from zerosum.generation import TrainedGenerator
from zerosum.generation.restored import restored
from zerosum.training.pictures import SAMPLES
from zerosum.training.session import Training

COLUMNS = 8


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


def sheet(training: Training) -> tuple[NDArray[np.uint8], dict[str, str]]:
    """The pictures of a sample sheet at this point of a training, (n, H, W, C) uint8, and what
    their file says of them: those numbered 0 to 63 of `zerosum sample`, or restorations."""
    with live_generator(training) as generator:
        if generator.recipe.task.pairs:
            return restorations(training.data, generator), generator.labels()
        return generator(range(SAMPLES)), generator.labels() | {"seed": "0"}


def restorations(data: PackedData, generator: TrainedGenerator) -> NDArray[np.uint8]:
    """Held-out pictures damaged, restored, and as they were: (48, H, W, C) uint8, three rows of
    eight, twice; fewer where fewer are held out, and of the training's own where none are."""
    recipe = generator.recipe
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
