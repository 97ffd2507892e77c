"""How long the scores of a study will take: a few images of each kind of its work are measured."""

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
from zerosum.generation.generator import TrainedGenerator
from zerosum.generation.images import generated_images
from zerosum.networks.build import build_generator
from zerosum.networks.device import choose_device
from zerosum.processor.threads import computing_with
from zerosum.recipe.load import override
from zerosum.recipe.phases import images_total
from zerosum.recipe.settings import Recipe
from zerosum.scoring.tools import Tools, compared_count, open_tools
from zerosum.studies.attempt import Means
from zerosum.studies.cells import Cell
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


def scoring_time(cells: Sequence[Cell], means: Means, jobs: int) -> ScoringTime:
    """How long the scores of these cells take, with `jobs` of them at a time.

    Cells that are not scored, that restore pictures, or whose feature network is missing, count
    for nothing.
    """
    opened: dict[object, tuple[PackedData, Tools]] = {}
    missing: dict[str, int] = {}  # real images without features, by the fingerprint of their set
    speeds: dict[object, float] = {}
    extractor, generated, floor, seconds = "", 0, False, 0.0
    with computing_with(means.cores):
        for cell in cells:
            recipe = cell.settings()
            if not recipe.evaluation.images or recipe.task.pairs:
                continue
            recipe = override(recipe, {"data.source": cell.data or recipe.data.source})
            try:
                data, tools = _opened(recipe, means, opened)
            except ZerosumError:
                continue  # the cell itself will say so
            network, reals = tools.measure.extractor, _reals(tools, recipe)
            for work in reals:
                missing.setdefault(work.images.fingerprint, missing_images(work, network))
            count = recipe.evaluation.images + _compared(cell, recipe, len(data.train))
            extractor, generated = network.name, generated + count
            floor = floor or tools.others is not None
            if max(count, sum(missing.values())) > FEW * network.batch:
                # What the cost of an image depends on.
                kind = (recipe.network, network.name, tools.reals.shape)
                if kind not in speeds:
                    speeds[kind] = _seconds(recipe, tools, reals[0])
                seconds += count * speeds[kind] / jobs
    # Making a picture costs little beside its features: real ones take as long.
    real = sum(missing.values())
    seconds += real * max(speeds.values(), default=0.0)
    return ScoringTime(extractor, real, generated, seconds, floor)


def _opened(
    recipe: Recipe, means: Means, opened: dict[object, tuple[PackedData, Tools]]
) -> tuple[PackedData, Tools]:
    """The images of a cell and what scores them, once for all cells that have the same."""
    place = (recipe.data, recipe.evaluation, recipe.seed)
    if place not in opened:
        data = open_data(
            recipe.data, recipe.seed, own=recipe.parts.image_sets, data_root=means.data_root
        )
        opened[place] = data, open_tools(recipe, data, choose_device(means.device))
    return opened[place]


def _reals(tools: Tools, recipe: Recipe) -> list[Work]:
    """The real sides whose features are wanted, those of the floor among them."""
    sides = [tools.reals]
    if tools.others is not None:
        sides.append(some_of(tools.others, recipe.evaluation.images))
    return [Work("real", side, (tools.measure.layer,)) for side in sides]


def _compared(cell: Cell, recipe: Recipe, train: int) -> int:
    """Generated images by which the checkpoints of a cell are compared, all together; 0 where the
    clock decides how many there are."""
    every = recipe.schedule.evaluate_every
    if not every or cell.minutes:
        return 0
    return -(-images_total(recipe, train) // every) * compared_count(recipe)


def _seconds(recipe: Recipe, tools: Tools, work: Work) -> float:
    """Seconds for a generated image and its features."""
    network = tools.measure.extractor
    module = build_generator(recipe).to(network.device).eval()
    generator = TrainedGenerator(module, recipe, "", "", False, network.device)
    images = generated_images(generator, 4 * network.batch, weights="untrained")
    return seconds_to_read(images, network) + seconds_to_compute(work, network, no_stage)
