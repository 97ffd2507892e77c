"""How long a study will take, from a few steps of every kind of training in it."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from zerosum.data import PackedData, open_data
from zerosum.processor.threads import computing_with
from zerosum.recipe.length import long_enough
from zerosum.recipe.load import override
from zerosum.recipe.phases import images_total
from zerosum.recipe.sections import DataSettings
from zerosum.recipe.settings import Recipe
from zerosum.records.run import RunFolder
from zerosum.studies.attempt import Means
from zerosum.studies.cells import Cell
from zerosum.studies.scoring_time import ScoringTime
from zerosum.training.companions import companions
from zerosum.training.evaluator import NoEvaluator
from zerosum.training.loop import train_run
from zerosum.training.progress import Listener
from zerosum.training.request import Devices

SECONDS = 4.0
"""What is measured for, after the first step."""


@dataclass(frozen=True)
class Estimate:
    """One cell: how many images, at what speed."""

    cell: Cell
    images: int
    """Real images that it will have seen; 0 where the clock decides."""
    images_per_second: float
    seconds: float
    """Training time, scoring not included."""


@dataclass(frozen=True)
class StudyEstimate:
    """What is left of a study, and how long it takes."""

    cells: list[Estimate]
    ended: list[str]
    """The names of the cells that have ended already."""
    scoring: ScoringTime


def estimate(
    cells: Sequence[Cell],
    means: Means,
    *,
    progress: Callable[[str], None] = lambda _text: None,
) -> list[Estimate]:
    """How many images each cell sees and how long that takes, measured on this machine.

    Cells whose steps cost the same are measured once. The images are packed, where they are not
    yet. Raises ZerosumError as a training would.
    """

    @cache
    def opened(data: DataSettings, seed: int) -> PackedData:
        progress(f"opening {data.source}")
        return open_data(data, seed, data_root=means.data_root)

    speeds: dict[object, float] = {}
    estimates = []
    for cell in cells:
        recipe = cell.settings()
        source = cell.data or recipe.data.source
        recipe = override(recipe, {"data.source": source, "evaluation.images": 0})
        data, kind = opened(recipe.data, recipe.seed), _kind(recipe)
        if kind not in speeds:
            progress(f"measuring {cell.name}")
            speeds[kind] = _speed(recipe, data, means)
        train = len(data.train)
        whole = long_enough(recipe, train, cell.overrides)
        images = 0 if cell.minutes else images_total(whole, train)
        seconds = 60 * cell.minutes or images / max(speeds[kind], 1e-9)
        estimates.append(Estimate(cell, images, speeds[kind], seconds))
    return estimates


def _kind(recipe: Recipe) -> tuple[object, ...]:
    """What the cost of a step depends on."""
    optimizer, schedule = recipe.optimizer, recipe.schedule
    return (
        recipe.network, optimizer.generator.kind, optimizer.discriminator.kind,
        recipe.objective.loss, recipe.objective.penalty, schedule.batch, schedule.critic_steps,
        recipe.data.resolution, recipe.data.channels, recipe.damage,
    )  # fmt: skip


class MeasuredError(Exception):
    """Enough steps were measured."""


class Stopwatch(Listener):
    """Hears the steps of a training, and ends it after SECONDS and two steps at least. The first
    one is not counted: it warms up."""

    def __init__(self) -> None:
        self.began: tuple[float, int] | None = None
        self.images_per_second = 0.0

    def stepped(self, images: int, total: int) -> None:
        del total
        now = time.monotonic()
        if self.began is None:
            self.began = now, images
            return
        since, first = self.began
        if now - since >= SECONDS:
            self.images_per_second = (images - first) / (now - since)
            raise MeasuredError


def _speed(recipe: Recipe, data: PackedData, means: Means) -> float:
    """Images per second of a training that is begun, and thrown away."""
    devices = Devices(means.device, precision=means.precision, threads=means.threads)
    endless, watch = override(recipe, {"images": 10**9}), Stopwatch()
    with (
        tempfile.TemporaryDirectory() as place,
        computing_with(means.cores),
        companions(devices) as fabric,
    ):
        run = RunFolder(Path(place) / "run")
        train_run(
            endless, data, run, fabric, devices=devices, listener=watch, evaluator_of=NoEvaluator
        )
    return watch.images_per_second
