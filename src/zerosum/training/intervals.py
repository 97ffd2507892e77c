"""After how many images a run makes a sheet and saves a checkpoint: often enough where it is
short. Where the clock ends it, when it makes a sheet besides."""

from math import inf

from zerosum.recipe.phases import images_at_end, images_in_step, phases_of
from zerosum.recipe.settings import Recipe

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


class SheetsByTheClock:
    """When a run that the clock ends, nobody knows at how many images, makes a sheet: when its
    images say so, and at the end of each eighth of its time in which there was none.

    By the time itself, since a speed that is measured at its beginning may change.
    """

    def __init__(self, now: float, seconds: float | None) -> None:
        """`seconds`: what is left of its time; None where no clock ends it."""
        self.begun = now
        self.each = seconds / LEAST_SHEETS if seconds is not None and seconds > 0 else inf
        self.part, self.made = 0, False

    def due(self, now: float, *, by_images: bool) -> bool:
        """Whether to make one after this step; `by_images`: there is to be one anyway."""
        part = int((now - self.begun) / self.each)
        ended, self.part = part > self.part, part
        due = by_images or (ended and not self.made)
        self.made = not ended and (self.made or due)
        return due


def _part(recipe: Recipe, train_images: int, parts: int, most: int) -> int:
    return max(1, min(most, images_at_end(recipe, train_images) // parts))


def _crossed(recipe: Recipe, train_images: int, every: int) -> int:
    """Steps in which a multiple of so many images is reached."""
    count = here = 0
    for phase in phases_of(recipe, train_images):
        step = images_in_step(recipe, phase)
        steps = max(0, -(-(phase.end - here) // step))
        end = here + steps * step
        count += min(steps, end // every - here // every)
        here = end
    return count
