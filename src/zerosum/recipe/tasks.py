"""What generators are trained for, and the families of networks that can be: all that is known of
them without a tensor.

What a task computes is in `zerosum.tasks`, by the same names. This stands below, because a recipe
is checked, and a run told, before anything that computes is imported.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel

from zerosum.recipe.image_size import LEAST_SIDE, MOST_SIDE, ImageSize
from zerosum.recipe.names import NameOf

if TYPE_CHECKING:
    from zerosum.recipe.settings import Recipe

TaskName = Literal["latent", "classes", "restore"]


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
    problems: Callable[["Recipe"], list[str]]
    """Settings of a recipe that make no sense for it, a sentence each."""
    measures: tuple[str, ...] = ()
    """What a step measures that those of other tasks do not."""
    fake: str = "D(G(z))"
    """What a curve calls the discriminator's output for what the generator made."""
    critic: bool = False
    """Whether the discriminator is called a critic, whatever the loss."""
    description: str = ""
    """What a report says of it; "" where nothing needs saying."""


def _latent_problems(recipe: "Recipe") -> list[str]:
    """Settings of restoration where the generator makes pictures from latents."""
    generator, kind = recipe.network.generator, recipe.network.kind
    given = {
        "damage": recipe.damage.is_done,
        "network.pretrained": recipe.network.pretrained,
        "network.generator.attention": generator.attention > 0,
        "objective.pixel_weight": recipe.objective.pixel_weight > 0,
        "objective.feature_weight": recipe.objective.feature_weight > 0,
        "pretrain.generator_images": recipe.pretrain.generator_images > 0,
        "pretrain.critic_images": recipe.pretrain.critic_images > 0,
        "schedule.switch": recipe.schedule.switch != "fixed",
        "network.generator.norm": generator.norm in ("weight", "spectral"),
    }
    return [
        f"{name} = {_given(recipe, name)} is for network.kind = 'unet', and this is {kind!r}; "
        "start from the recipe restore, or leave it out"
        for name, is_given in given.items()
        if is_given
    ]


def _given(recipe: "Recipe", name: str) -> str:
    value: object = recipe
    for part in name.split("."):
        value = getattr(value, part)
    return "…" if isinstance(value, BaseModel) else repr(value)


def _restoration_problems(recipe: "Recipe") -> list[str]:
    """Settings that make no sense where damaged pictures are restored."""
    network, generator = recipe.network, recipe.network.generator
    side = recipe.data.resolution.width
    problems = []
    if network.conditional:
        problems.append(
            "network.conditional is for pictures made of latents, and network.kind = 'unet' "
            "restores; leave it out"
        )
    if not recipe.damage.is_done:
        problems.append(
            "network.kind = 'unet' undoes damage, and no kind of damage has a probability; "
            "set damage.shrink, damage.jpeg or another to a number up to 1, or name one of your "
            "own: --damage.own, from a file that --with names"
        )
    if recipe.damage.takes_colours and recipe.data.channels == 1:
        own = [each.name for each in recipe.damage.functions if each.takes_colours]
        what = "damage.grey" if recipe.damage.grey else f"damage.own = {own[0]!r}"
        problems.append(
            f"{what} takes colours away, and data.channels = 1 has none; leave it out, or set "
            "data.channels to 3"
        )
    if generator.norm in ("instance", "layer"):
        problems.append(
            f"network.kind = 'unet' with network.generator.norm = {generator.norm!r} would depend "
            "on the size of a picture; take 'batch', 'weight', 'spectral' or 'none'"
        )
    halvings = (1, 2) if generator.encoder == "small" else (1, 2, 3)
    sides = [side // 2**count for count in halvings]
    if generator.attention and generator.attention not in sides:
        problems.append(
            f"network.generator.attention = {generator.attention} is the side of none of the "
            f"feature maps; choose from {', '.join(map(str, sides))}, or 0 for none"
        )
    if network.pretrained and generator.encoder != "resnet34":
        problems.append(
            "network.pretrained is for network.generator.encoder = 'resnet34'; "
            "choose that encoder, or set network.pretrained to false"
        )
    objective = recipe.objective
    if recipe.schedule.switch == "adaptive" and not objective.of_loss.cross_entropy:
        problems.append(
            "schedule.switch = 'adaptive' compares a cross-entropy with schedule.switch_loss, and "
            f"objective.loss = {objective.loss!r} is none; take schedule.switch = 'fixed', "
            "or non-saturating"
        )
    if recipe.pretrain.generator_images and not recipe.objective.pixel_weight:
        problems.append(
            "pretrain.generator_images needs objective.pixel_weight above 0: "
            "the generator learns from the pixel loss then; set it"
        )
    return problems


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
    problems=_latent_problems,
)

CLASSES = replace(
    LATENT,
    name="classes",
    inputs=lambda recipe: (recipe.network.latent + recipe.classes,),
    sheet="samples, a row for each class",
    sheet_rows="A row for each class, in order; the same latents in every grid.",
    uses=(
        Use("sample", "more pictures"),
        Use("sample", "pictures of one class", "--class CLASS"),
        Use("interpolate", "from one picture to another"),
    ),
    description="learns the classes of images",
)

RESTORE = TaskProperties(
    "restore",
    inputs=lambda recipe: (recipe.data.channels, *recipe.data.resolution.shape),
    latents=False,
    pairs=True,
    phases=True,
    sheet="held-out pictures damaged, restored and as they were",
    sheet_rows="Rows from the top, twice: held-out pictures damaged, restored, and as they were.",
    uses=(Use("restore", "restore pictures", "PICTURE --out restored"),),
    problems=_restoration_problems,
    measures=("loss_pixel", "accuracy"),
    fake="D(restored)",
    critic=True,
    description="restores damaged pictures, in phases",
)


MULTIPLES_OF_16 = range(LEAST_SIDE, MOST_SIDE + 1, 16)


@dataclass(frozen=True)
class FamilyProperties:
    """What the networks of a family are made for."""

    task: TaskProperties
    feature_maps: bool = True
    """Whether hidden layers have places, which convolutions and norms go over."""
    norms: tuple[str, ...] = ()
    """The norms that its players can have; none where all can be had."""
    without: tuple[str, ...] = ("blocks",)
    """The fields of players that it has no layers for."""
    sides: Sequence[int] = MULTIPLES_OF_16
    """The widths and heights that its images can have, in pixels."""
    classes: bool = True
    """Whether its players can learn classes."""
    squares: bool = False
    """Whether its images have to be as wide as high."""
    sizes: str = "both sides are multiples of 16"
    """The sizes that its images can have, in words."""

    def nearest_sizes(self, size: ImageSize) -> list[ImageSize]:
        """The sizes that its images can have, of those nearest to `size`: this one alone, where
        they can have it."""

        def nearest(length: int) -> list[int]:
            least = min(abs(side - length) for side in self.sides)
            return [side for side in self.sides if abs(side - length) == least]

        if self.squares:
            return [ImageSize(side, side) for side in nearest(min(size.sides))]
        return [ImageSize(*sides) for sides in product(*map(nearest, size.sides))]

    def size_problems(self, kind: str, size: ImageSize) -> list[str]:
        """That images of this size are none of the family `kind`: "what; the way out"."""
        nearest = self.nearest_sizes(size)
        if size in nearest:
            return []
        return [
            f"data.resolution = {size.written!r} is no size for network.kind = {kind!r}: "
            f"{self.sizes}; take {' or '.join(map(str, nearest))}"
        ]


FAMILIES: dict[str, FamilyProperties] = {
    "dcgan": FamilyProperties(LATENT),
    "resnet": FamilyProperties(LATENT, without=("extra_layers", "dropout", "blocks")),
    "r3": FamilyProperties(
        LATENT, norms=("none",), without=("extra_layers", "dropout", "spectral_norm")
    ),
    "mlp": FamilyProperties(
        LATENT,
        feature_maps=False,
        norms=("layer", "batch", "none"),
        without=("extra_layers", "blocks"),
        sides=range(LEAST_SIDE, MOST_SIDE + 1),
        sizes=f"both sides are from {LEAST_SIDE} to {MOST_SIDE}",
    ),
    "unet": FamilyProperties(
        RESTORE,
        without=("extra_layers", "blocks"),
        sides=(32, 64, 128, 256),
        squares=True,
        sizes="it learns on squares of 32, 64, 128 or 256 pixels, and restores pictures of any "
        "shape",
    ),
}

FamilyName = Annotated[str, NameOf("network", FAMILIES)]
