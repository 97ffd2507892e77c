"""Running out of memory, in a sentence that names what needs it."""

from zerosum.errors import ZerosumError
from zerosum.recipe import Recipe
from zerosum.words import counted


def out_of_memory(recipe: Recipe) -> ZerosumError:
    """The sentence for it: batch, resolution, and the fields that help."""
    side, schedule = recipe.data.resolution, recipe.schedule
    parts = schedule.accumulate
    parted = f", computed in {parts} parts" if parts > 1 else ""
    return ZerosumError(
        f"out of memory with a batch of {counted(schedule.batch, 'image')} of {side}×{side} "
        f"pixels{parted}",
        f"compute the batch in more parts, to the same gradients (--schedule.accumulate "
        f"{2 * parts}), or lower --batch, --width or --data.resolution",
    )
