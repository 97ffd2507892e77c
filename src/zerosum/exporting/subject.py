"""What is exported, and what a file says of itself."""

import json
from dataclasses import dataclass

from zerosum.generation.generator import TrainedGenerator
from zerosum.networks.unet import UNet
from zerosum.recipe.shipped import shipped_name
from zerosum.records.run import RunFolder
from zerosum.records.run_state import RunState
from zerosum.versions import versions

LICENCE = (
    "the code that wrote this, zerosum, is under the MIT licence; of the weights and what they "
    "make that says nothing: whoever trained them decides"
)


@dataclass(frozen=True)
class Subject:
    """A generator of a run."""

    run: RunFolder
    generator: TrainedGenerator
    """On the processor."""
    repository: str = ""
    """Of the Hub, where it goes to one: OWNER/NAME."""

    @property
    def state(self) -> RunState:
        """Where the run stands."""
        return self.run.state()

    @property
    def recipe_name(self) -> str:
        """The shipped recipe that it was trained with; "" for one of its own."""
        return shipped_name(self.state.get("command", ""))


def multiple_of(generator: TrainedGenerator) -> int:
    """Of which number height and width of a picture to restore are multiples."""
    assert isinstance(generator.module, UNet)
    multiple: int = generator.module.multiple
    return multiple


def facts(subject: Subject) -> dict[str, str]:
    """What a file of one generator says of it: names and texts. No path of this machine is among
    them."""
    generator = subject.generator
    recipe, data = generator.recipe, subject.state.get("data", {})
    said = {
        **generator.labels(),
        "recipe": subject.recipe_name or "one of its own",
        "data": str(data.get("name", "")),
        "zerosum": versions()["zerosum"],
        "licence": LICENCE,
    }
    if recipe.task.pairs:
        said["multiple"] = str(multiple_of(generator))
    else:
        said["latent"], normal = str(recipe.network.latent), recipe.network.prior == "normal"
        said["prior"] = "normal, N(0, 1)" if normal else "uniform, from -1 to 1"
        said["truncation"] = (
            "none; drawing values beyond 1 to 2 again gives less variety and fewer failures"
            if normal
            else "none; a uniform prior has no tails"
        )
    if recipe.classes:
        said["classes"] = json.dumps(recipe.data.classes, ensure_ascii=False)
    return said
