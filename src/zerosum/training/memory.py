"""Running out of memory, in a sentence that names what needs it."""

import torch

from zerosum.errors import ZerosumError
from zerosum.recipe import Recipe

CPU_ALLOCATOR = "DefaultCPUAllocator: can't allocate memory"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device, or the machine, had no room for what was asked."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    # MPS and the CPU say it in the words of a RuntimeError.
    text = str(error)
    return CPU_ALLOCATOR in text or "out of memory" in text


def out_of_memory(recipe: Recipe) -> ZerosumError:
    """The sentence for it: batch, resolution, and the fields that help."""
    side, schedule = recipe.data.resolution, recipe.schedule
    parts = schedule.accumulate
    parted = f", computed in {parts} parts" if parts > 1 else ""
    return ZerosumError(
        f"out of memory with a batch of {schedule.batch} images of {side}×{side} pixels{parted}",
        f"compute the batch in more parts, to the same gradients (--schedule.accumulate "
        f"{2 * parts}), or lower --batch, --width or --data.resolution",
    )
