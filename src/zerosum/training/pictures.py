"""The pictures that a run makes of itself: sample sheets, the real images."""

import torch

from zerosum.data.batches import to_uint8
from zerosum.diagnosis.variety import PICTURES, variety
from zerosum.training.evaluator import Evaluator
from zerosum.training.meeting import meet
from zerosum.training.session import Training

REALS = 64
"""Real pictures that are shown, where there are as many."""


def sample_sheet(training: Training, evaluator: Evaluator) -> None:
    """Write the sample sheet of this point of the training, once. The other processes wait."""
    _sample_sheet(training, evaluator)
    meet(training.game.fabric)


def _sample_sheet(training: Training, evaluator: Evaluator) -> None:
    name = f"{training.position.images:09d}"
    if training.writer is None or training.writer.has_picture(name):
        return
    if (sheet := evaluator.sheet()) is not None:
        pictures, text = sheet
        path = training.writer.picture(name, pictures, training.position.images, text)
        training.listener.sampled(path, training.position.images)


def first_pictures(training: Training, evaluator: Evaluator) -> None:
    """Real images as the discriminator sees them, and the first fakes: faults show in a second."""
    if training.writer is not None:
        count = min(REALS, len(training.data.train))  # none of them twice
        reals = to_uint8(training.game.batches.at(0, count))
        text = {"run": training.run.path.resolve().name, "data": training.data.name}
        training.listener.sampled(training.writer.picture("reals", reals, 0, text), 0)
    sample_sheet(training, evaluator)


def live_variety(training: Training) -> dict[str, float]:
    """How far apart the generated images of 64 fixed latents are, beside as many real ones; of
    fewer, where there are fewer real ones: none may be there twice.

    From the live generator, not its average, which would hide a collapse for a while.
    """
    numbered = training.game.task.numbered
    if training.writer is None or numbered is None:
        return {}  # pictures that have originals differ as those do
    module = training.game.players.generator
    count = min(PICTURES, len(training.data.train))
    inputs = numbered(training.game.recipe, training.game.recipe.seed, range(count), None, ())
    module.eval()
    with torch.inference_mode():
        fakes = module(inputs.to(training.game.fabric.device)).float()
    module.train()
    return variety(fakes, training.game.batches.at(0, count))
