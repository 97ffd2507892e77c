"""How long the scores of a study will take: a few images of each kind of its work are measured."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from zerosum.data import PackedData, open_data
from zerosum.errors import ZerosumError
from zerosum.evaluation.floor import some_of
from zerosum.evaluation.forecast import (
    FEW,
    LONG,
    Work,
    missing_images,
    seconds_to_compute,
    seconds_to_read,
)
from zerosum.evaluation.measure import no_stage
from zerosum.generation import TrainedGenerator, generated_images
from zerosum.networks import build_generator, choose_device
from zerosum.recipe import Recipe, override
from zerosum.recipe.phases import images_total
from zerosum.scoring.tools import Tools, compared_count, open_tools
from zerosum.studies.attempt import Means
from zerosum.studies.cells import Cell
from zerosum.training.threads import computing_with
from zerosum.words import about


@dataclass(frozen=True)
class ScoringTime:
    """What the scores of the cells that are left need, and how long that takes."""

    extractor: str = ""
    real: int = 0
    """Real images whose features are not in the cache; each is computed once."""
    generated: int = 0
    """Generated images of all cells."""
    seconds: float = 0.0
    """With so many cells at a time as run; 0 where it is too little to be measured."""
    floor: bool = False
    """Whether some of the real images are there for what real ones score against real ones."""

    @property
    def for_floor(self) -> str:
        """What to say of these behind the number of real images."""
        return " (those for real against real included)" if self.floor else ""

    def lines(self, count: int) -> list[str]:
        """What a person is told before it begins; nothing of what takes less than two minutes.
        `count` is how many images of a cell are scored."""
        if self.seconds <= LONG:
            return []
        real = f"{self.real:,} real{self.for_floor} and " if self.real else ""
        return [
            f"scoring will take {about(self.seconds)} in all: {self.extractor} features of "
            f"{real}{self.generated:,} generated images, without the training",
            f"  shorter: --evaluation.images {max(count // 5, 100)} (in another folder: --out)",
        ]


@dataclass(frozen=True)
class _Part:
    """One cell's share."""

    tools: Tools
    reals: list[Work]
    generated: int
    generator: TrainedGenerator


def scoring_time(cells: Sequence[Cell], means: Means, jobs: int) -> ScoringTime:
    """How long the scores of these cells take, with `jobs` of them at a time.

    Cells that are not scored, that restore pictures, or whose feature network is missing, count
    for nothing.
    """
    opened: dict[str, tuple[PackedData, Tools]] = {}
    reals: dict[str, tuple[Work, int]] = {}
    speeds: dict[str, float] = {}
    total, floor = ScoringTime(), False
    generated_seconds = 0.0
    with computing_with(means.threads):
        for cell in cells:
            part = _part(cell, means, opened)
            if part is None:
                continue
            extractor = part.tools.measure.extractor
            floor = floor or part.tools.others is not None
            for work in part.reals:
                reals.setdefault(work.images.fingerprint, (work, missing_images(work, extractor)))
            real = sum(missing for _, missing in reals.values())
            generated = total.generated + part.generated
            if max(part.generated, real) > FEW * extractor.batch:
                kind = _kind(part)
                if kind not in speeds:
                    speeds[kind] = _seconds(part, part.reals[0])
                generated_seconds += part.generated * speeds[kind]
            total = ScoringTime(extractor.name, real, generated)
    # Making a picture costs little beside its features: real ones take as long.
    slowest = max(speeds.values(), default=0.0)
    seconds = total.real * slowest + generated_seconds / jobs
    return ScoringTime(total.extractor, total.real, total.generated, seconds, floor)


def _part(cell: Cell, means: Means, opened: dict[str, tuple[PackedData, Tools]]) -> _Part | None:
    recipe = cell.settings()
    if not recipe.evaluation.images or recipe.task.pairs:
        return None
    recipe = override(recipe, {"data.source": cell.data or recipe.data.source})
    sections = (recipe.data, recipe.evaluation)
    place = json.dumps([*(each.model_dump(mode="json") for each in sections), recipe.seed])
    device = choose_device(means.device)
    try:
        if place not in opened:
            data = open_data(recipe.data, recipe.seed, data_root=means.data_root)
            opened[place] = data, open_tools(recipe, data, device)
    except ZerosumError:
        return None  # the cell itself will say so
    data, tools = opened[place]
    measure, images = tools.measure, tools.reals.images
    assert images is not None
    sides = [images]
    if tools.others is not None:
        others = some_of(tools.others, recipe.evaluation.images).images
        assert others is not None
        sides.append(others)
    return _Part(
        tools,
        [Work("real", side, (measure.layer,)) for side in sides],
        recipe.evaluation.images + _compared(cell, recipe, len(data.train)),
        TrainedGenerator(build_generator(recipe).to(device).eval(), recipe, "", "", False, device),
    )


def _compared(cell: Cell, recipe: Recipe, train: int) -> int:
    """Generated images by which the checkpoints of a cell are compared, all together; 0 where the
    clock decides how many there are."""
    every = recipe.schedule.evaluate_every
    if not every or cell.minutes:
        return 0
    return -(-images_total(recipe, train) // every) * compared_count(recipe)


def _seconds(part: _Part, work: Work) -> float:
    """Seconds for a generated image and its features."""
    measure = part.tools.measure
    images = generated_images(part.generator, 4 * measure.extractor.batch, weights="untrained")
    making = seconds_to_read(images, measure.extractor)
    return making + seconds_to_compute(work, measure.extractor, no_stage)


def _kind(part: _Part) -> str:
    """What the cost of an image depends on."""
    measure = part.tools.measure
    network = part.generator.recipe.network.model_dump(mode="json")
    return json.dumps([network, measure.extractor.name, part.tools.reals.shape])
