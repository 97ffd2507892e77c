"""Trainings are counted in images and made of whole steps: where they end, and what is odd."""

from zerosum.recipe.phases import Phase, phases_of
from zerosum.recipe.sections import images_per_step
from zerosum.recipe.settings import Recipe
from zerosum.words import counted


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
