"""How fast a training goes on this machine: a few of its steps are made, and thrown away."""

import resource
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import torch

from zerosum.data import PackedData
from zerosum.recipe.load import override
from zerosum.recipe.phases import PhaseName, images_at_ends, phases_of
from zerosum.recipe.settings import Recipe
from zerosum.records.run import RunFolder
from zerosum.training.captured import WARM_UP
from zerosum.training.checkpoints import Position
from zerosum.training.companions import companions
from zerosum.training.evaluator import NoEvaluator
from zerosum.training.fabric import Fabric
from zerosum.training.loop import train_run
from zerosum.training.progress import Listener
from zerosum.training.request import Devices

SECONDS = 4.0
"""What is measured for, after the first steps."""


@dataclass(frozen=True)
class MeasuredSpeed:
    """What a few steps showed."""

    images_per_second: float
    """Real images; of several phases the mean over the images that are left of each."""
    memory: int
    """Bytes: on the processor the most that this process took since it began, what it imported
    and packed included; on a GPU the most that PyTorch took there; 0 where that is not known."""
    device: str
    precision: str
    """What computes: "32" or "bf16"."""
    notes: tuple[str, ...]
    """What a training says before its first step, the choice of threads last."""
    phases: int = 1
    """How many phases were measured, each by itself."""


class MeasuredError(Exception):
    """Enough steps were measured."""


class Stopwatch(Listener):
    """Hears the steps of a training, and ends it after SECONDS and a step at least. The first ones
    are not counted: they warm up."""

    def __init__(self) -> None:
        self.first = 1
        self.began: tuple[float, int] | None = None
        self.images_per_second = 0.0
        self.notes: list[str] = []

    def message(self, text: str) -> None:
        if self.began is None:
            self.notes.append(text)

    def stepped(self, images: int, total: int) -> None:
        del total
        now = time.monotonic()
        if self.began is None:
            self.first -= 1
            if self.first == 0:
                self.began = now, images
            return
        since, first = self.began
        if now - since >= SECONDS:
            self.images_per_second = (images - first) / (now - since)
            raise MeasuredError


START = Position()

ENDLESS = 10**9
"""Images that no measurement comes to the end of."""


def measured_speed(
    recipe: Recipe, data: PackedData, devices: Devices, here: Position = START
) -> MeasuredSpeed:
    """The speed of what is left of a training that stands `here`. Each phase of a restoration is
    measured by itself, since one player alone goes at another speed than both.

    Trainings are begun in a temporary folder, and thrown away: on one device, with the threads
    that they would choose. Raises ZerosumError as the training would; a signal that came meanwhile
    does what it does to any other program.
    """
    names = [phase.name for phase in phases_of(recipe, len(data.train), here.critic_ended)]
    ends = images_at_ends(recipe, len(data.train), here.images, here.critic_ended)
    ends = [here.images, *ends]
    left = [end - begin for begin, end in pairwise(ends)]
    todo = [(name, images) for name, images in zip(names, left, strict=True) if images > 0]
    if len(todo) < 2:
        return _speed_of_phase(recipe, todo[0][0] if todo else names[-1], data, devices)
    speeds = [_speed_of_phase(recipe, name, data, devices) for name, _ in todo]
    seconds = sum(
        images / speed.images_per_second for (_, images), speed in zip(todo, speeds, strict=True)
    )
    return replace(
        speeds[0],
        images_per_second=sum(images for _, images in todo) / seconds,
        memory=max(speed.memory for speed in speeds),
        phases=len(todo),
    )


def _speed_of_phase(
    recipe: Recipe, phase: PhaseName, data: PackedData, devices: Devices
) -> MeasuredSpeed:
    """The speed of one phase, as if the training were of it alone."""
    lengths: dict[str, object] = {
        "images": ENDLESS,
        "pretrain.generator_images": ENDLESS if phase == "generator" else 0,
        "pretrain.critic_images": ENDLESS if phase == "critic" else 0,
    }
    endless, watch = override(recipe, lengths), Stopwatch()
    with tempfile.TemporaryDirectory() as place, companions(devices) as fabric:
        run = RunFolder(Path(place) / "run")
        if fabric.device.type == "cuda":
            watch.first = WARM_UP + 1  # the last of them captures a graph
        outcome = train_run(
            endless, data, run, fabric, devices=devices, listener=watch, evaluator_of=NoEvaluator
        )
        memory = _memory(fabric)
        device = str(fabric.device)
        precision = "bf16" if "bf16" in fabric._precision.precision else "32"
    if outcome.signal is not None:
        signal.raise_signal(outcome.signal)
    if outcome.failure is not None and not isinstance(outcome.failure, MeasuredError):
        raise outcome.failure
    return MeasuredSpeed(watch.images_per_second, memory, device, precision, tuple(watch.notes))


def _memory(fabric: Fabric) -> int:
    if fabric.device.type == "cuda":
        return torch.cuda.max_memory_allocated(fabric.device)
    if fabric.device.type != "cpu":
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024  # the one system that counts bytes
