"""Changes of augmentation from files of the user's, and how they are tried."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from zerosum.randomness import random_for
from zerosum.user_function import UserFunction, kind_of

TRIED = 4
"""Images that a change is tried on."""
RANDOM = (
    "take all that is random from `numbers`, of which @zerosum.augmentation(…, numbers=2) has two "
    "for each image"
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
        expected = kind_of(images)
        if not isinstance(changed, Tensor) or kind_of(changed) != expected:
            self.function.refuse(
                f"gives {kind_of(changed)} of images {expected}",
                "it has to give a tensor of the same type and shape",
            )
        return changed


OWN_CHANGES: dict[str, OwnChange] = {}
"""By the names of kinds that files bring."""


def try_change(change: OwnChange, shape: Sequence[int], penalty: str) -> None:
    """Try a change on some images of a shape (C, H, W). Raises ZerosumError, with its line, where
    a training could not use it under this penalty ("none": without one)."""
    random, refuse = random_for(0, "an augmentation on trial"), change.function.refuse
    pixels = random.random((TRIED, *shape), dtype=np.float32) * 2 - 1
    images = torch.from_numpy(pixels).requires_grad_()
    numbers = torch.from_numpy(random.random((TRIED, change.numbers), dtype=np.float32))
    full = torch.ones(())
    changed = change(images, numbers, full)
    if not changed.isfinite().all():
        refuse("gives numbers that are not finite", "look for a division by 0")
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
    _try_gradient(change, changed, images, penalty)


def _try_gradient(change: OwnChange, changed: Tensor, images: Tensor, penalty: str) -> None:
    refuse = change.function.refuse
    by_torch = (
        "the generator learns through it: compute images by functions of torch that have a "
        "gradient, without .detach(), .round() or numpy"
    )
    if not changed.requires_grad:
        refuse("gives images without a gradient", by_torch)
    with change.function.telling():
        (gradient,) = torch.autograd.grad(changed.square().sum(), images, create_graph=True)
    if not gradient.any():
        refuse("gives images whose gradient is 0", by_torch)
    if not gradient.isfinite().all():
        refuse("has a gradient that is not finite", "look for sqrt(0) or a division by 0")
    if penalty != "none":
        try:
            torch.autograd.grad(gradient.square().sum(), images)
        except RuntimeError as error:
            refuse(
                f"cannot be differentiated twice ({error})",
                f"objective.penalty = {penalty!r} needs that; use other functions, or no penalty",
            )
