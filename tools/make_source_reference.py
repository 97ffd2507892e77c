"""Write docs/sources.md: what the source of each shipped recipe has, beside ours.

    python tools/make_source_reference.py

What the sources have was read in their papers and codes, and stands in recipe_sources.toml. Ours is
made from the recipes and from the players that they build. Tests hold the page to this script, and
every difference to the header of its recipe.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zerosum.networks.blocks import LEAK, Pixels
from zerosum.networks.build import example_input, example_labels, family_of
from zerosum.networks.describe import count_parameters
from zerosum.recipe.load import load_recipe
from zerosum.recipe.network import PlayerSettings
from zerosum.recipe.optimizers import PlayerOptimizerSettings
from zerosum.recipe.settings import Recipe
from zerosum.recipe.shipped import headline, shipped_recipes, shipped_text

TARGET = Path(__file__).parents[1] / "docs" / "sources.md"
FACTS = Path(__file__).with_name("recipe_sources.toml")
NOT_STATED = "not stated"

INTRODUCTION = """\
# The recipes beside their sources

Made by tools/make_source_reference.py. Each table has what the source of a recipe does, what [the recipe](recipes.md) does, and how the header of the recipe declares the difference (`zerosum recipes show NAME`). A test compares both columns: what is not the same is declared. Of a source, "paper" is its paper and "code" the code of its authors, where they differ or only one of them says it; "not stated" is what neither says, as far as they were read. Maps are channels × height × width."""  # noqa: E501


@dataclass(frozen=True)
class Row:
    """One aspect of a recipe, in its source and in ours."""

    aspect: str
    theirs: str
    ours: str
    declared: str
    """The words of the recipe's header that declare a difference; "" where none was given."""
    in_other_words: bool
    """Whether both are the same, though they are not written alike."""

    @property
    def open(self) -> bool:
        """Whether nothing says why the two columns differ."""
        return not (
            self.declared
            or self.in_other_words
            or self.theirs == self.ours
            or self.theirs.startswith(NOT_STATED)
        )

    @property
    def remark(self) -> str:
        """What the table says of the difference."""
        if self.declared:
            return f"“{self.declared}”"
        return "" if self.theirs.startswith(NOT_STATED) else "the same"


def page() -> str:
    """The content of docs/sources.md."""
    facts = read_facts()
    return "\n\n".join([INTRODUCTION, *(table(name, facts) for name in shipped_recipes())]) + "\n"


def read_facts() -> dict[str, Any]:
    """What recipe_sources.toml has."""
    return tomllib.loads(FACTS.read_text(encoding="utf-8"))


def table(name: str, facts: dict[str, Any]) -> str:
    """The section of one recipe."""
    source = facts["sources"][facts["recipes"][name]["source"]]
    title = f"## {name}\n\n{headline(shipped_text(name))}.\n\nSource: {source['read']}."
    head = "| | source | ours | the header of the recipe |\n|---|---|---|---|"
    lines = [
        f"| {row.aspect} | {cell(row.theirs)} | {cell(row.ours)} | {cell(row.remark)} |"
        for row in rows(name, facts)
    ]
    return "\n".join([f"{title}\n", head, *lines])


def rows(name: str, facts: dict[str, Any]) -> list[Row]:
    """All aspects of a recipe. Raises KeyError where its source lacks one."""
    entry = facts["recipes"][name]
    theirs = facts["sources"][entry["source"]]["has"]
    declared, same = entry["declared"], entry.get("same", [])
    return [
        Row(aspect, theirs[aspect], text, declared.get(aspect, ""), aspect in same)
        for aspect, text in ours(load_recipe(name)).items()
    ]


def declarations(name: str, facts: dict[str, Any]) -> str:
    """The header of a recipe as one line, and those of recipes that it says it follows."""
    names = [name, *facts["recipes"][name].get("as_in", [])]
    headers = (shipped_text(each).partition("\n[")[0] for each in names)
    return cell(" ".join(header.replace("\n#", " ") for header in headers))


def ours(recipe: Recipe) -> dict[str, str]:
    """What a recipe does, by aspect, in the order of the table."""
    family = family_of(recipe)
    with torch.device("meta"):
        generator, discriminator = family.generator(recipe), family.discriminator(recipe)
        image = torch.zeros(2, recipe.data.channels, *recipe.data.resolution.shape)
        labels = example_labels(recipe, 2)
        inputs = example_input(recipe, 2)
    network, schedule, average = recipe.network, recipe.schedule, recipe.schedule.average
    prior = f"{network.latent}, {network.prior}"
    tanh = any(isinstance(layer, Pixels) for layer in generator.modules())
    return {
        "generator": layers(generator, inputs),
        "discriminator": layers(discriminator, image, *labels),
        "biases": both(network.generator.bias, network.discriminator.bias),
        "initialisation": drawn(family.initialise.__doc__ or ""),
        "normalisation": both(normalisation(recipe, "generator"), normalisation(recipe)),
        "activation": both(
            activation(network.generator)
            + (", tanh at the end" if tanh else ", linear at the end"),
            activation(network.discriminator),
        ),
        "latents": prior if recipe.task.latents else "none: a damaged picture",
        "loss": loss(recipe),
        "optimiser": both(
            optimiser(recipe.optimizer.generator), optimiser(recipe.optimizer.discriminator)
        )
        + f", {'constant' if schedule.decay == 'none' else schedule.decay}",
        "batch": str(schedule.batch),
        "steps": steps(recipe),
        "data": data(recipe),
        "length": length(recipe),
        "average of weights": f"half-life {average:,} images" if average else "none",
    }


def layers(network: nn.Module, *example: Tensor) -> str:
    """The shapes of a network's maps after each of its blocks, its kernels, its parameters."""
    shapes: list[str] = []

    def note(_layer: nn.Module, _given: object, output: Tensor) -> None:
        shapes.append("×".join(f"{size:,}" for size in output.shape[1:]) or "1")

    for block in blocks(getattr(network, "network", network)):
        if count_parameters(block):
            block.register_forward_hook(note)
    network(*example)
    kernels = {
        "×".join(map(str, layer.kernel_size)): None
        for layer in network.modules()
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)
    }
    of_kernels = f"; kernels {', '.join(kernels)}" if kernels else ""
    return f"{', '.join(shapes)}{of_kernels}; {count_parameters(network):,} parameters"


def blocks(network: nn.Module) -> Iterator[nn.Module]:
    """The parts of a network, those of lists and encoders one by one."""
    for child in network.children():
        if isinstance(child, nn.ModuleList) or hasattr(child, "stages"):
            yield from blocks(child)
        else:
            yield child


def drawn(text: str) -> str:
    """How weights are drawn, in the words of the function that does it."""
    first = cell(text.partition("\n\n")[0])
    return first.removesuffix(".").removesuffix(" in place").rstrip(",;")


def normalisation(recipe: Recipe, player: str = "discriminator") -> str:
    """The norm of a player, and what else acts on its layers."""
    settings = getattr(recipe.network, player)
    if player == "generator":
        chosen = recipe.network.conditional and settings.classes == "norm"
        return f"{settings.norm}{', scaled and shifted by class' if chosen else ''}"
    spectral = "spectral" if settings.norm == "none" else f"{settings.norm} and spectral"
    norm = spectral if settings.spectral_norm else settings.norm
    return f"{norm}, dropout {settings.dropout:g}" if settings.dropout else norm


def activation(settings: PlayerSettings) -> str:
    """A player's activation."""
    return "ReLU" if settings.activation == "relu" else f"LeakyReLU {LEAK}"


def loss(recipe: Recipe) -> str:
    """The loss with its penalty, its clip, its pixel loss and its classes."""
    objective = recipe.objective
    text: str = objective.loss
    if objective.penalty != "none":
        text += f" + {recipe.penalty_weight:g} × {objective.penalty} penalty"
    if objective.clip:
        text += f", weights clipped to ±{objective.clip:g}"
    if objective.pixel_weight:
        pixels = f"{objective.pixel_weight:g} × {objective.pixel_loss} of pixels in [-1, 1]"
        text = f"{objective.adversarial_weight:g} × {text} + {pixels}"
    if recipe.network.conditional:
        text += f", {recipe.network.discriminator.classes}"
    return text


def optimiser(settings: PlayerOptimizerSettings) -> str:
    """A player's optimiser."""
    names = {"adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "sgd": "SGD"}
    rate = f"{settings.learning_rate:.0e}".replace("e-0", "e-")
    moments = f" ({settings.betas[0]:g}, {settings.betas[1]:g})" if "adam" in settings.kind else ""
    return f"{names[settings.kind]} {rate}{moments}"


def steps(recipe: Recipe) -> str:
    """Whose steps follow whose."""
    schedule = recipe.schedule
    if schedule.switch == "adaptive":
        return (
            f"the discriminator's until its loss is below {schedule.switch_loss:g}, then 1 of the "
            "generator; both in training mode"
        )
    return f"{schedule.critic_steps} of the discriminator, 1 of the generator on the last fakes"


def data(recipe: Recipe) -> str:
    """The images, and what is done to them."""
    images, damage = recipe.data, recipe.damage
    fits = {"crop": "the middle square", "pad": "padded"}
    text = f"{images.channels}×{'×'.join(map(str, images.resolution.shape))}, {fits[images.fit]}"
    text += ", mirrored at random" if images.flip else ""
    if recipe.augmentation.method != "none":
        text += f", {recipe.augmentation.method}"
    if damage.is_done:
        low, high = damage.shrink_factor
        text += (
            f"; shrunk by {low:g} to {high:g} and enlarged, a number in {damage.number:.0%}, JPEG "
            f"{damage.jpeg_quality[0]} to {damage.jpeg_quality[1]}"
        )
    return text


def length(recipe: Recipe) -> str:
    """How long both players train, and each alone before."""
    schedule, alone = recipe.schedule, recipe.pretrain
    together = f"{schedule.images:,} images" if schedule.images else f"{schedule.epochs} epochs"
    if not alone.generator_images:
        return together
    return (
        f"{alone.generator_images:,} images of the generator alone at "
        f"{alone.generator_learning_rate:g}, up to {alone.critic_images:,} of the discriminator "
        f"alone, {together} of both"
    )


def both(generator: str, discriminator: str) -> str:
    """What both players have, or each of them."""
    if generator == discriminator:
        return generator
    return f"generator {generator}; discriminator {discriminator}"


def cell(text: str) -> str:
    """Text inside a table."""
    return re.sub(r"\s+", " ", text).strip().replace("|", r"\|")


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
