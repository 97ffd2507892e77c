"""One run: the step, the loop around it, checkpoints and exact resume, the average, progress.

`train_run` takes a recipe, its images and a run folder, and goes on from whatever is there.
"""

from zerosum.training.companions import companions
from zerosum.training.devices import (
    Devices,
    agree,
    require_equal_shares,
    require_latents,
    require_spread,
)
from zerosum.training.finite import DivergedError
from zerosum.training.loop import Outcome, train_run
from zerosum.training.place import as_begun, choose_run, nothing_saved
from zerosum.training.progress import Listener, Silent
from zerosum.training.transfer import find_source

__all__ = [
    "Devices",
    "DivergedError",
    "Listener",
    "Outcome",
    "Silent",
    "agree",
    "as_begun",
    "choose_run",
    "companions",
    "find_source",
    "nothing_saved",
    "require_equal_shares",
    "require_latents",
    "require_spread",
    "train_run",
]
