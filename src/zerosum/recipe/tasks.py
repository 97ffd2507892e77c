"""What generators are trained for, and the families of networks that can be: all that is known of
them without a tensor.

What a task computes is in `zerosum.tasks`, by the same names. This stands below, because a recipe
is checked, and a run told, before anything that computes is imported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from zerosum.recipe.settings import Recipe

TaskName = Literal["latent", "restore"]
FamilyName = Literal["dcgan", "mlp", "unet"]


@dataclass(frozen=True)
class Use:
    """What a trained run is good for: `zerosum COMMAND RUN OPTIONS`."""

    command: str
    purpose: str
    options: str = ""

    def line(self, run: str) -> str:
        """The command for a run, whose path is written as a shell takes it."""
        return f"zerosum {self.command} {run} {self.options}".rstrip()


@dataclass(frozen=True)
class TaskProperties:
    """What generators of a task make, and how that is shown, compared and told."""

    name: TaskName
    inputs: Callable[["Recipe"], tuple[int, ...]]
    """The shape of what the generator is given for one picture."""
    latents: bool
    """Whether pictures are made of latents: they can be drawn by number, have ways between them,
    and as many as anybody asks for."""
    pairs: bool
    """Whether each picture that it makes has its own original, with which it is compared."""
    phases: bool
    """Whether steps are of several kinds, since the players may learn alone before they play."""
    sheet: str
    """What a sample sheet shows."""
    sheet_rows: str
    """How a sheet of the run's page is to be read, a sentence."""
    uses: tuple[Use, ...]
    measures: tuple[str, ...] = ()
    """What a step measures that those of other tasks do not."""
    fake: str = "D(G(z))"
    """What a curve calls the discriminator's output for what the generator made."""
    critic: bool = False
    """Whether the discriminator is called a critic, whatever the loss."""
    description: str = ""
    """What a report says of it; "" where nothing needs saying."""


LATENT = TaskProperties(
    "latent",
    inputs=lambda recipe: (recipe.network.latent,),
    latents=True,
    pairs=False,
    phases=False,
    sheet="samples",
    sheet_rows="The same latents in every grid.",
    uses=(
        Use("sample", "more pictures"),
        Use("interpolate", "from one picture to another"),
    ),
)

RESTORE = TaskProperties(
    "restore",
    inputs=lambda recipe: (recipe.data.channels, recipe.data.resolution, recipe.data.resolution),
    latents=False,
    pairs=True,
    phases=True,
    sheet="held-out pictures damaged, restored and as they were",
    sheet_rows="Rows from the top, twice: held-out pictures damaged, restored, and as they were.",
    uses=(Use("restore", "restore pictures", "PICTURE --out restored"),),
    measures=("loss_pixel", "accuracy"),
    fake="D(restored)",
    critic=True,
    description="restores damaged pictures, in phases",
)


@dataclass(frozen=True)
class FamilyProperties:
    """What the networks of a family are made for."""

    task: TaskProperties
    feature_maps: bool = True
    """Whether hidden layers have places, which convolutions and norms go over."""


FAMILIES: dict[FamilyName, FamilyProperties] = {
    "dcgan": FamilyProperties(LATENT),
    "mlp": FamilyProperties(LATENT, feature_maps=False),
    "unet": FamilyProperties(RESTORE),
}
