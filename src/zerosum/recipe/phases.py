"""The phases of a training: of a restoration the generator alone, the critic alone, then both.

A training without them is one adversarial phase from its first image to its last.
"""

from dataclasses import dataclass
from typing import Literal

from zerosum.recipe.settings import Recipe

PhaseName = Literal["generator", "critic", "adversarial"]
PHASE_WORDS = {"generator": "generator alone", "critic": "critic alone", "adversarial": "both"}
"""What the phases of a restoration are called, by `phase` of metrics.jsonl."""


@dataclass(frozen=True)
class Phase:
    """What a training does between two numbers of images."""

    name: PhaseName
    begin: int
    end: int
    """Images; the critic's phase may end sooner."""


def phases_of(recipe: Recipe, train_images: int, critic_ended: int = 0) -> tuple[Phase, ...]:
    """The phases of a run from its first image to its last. `critic_ended` are the images at which
    the critic's own phase ended before its budget did; 0: it did not."""
    pretrain = recipe.pretrain
    alone = pretrain.generator_images
    judged = critic_ended or alone + pretrain.critic_images
    end = judged + game_images(recipe, train_images)
    phases = (
        Phase("generator", 0, alone),
        Phase("critic", alone, judged),
        Phase("adversarial", judged, end),
    )
    return tuple(phase for phase in phases if phase.end > phase.begin)


def phase_at(recipe: Recipe, train_images: int, images: int, critic_ended: int = 0) -> Phase:
    """The phase that the step after `images` real images belongs to; the last one, when all are
    over."""
    phases = phases_of(recipe, train_images, critic_ended)
    return next((phase for phase in phases if images < phase.end), phases[-1])


def game_images(recipe: Recipe, train_images: int) -> int:
    """Real images of the game itself, in which both players learn: what `--images` sets."""
    return recipe.schedule.images or recipe.schedule.epochs * train_images


def images_total(recipe: Recipe, train_images: int) -> int:
    """Real images that a run shows in all: `schedule.images`, else epochs × training images, and
    before them those of the phases in which each player learns alone."""
    return phases_of(recipe, train_images)[-1].end
