"""What the discriminator says of held-out images, beside those that it learns from."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from zerosum.adversarial.penalties import Place
from zerosum.data.batches import Batches
from zerosum.tasks import Draw
from zerosum.training.fabric import mean_over_processes
from zerosum.training.game import Batch, draw_augmentation
from zerosum.training.session import Training

FEWEST = 2
"""Held-out images without which nothing is measured: batch norm needs two."""


def held_out_outputs(training: Training) -> dict[str, float]:
    """The discriminator's mean output, before any sigmoid, on the next training images, on as many
    held-out ones and on as many generated ones: D_train, D_validation and D_generated of Karras et
    al. 2020 (arXiv 2006.06676), section 3.1.

    All three are asked as in training, images augmented, batch norm by the statistics of each
    batch, but without dropout; nothing of the training changes. Each process asks about its part.
    Nothing of pictures that have originals, and where fewer than two a process are held out.
    """
    game, data, held_out = training.game, training.data, training.held_out
    share, processes = game.share(), game.fabric.world_size
    count = min(
        share.stop - share.start, *(len(s) // processes for s in (data.train, data.held_out))
    )
    if held_out is None or count < FEWEST:
        return {}
    first = game.fabric.global_rank * count
    part = slice(first, first + count)
    players, known = game.players, _batch(training, game.batches, part, 0)
    new = _batch(training, held_out, part, 1)
    with torch.no_grad(), undisturbed(players.generator), undisturbed(players.discriminator):
        with game.fabric.autocast():
            fake = players.generator(known.inputs).float()
        learnt = _means(training, known, {"real": known.real, "fake": fake})
        unseen = _means(training, new, {"real": new.real})
    means = torch.stack([learnt["real"], unseen["real"], learnt["fake"]])
    numbers = mean_over_processes(game.fabric, means).tolist()
    return dict(zip(("d_train", "d_held_out", "d_generated"), numbers, strict=True))


def _batch(training: Training, source: Batches, part: slice, which: int) -> Batch:
    """A part of the next images of a stream, with draws that no step of the training has."""
    game, at = training.game, training.position
    beyond, count = game.recipe.schedule.critic_steps + which, part.stop - part.start
    real = source.at(at.images + part.start, count)
    labels = source.labels(at.images + part.start, count) if game.task.labels else None
    draw = Draw(at.step, beyond, part, at.images + part.start, real, labels)
    draws = draw_augmentation(game, at.step, beyond)
    return Batch(
        real,
        game.task.inputs(game.recipe, draw),
        real.new_zeros(count, 1, 1, 1),
        labels,
        None if draws is None else draws[:count],
    )


def _means(training: Training, batch: Batch, images: dict[Place, Tensor]) -> dict[Place, Tensor]:
    """The discriminator's mean output on images of the batch."""
    asked, means = training.game.discriminator(batch, "discriminator"), dict[Place, Tensor]()
    for place, each in images.items():
        seen = asked.augment(place, each)
        with asked.autocast():
            means[place] = asked.plain(seen).float().mean()
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
