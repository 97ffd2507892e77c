"""Pictures of somebody's own generator or loader, gathered into one array to be scored."""

import contextlib
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from zerosum.data.batches import to_uint8
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.images import require_pixels
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.generation.generator import TrainedGenerator
from zerosum.networks.latents import sample_latents

Maker = nn.Module | Callable[[Any], object] | Iterable[object]
"""A generator, or batches of pictures."""
BATCH = 64
ENOUGH = 10_000
"""Pictures of a generator where nobody says how many: what most published scores are of."""


def gathered(
    maker: Maker,
    count: int = 0,
    latent: int | Sequence[int] = 0,
    seed: int = 0,
    stage: Stage = no_stage,
) -> NDArray[np.uint8]:
    """The pictures that a generator or an iterable gives, (n, H, W, C) uint8.

    A module or function is called with latents where it is said what shape one has: `latent`
    numbers, standard normal, float32, those of `zerosum sample` for the pictures 0, 1, 2 … of
    `seed`. Without, a function is called with how many pictures it shall give, until there
    are enough; our own generators are called with their numbers. A module is put into `eval()`
    meanwhile. Of an iterable the batches or single pictures are taken as they come; of tuples, as a
    DataLoader gives, what are pictures. `count` is how many are taken, 0: all of an
    iterable, 10,000 of a generator.

    Pictures are arrays (n, H, W, C) uint8 or tensors (n, C, H, W), uint8 or float from -1 to 1.
    Raises TypeError for others, UsageError for a module without `latent`, ZerosumError where there
    are none or values are not finite.
    """
    wanted = count or (ENOUGH if callable(maker) else 0)
    parts: list[NDArray[np.uint8]] = []
    done = 0
    with _evaluating(maker):
        for given in _batches(maker, latent, seed):
            batch = _pixels(given)
            if not len(batch) and callable(maker):
                break  # it makes no more
            if parts and batch.shape[1:] != parts[0].shape[1:]:
                raise TypeError(
                    f"pictures to be scored are of one size: {batch.shape[1:]} comes after "
                    f"{parts[0].shape[1:]}"
                )
            parts.append(batch[: wanted - done] if wanted else batch)
            done += len(parts[-1])
            stage("making the pictures", done, wanted or done)
            if wanted and done >= wanted:
                break
    if not done:
        raise ZerosumError("there are no pictures to score", "give a generator that makes some")
    return np.concatenate(parts)


def _batches(maker: Maker, latent: int | Sequence[int], seed: int) -> Iterator[object]:
    shape = (latent,) if isinstance(latent, int) else tuple(latent)
    if isinstance(maker, nn.Module) and not math.prod(shape):
        raise UsageError(
            "a module makes pictures of latents, and it is not said of what shape",
            "give latent=100, or latent=(100, 1, 1)",
        )
    if not callable(maker):
        if not isinstance(maker, Iterable):
            raise TypeError(
                "images= is a name or a path, an array, a generator or an iterable of arrays, not "
                + type(maker).__name__
            )
        yield from maker
        return
    for first in itertools.count(0, BATCH):
        numbers = range(first, first + BATCH)
        if isinstance(maker, TrainedGenerator):
            if math.prod(shape):
                raise UsageError(
                    "this generator knows of what shape its latents are", "leave latent= out"
                )
            yield maker.make(maker.latents(seed, numbers))
        elif math.prod(shape):
            latents = sample_latents(seed, numbers, math.prod(shape), "normal")
            yield maker(latents.reshape(-1, *shape).to(_device_of(maker)))
        else:
            yield maker(len(numbers))


def _device_of(maker: object) -> torch.device:
    weight = next(maker.parameters(), None) if isinstance(maker, nn.Module) else None
    return torch.device("cpu") if weight is None else weight.device


@contextlib.contextmanager
def _evaluating(maker: object) -> Iterator[None]:
    """Without gradients, and with a module as it generates."""
    if not isinstance(maker, nn.Module):
        with torch.no_grad():
            yield
        return
    trained = [(module, module.training) for module in maker.modules()]
    maker.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, before in trained:
            module.training = before


def _pixels(given: object) -> NDArray[np.uint8]:
    """A batch of pictures, or one, as (n, H, W, C) uint8."""
    if isinstance(given, tuple | list):
        arrays = [part for part in given if isinstance(part, np.ndarray | torch.Tensor)]
        batch = [part for part in arrays[:1] if part.ndim == 4]  # what stands beside it is labels
        if pictures := batch or [part for part in arrays if part.ndim == 3]:
            return np.concatenate([_pixels(part) for part in pictures])
    if isinstance(given, torch.Tensor):
        return _pixels_of_tensor(given)
    if not isinstance(given, np.ndarray):
        raise TypeError(
            "pictures are arrays n × height × width × channels or tensors "
            f"n × channels × height × width, and this is {type(given).__name__}"
        )
    single = given.ndim == 3 and given.shape[-1] in (1, 3)
    return require_pixels(given[None] if single else given)


def _pixels_of_tensor(given: torch.Tensor) -> NDArray[np.uint8]:
    if given.ndim == 3 and given.shape[0] in (1, 3):
        given = given[None]
    if given.ndim != 4 or given.shape[1] not in (1, 3):
        raise TypeError(
            "tensors of pictures are n × 1 or 3 channels × height × width, and this is "
            + " × ".join(map(str, given.shape))
        )
    given = given.detach()
    if given.dtype == torch.uint8:
        return given.permute(0, 2, 3, 1).contiguous().cpu().numpy()
    if not given.is_floating_point():
        raise TypeError(f"tensors of pictures are uint8 or float, and this is {given.dtype}")
    if not bool(given.isfinite().all()):
        raise ZerosumError(
            "some of the pictures have values that are not finite",
            "look at what the generator makes of one latent",
        )
    if given.numel() and float(given.abs().max()) > 1.001:
        raise TypeError(
            f"float pictures are from -1 to 1, and these go from {float(given.min()):g} "
            f"to {float(given.max()):g}"
        )
    return to_uint8(given)
