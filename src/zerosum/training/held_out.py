"""What the discriminator says of held-out images, beside those that it learns from."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from zerosum.adversarial.objectives import logits_of
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
    micro-batch, but without dropout; nothing of the training changes. Each process asks about its
    part. Nothing of pictures that have originals, and where fewer than two a process are held out.
    """
    game, data, held_out = training.game, training.data, training.held_out
    share, processes = game.share(), game.fabric.world_size
    sizes = [len(split) // processes for split in (data.train, data.held_out)]
    count = min(share.stop - share.start, *sizes)
    if held_out is None or count < FEWEST:
        return {}
    size = min(count, game.micro_batches()[0].stop)
    rank = game.fabric.global_rank
    players, means = game.players, list[Tensor]()
    with torch.no_grad(), undisturbed(players.generator), undisturbed(players.discriminator):
        for start in range(0, count - size + 1, size):
            part = slice(start, start + size)
            known = _batch(training, game.batches, rank * count, part, 0)
            new = _batch(training, held_out, rank * count, part, 1)
            with game.fabric.autocast():
                fake = players.generator(known.inputs).float()
            learnt = _means(training, known, {"real": known.real, "fake": fake})
            unseen = _means(training, new, {"real": new.real})
            means.append(torch.stack([learnt["real"], unseen["real"], learnt["fake"]]))
    numbers = mean_over_processes(game.fabric, torch.stack(means).mean(0)).tolist()
    return dict(zip(("d_train", "d_held_out", "d_generated"), numbers, strict=True))


def _batch(training: Training, source: Batches, first: int, part: slice, which: int) -> Batch:
    """A part of this process's share, which begins at `first`, of the next images of a stream, with
    draws that no step of the training has."""
    game, at = training.game, training.position
    beyond, count = game.recipe.schedule.critic_steps + which, part.stop - part.start
    place = at.images + first + part.start
    real = source.at(place, count)
    labels = source.labels(place, count) if game.task.labels else None
    whole = slice(first + part.start, first + part.stop)
    draws = draw_augmentation(game, at.step, beyond)
    return Batch(
        real,
        game.task.inputs(game.recipe, Draw(at.step, beyond, whole, place, real, labels)),
        real.new_zeros(count, 1, 1, 1),
        labels,
        None if draws is None else draws[part],
    )


def _means(training: Training, batch: Batch, images: dict[Place, Tensor]) -> dict[Place, Tensor]:
    """The discriminator's mean output on images of the batch."""
    asked, means = training.game.discriminator(batch, "discriminator"), dict[Place, Tensor]()
    for place, each in images.items():
        seen = asked.augment(place, each)
        with asked.autocast():
            means[place] = logits_of(asked.plain(seen)).float().mean()
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
