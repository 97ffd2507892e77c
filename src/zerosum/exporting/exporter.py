"""What an exporter is, and what a file of it has to show before it is called done."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zerosum.errors import ZerosumError, first_line
from zerosum.exporting.request import FormatName
from zerosum.exporting.subject import Subject, multiple_of
from zerosum.generation.generator import TrainedGenerator
from zerosum.words import percent

MOST = 1
"""Grey levels by which a value may differ: each program rounds in its own way."""
CHECKED = 8
"""Pictures that are made of latents."""

Made = bytes | Mapping[str, bytes]
"""The content of a file, or of each file of a folder."""
Compute = Callable[[Tensor], NDArray[np.uint8]]
"""Inputs of a generator, as `TrainedGenerator.compute` takes them → pictures, uint8 (n, H, W, C).
"""


@dataclass(frozen=True)
class Exporter:
    """A format: how it is made, and how a file of it is read back."""

    make: Callable[[Subject], Made]
    read: Callable[[Subject, Path], Compute]
    """By the program that its users read it with."""
    reader: Callable[[], str]
    """That program and its version."""


@dataclass(frozen=True)
class Check:
    """Pictures of a file beside those of the run."""

    by: str
    """What read the file."""
    pictures: int
    farthest: int
    """Of all values the most grey levels, of 255, that one is off."""
    differing: float
    """The share of the values that are off."""

    def __str__(self) -> str:
        same = f"{self.by} makes the run's pictures of it ({self.pictures} compared"
        if not self.farthest:
            return f"{same}, all values the same)"
        return f"{same}, {percent(self.differing)} of the values are one grey level off)"


def exporter_of(name: FormatName) -> Exporter:
    """`EXPORTER` in the file of that name beside this one."""
    found: Exporter = import_module(f"{__package__}.{name}").EXPORTER
    return found


def examples(generator: TrainedGenerator) -> list[Tensor]:
    """Batches of inputs of a generator: several, and one alone. Of pictures that it restores two
    sizes, of noise, in which every value stands beside every other."""
    if generator.recipe.task.latents:
        numbers = range(CHECKED)
        return [generator.latents(0, numbers[1:]), generator.latents(0, numbers[:1])]
    multiple, channels = multiple_of(generator), generator.recipe.data.channels
    noise = np.random.default_rng(0)
    side = max(generator.recipe.data.resolution.width, 2 * multiple)  # of a square
    shapes = (2, channels, side, side), (1, channels, side + multiple, side + 2 * multiple)
    levels = [noise.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]
    return [torch.from_numpy(each).float() / 127.5 - 1 for each in levels]


def checked(exporter: Exporter, subject: Subject, path: Path) -> Check:
    """What was written, beside the run. Raises ZerosumError where a value is more than one grey
    level off, or what reads the file cannot."""
    batches, by = examples(subject.generator), exporter.reader()
    try:
        compute = exporter.read(subject, path)
        made = list(map(compute, batches))
    except ZerosumError:
        raise
    except Exception as error:  # of many kinds, by what reads it
        raise _failed(f"{by} cannot compute it: {first_line(error)}") from error
    own = [subject.generator.make(batch) for batch in batches]
    if [each.shape for each in own] != [each.shape for each in made]:
        raise _failed(f"{by} makes pictures of another size than the run")
    apart = np.concatenate(list(_apart(own, made)))
    found = Check(by, sum(map(len, batches)), int(apart.max()), float((apart > 0).mean()))
    if found.farthest > MOST:
        raise _failed(f"{by} makes other pictures than the run, {found.farthest} grey levels off")
    return found


def _apart(
    own: Sequence[NDArray[np.uint8]], made: Sequence[NDArray[np.uint8]]
) -> Iterator[NDArray[np.int64]]:
    """How far each value is off."""
    for one, other in zip(own, made, strict=True):
        yield np.abs(one.astype(np.int64) - other).reshape(-1)


def _failed(what: str) -> ZerosumError:
    return ZerosumError(
        f"nothing was written, because the check failed: {what}",
        "try other versions of PyTorch and of what reads the file, or another --format",
    )
