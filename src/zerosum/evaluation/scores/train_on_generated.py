"""Train on generated, test on real: the accuracy, on real images, of a classifier that learnt from
generated ones and the classes that were asked for (the classification accuracy score of Ravuri and
Vinyals 2019, arXiv 1905.10887, section 3; GAN-train of Shmelkov et al. 2018, arXiv 1807.09499,
section 3).

The classifier is the small network of the `digits` extractor at 32 pixels, trained for a fixed
number of steps by one thread in float32, so that the same images give the same number.
"""

import time
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from zerosum.evaluation.extractors.digits import at_side
from zerosum.evaluation.extractors.small_classifier import SmallClassifier
from zerosum.evaluation.images import Images
from zerosum.evaluation.scores.given import Given
from zerosum.evaluation.scores.labelled import labelled, share_of_classes
from zerosum.evaluation.scores.score import Result
from zerosum.processor.threads import computing_with
from zerosum.randomness import random_for

STEPS = 500
BATCH = 128
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-2
READ = 512
"""Images that are read, and classified, at a time."""
TIMED = 3
"""Steps by which a training is measured; the first is not."""


def score(given: Given) -> Result:
    """The accuracy of what is given on all real images, and on those of each class. No error: other
    pictures of the same generator would take other trainings."""
    sides = labelled(given)
    with computing_with(1):
        network = trained(
            pixels_of(sides.fakes),
            sides.fake_classes,
            len(sides.names),
            seed=given.seed,
            steps=STEPS,
            progress=sides.progress,
        )
        found = classified(network, pixels_of(sides.reals))
    right = found == sides.real_classes
    return share_of_classes(right, sides.real_classes, sides.names, _mean)


def _mean(ones: NDArray[np.float64]) -> Result:
    return Result(float(ones.mean()))


def pixels_of(images: Images) -> Tensor:
    """All images, (n, C, 32, 32) uint8."""
    parts = [at_side(torch.from_numpy(batch)).round() for batch in images.batches(READ)]
    return torch.cat([part.to(torch.uint8) for part in parts])


def trained(
    pixels: Tensor,
    classes: NDArray[np.int64],
    class_count: int,
    *,
    seed: int,
    steps: int,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> SmallClassifier:
    """A classifier of images (n, C, 32, 32) uint8 and their classes (n,), in evaluation mode: AdamW
    by a one-cycle schedule, so many steps of up to 128 images, whatever the number of images."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = SmallClassifier(pixels.shape[1], class_count)
    network = network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    labels, order = torch.from_numpy(classes), np.empty(0, np.int64)
    for step in range(steps):
        if len(order) < BATCH:
            more = random_for(seed, "order", step).permutation(len(pixels))
            order = np.concatenate([order, more])
        rows, order = order[:BATCH], order[BATCH:]
        loss = F.cross_entropy(network(_scaled(pixels[rows]))[1], labels[rows])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        progress(step + 1, steps)
    return network.eval()


@torch.no_grad()
def classified(network: SmallClassifier, pixels: Tensor) -> NDArray[np.int64]:
    """The likeliest class of each image (n, C, 32, 32) uint8."""
    found = [network(_scaled(part))[1].argmax(1) for part in torch.split(pixels, READ)]
    classes: NDArray[np.int64] = torch.cat(found).numpy()
    return classes


def _scaled(pixels: Tensor) -> Tensor:
    """uint8 → float32 in [-1, 1]."""
    return (pixels.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def seconds_to_train(channels: int, class_count: int) -> float:
    """How long one training takes here, by a few steps on grey images."""
    pixels = torch.full((BATCH, channels, 32, 32), 128, dtype=torch.uint8)
    began = []

    def hear(_done: int, _total: int) -> None:
        began.append(time.monotonic())

    with computing_with(1):
        trained(pixels, np.zeros(BATCH, np.int64), class_count, seed=0, steps=TIMED, progress=hear)
    return STEPS * (began[-1] - began[0]) / (TIMED - 1)
