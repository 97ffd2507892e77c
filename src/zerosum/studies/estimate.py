"""How long a study will take, from a few steps of every kind of training in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from zerosum.data import PackedData, open_data
from zerosum.processor.threads import computing_with
from zerosum.recipe.data import DataSettings
from zerosum.recipe.length import long_enough
from zerosum.recipe.load import override
from zerosum.recipe.parts import PartsSettings
from zerosum.recipe.phases import images_total, phases_of
from zerosum.recipe.settings import Recipe
from zerosum.studies.attempt import Means
from zerosum.studies.cells import Cell
from zerosum.studies.scoring_time import ScoringTime
from zerosum.training.measured_speed import measured_speed
from zerosum.training.request import Devices


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
    def opened(data: DataSettings, seed: int, parts: PartsSettings) -> PackedData:
        progress(f"opening {data.source}")
        return open_data(data, seed, own=parts.image_sets, data_root=means.data_root)

    speeds: dict[object, float] = {}
    estimates = []
    for cell in cells:
        recipe = cell.settings()
        source = cell.data or recipe.data.source
        recipe = override(recipe, {"data.source": source, "evaluation.images": 0})
        data = opened(recipe.data, recipe.seed, recipe.parts)
        if recipe.network.conditional:
            recipe = override(recipe, {"data.classes": data.train.class_names})
        train = len(data.train)
        whole = long_enough(recipe, train, cell.overrides)
        kind = _kind(whole, train)
        if kind not in speeds:
            progress(f"measuring {cell.name}")
            speeds[kind] = _speed(whole, data, means)
        images = 0 if cell.minutes else images_total(whole, train)
        seconds = 60 * cell.minutes or images / max(speeds[kind], 1e-9)
        estimates.append(Estimate(cell, images, speeds[kind], seconds))
    return estimates


def _kind(recipe: Recipe, train_images: int) -> tuple[object, ...]:
    """What the mean cost of a step depends on: in a training of several phases also how long each
    of them is."""
    optimizer, schedule = recipe.optimizer, recipe.schedule
    phases = phases_of(recipe, train_images)
    return (
        recipe.network, optimizer.generator.kind, optimizer.discriminator.kind,
        recipe.objective.loss, recipe.objective.penalty, schedule.batch, schedule.critic_steps,
        recipe.data.resolution, recipe.data.channels, recipe.damage, recipe.augmentation,
        phases if len(phases) > 1 else (),
    )  # fmt: skip


def _speed(recipe: Recipe, data: PackedData, means: Means) -> float:
    """Images per second of a training with the threads of a cell."""
    devices = Devices(means.device, precision=means.precision, threads=means.threads)
    with computing_with(means.cores):
        return measured_speed(recipe, data, devices).images_per_second
