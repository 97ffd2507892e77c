"""The pictures that a training's generator makes while it is trained."""

import contextlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zerosum.generation.generator import TrainedGenerator
from zerosum.training.session import Training


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
    their file says of them."""
    game = training.game
    with live_generator(training) as generator:
        pictures, text = game.task.sheet(game.recipe, training.data, generator.make)
        return pictures, generator.labels() | text
