"""The phases of a training: of a restoration the generator alone, the critic alone, then both.

A training without them is one adversarial phase from its first image to its last. It is counted in
images and made of whole steps.
"""

from dataclasses import dataclass
from typing import Literal

from zerosum.recipe.sections import images_per_step
from zerosum.recipe.settings import Recipe
from zerosum.words import counted

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


def images_at_end(recipe: Recipe, train_images: int, images: int = 0, critic_ended: int = 0) -> int:
    """Real images that a run will have shown at its end: every phase ends with a whole step.

    `images` and `critic_ended` (`phases_of`) say where it stands.
    """
    return images_at_ends(recipe, train_images, images, critic_ended)[-1]


def images_at_ends(
    recipe: Recipe, train_images: int, images: int = 0, critic_ended: int = 0
) -> list[int]:
    """The same at the end of each phase; those that are over end at `images`."""
    ends = []
    for phase in phases_of(recipe, train_images, critic_ended):
        step = images_in_step(recipe, phase)
        images += max(0, -(-(phase.end - images) // step)) * step
        ends.append(images)
    return ends


def images_in_step(recipe: Recipe, phase: Phase) -> int:
    """Real images that a step of a phase shows."""
    both = phase.name == "adversarial" and recipe.schedule.switch == "fixed"
    return images_per_step(recipe.schedule) if both else recipe.schedule.batch


def few_images(recipe: Recipe, train_images: int) -> list[str]:
    """What to know before a training whose images, or whose length, are few for its steps."""
    schedule = recipe.schedule
    phases = phases_of(recipe, train_images)
    step = images_in_step(recipe, phases[-1])
    count = counted(train_images, "image")
    told = []
    if train_images < schedule.batch:
        fitting = 1 << (train_images.bit_length() - 1)
        told.append(
            f"a batch of {schedule.batch:,} is more than there is to train on ({count}): it holds "
            f"each {schedule.batch / train_images:.1f} times; --batch {fitting} would not"
        )
    elif train_images < step:
        told.append(
            f"a step shows {step:,} images, a batch of {schedule.batch:,} for each of "
            f"{schedule.critic_steps} critic steps: more than there is to train on ({count})"
        )
    steps = sum(-(-(phase.end - phase.begin) // images_in_step(recipe, phase)) for phase in phases)
    if steps < schedule.log_every:
        many = counted(steps, "step")
        told.append(
            f"the training is {many} long, and log lines come every {schedule.log_every}: "
            "there will be no curves; --epochs or --images makes it longer"
        )
    return told
