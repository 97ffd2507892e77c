"""After how many images a run makes a sheet and saves a checkpoint: often enough where it is
short."""

from zerosum.recipe import Recipe
from zerosum.training.checkpoints import Position
from zerosum.training.phases import phases_of
from zerosum.training.whole_steps import images_at_end, images_in_step

SHEETS, LEAST_SHEETS, CHECKPOINTS = 16, 8, 4
"""Parts of a short run, each of which ends with one; fewer than the second are no film."""
MOST_TO_SHEET, MOST_TO_CHECKPOINT = 50_000, 200_000
"""Images, in runs of any length."""


def sample_every(recipe: Recipe, train_images: int) -> int:
    """Images between sheets: `schedule.sample_every`, or by the run's length where that is 0.

    Then a run of eight steps and more makes at least eight, however its phases divide it.
    """
    if recipe.schedule.sample_every:
        return recipe.schedule.sample_every
    every = _part(recipe, train_images, SHEETS, MOST_TO_SHEET)
    while every > 1 and _crossed(recipe, train_images, every) < LEAST_SHEETS:
        every //= 2
    return every


def checkpoint_every(recipe: Recipe, train_images: int) -> int:
    """Images between checkpoints: `schedule.checkpoint_every`, or by the run's length."""
    return recipe.schedule.checkpoint_every or _part(
        recipe, train_images, CHECKPOINTS, MOST_TO_CHECKPOINT
    )


def _part(recipe: Recipe, train_images: int, parts: int, most: int) -> int:
    return max(1, min(most, images_at_end(recipe, Position(), train_images) // parts))


def _crossed(recipe: Recipe, train_images: int, every: int) -> int:
    """Steps in which a multiple of so many images is reached."""
    count = here = 0
    for phase in phases_of(recipe, Position(), train_images):
        step = images_in_step(recipe, phase)
        steps = max(0, -(-(phase.end - here) // step))
        end = here + steps * step
        count += min(steps, end // every - here // every)
        here = end
    return count
