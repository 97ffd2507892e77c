"""What the discriminator says of held-out images, beside those that it learns from."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from zerosum.adversarial.penalties import Place
from zerosum.data.batches import Batches
from zerosum.tasks import Draw
from zerosum.training.game import Batch, draw_augmentation
from zerosum.training.session import Training

FEWEST = 2
"""Held-out images without which nothing is measured: batch norm needs two."""


def held_out_outputs(training: Training) -> dict[str, float]:
    """The discriminator's mean output, before any sigmoid, on the next training images, on as many
    held-out ones and on as many generated ones: D_train, D_validation and D_generated of Karras et
    al. 2020 (arXiv 2006.06676), section 3.1.

    All three are asked as in training, images augmented, batch norm by the statistics of each
    batch, but without dropout; nothing of the training changes. Nothing of pictures that have
    originals, where fewer than two are held out, and in processes that do not write.
    """
    game = training.game
    held_out, share = training.held_out, game.share()
    count = min(share.stop - share.start, len(training.data.train), len(training.data.held_out))
    if training.writer is None or held_out is None or count < FEWEST:
        return {}
    players, known = game.players, _batch(training, game.batches, count, 0)
    new = _batch(training, held_out, count, 1)
    with torch.no_grad(), undisturbed(players.generator), undisturbed(players.discriminator):
        with game.fabric.autocast():
            fake = players.generator(known.inputs).float()
        learnt = _means(training, known, {"real": known.real, "fake": fake})
        unseen = _means(training, new, {"real": new.real})
    return {
        "d_train": learnt["real"],
        "d_held_out": unseen["real"],
        "d_generated": learnt["fake"],
    }


def _batch(training: Training, source: Batches, count: int, which: int) -> Batch:
    """The next images of a stream with draws that no step of the training has."""
    game, at = training.game, training.position
    beyond = game.recipe.schedule.critic_steps + which
    real = source.at(at.images, count)
    labels = source.labels(at.images, count) if game.task.labels else None
    draw = Draw(at.step, beyond, slice(0, count), at.images, real, labels)
    draws = draw_augmentation(game, at.step, beyond)
    return Batch(
        real,
        game.task.inputs(game.recipe, draw),
        real.new_zeros(count, 1, 1, 1),
        labels,
        None if draws is None else draws[:count],
    )


def _means(training: Training, batch: Batch, images: dict[Place, Tensor]) -> dict[Place, float]:
    """The discriminator's mean output on images of the batch; waits for the device."""
    asked, means = training.game.discriminator(batch, "discriminator"), dict[Place, float]()
    for place, each in images.items():
        seen = asked.augment(place, each)
        with asked.autocast():
            means[place] = float(asked.plain(seen).float().mean())
    return means


@contextmanager
def undisturbed(network: nn.Module) -> Iterator[None]:
    """A network that computes as in training, but drops nothing and learns no statistics."""
    training = [(module, module.training) for module in network.modules()]
    buffers = [(buffer, buffer.clone()) for buffer in network.buffers()]
    for module, _ in training:
        module.training = isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)
    try:
        yield
    finally:
        for module, before in training:
            module.training = before
        for buffer, content in buffers:
            buffer.copy_(content)
