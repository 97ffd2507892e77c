"""Changes of augmentation from files of the user's, and how they are tried."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from zerosum.parts import one_line
from zerosum.randomness import random_for
from zerosum.user_function import UserFunction

TRIED = 4
"""Images that a change is tried on."""
RANDOM = (
    "take all that is random from `numbers`, of which @zerosum.augmentation(…, numbers=2) has two "
    "for each image"
)
BY_TORCH = (
    "the generator learns through it: compute images by functions of torch that have a gradient, "
    "without .detach(), .round() or numpy"
)


@dataclass(frozen=True)
class OwnChange:
    """A change of images that a file of the user's brings."""

    function: UserFunction[object]
    numbers: int
    """How many numbers are drawn for an image, uniform in [0, 1)."""

    def __call__(self, images: Tensor, numbers: Tensor, strength: Tensor) -> Tensor:
        """Images float32 (n, C, H, W) changed by the numbers drawn for each, (n, numbers), with a
        strength from 0 (not at all) to 1, a scalar. Raises ZerosumError where it gives no such
        images."""
        changed = self.function(images=images, numbers=numbers, strength=strength)
        return self.function.require_like(changed, images, Tensor, "images")


OWN_CHANGES: dict[str, OwnChange] = {}
"""By the names of kinds that files bring."""


def try_change(change: OwnChange, shape: Sequence[int], penalty: str) -> None:
    """Try a change on some images of a shape (C, H, W). Raises ZerosumError, with its line, where
    a training could not use it under this penalty ("none": without one)."""
    random, refuse = random_for(0, "an augmentation on trial"), change.function.refuse
    pixels = random.random((TRIED, *shape), dtype=np.float32) * 2 - 1
    images = torch.from_numpy(pixels).requires_grad_()
    numbers = torch.from_numpy(random.random((TRIED, change.numbers), dtype=np.float32))
    numbers[0], numbers[1] = 0, 1 - 2**-24  # the least and the largest that float32 has of [0, 1)
    full = torch.ones(())
    changed = change(images, numbers, full)
    if not changed.isfinite().all():
        refuse(
            "gives numbers that are not finite",
            "look for a division by 0, or for log(0): `numbers` may be 0",
        )
    if not torch.equal(changed, change(images, numbers, full)):
        refuse("gives other images for the same numbers", RANDOM)
    one = [change(images[at : at + 1], numbers[at : at + 1], full) for at in range(TRIED)]
    if not torch.allclose(torch.cat(one), changed, atol=1e-4):
        refuse(
            "changes an image in another way when others are beside it",
            "make each from itself and its own numbers alone: a batch can be computed in parts",
        )
    if not torch.allclose(change(images, numbers, 0 * full), images, atol=1e-4):
        refuse(
            "changes images at strength 0",
            "let `strength` lead from 0, where they stay as they are, to 1",
        )
    weights = torch.from_numpy(random.random((TRIED, *shape), dtype=np.float32))
    for strength in (0.5, 1.0):
        changed = change(images, numbers, strength * full)
        gradient = _gradient(change, (weights * changed.square()).sum(), images, penalty)
        # In full, a change may leave nothing of an image.
        if strength < 1 and not gradient.any():
            refuse("gives images whose gradient is 0", BY_TORCH)


def _gradient(change: OwnChange, judged: Tensor, images: Tensor, penalty: str) -> Tensor:
    """That of a number computed from changed images, at the images. Raises ZerosumError where a
    training could not use it."""
    refuse = change.function.refuse
    if not judged.requires_grad:
        refuse("gives images without a gradient", BY_TORCH)
    with change.function.telling():
        (gradient,) = torch.autograd.grad(judged, images, create_graph=True)
    if not gradient.isfinite().all():
        refuse("has a gradient that is not finite", "look for sqrt(0) or a division by 0")
    if penalty != "none":
        try:
            torch.autograd.grad(gradient.square().sum(), images)
        except RuntimeError as error:
            refuse(
                f"cannot be differentiated twice ({one_line(error)})",
                f"objective.penalty = {penalty!r} needs that; use other functions, or no penalty",
            )
    return gradient
