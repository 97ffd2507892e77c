"""What the loop asks of rooms that it does not know: its generator's pictures and scores."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from zerosum.training.session import Training
from zerosum.training.stopping import StopRequest


class Evaluator(Protocol):
    """Looks at a training from outside: nothing in it changes by that, and nothing here ends it."""

    def sheet(self) -> tuple[NDArray[np.uint8], dict[str, str]] | None:
        """The pictures of a sample sheet, (n, H, W, C) uint8, as the generator makes them now, and
        what their file says of them; None for no sheet. Only the first process asks."""

    def compare(self) -> bool:
        """Score the generator as it is now, where that was not done; whether it is the best so far
        by what decides. All processes ask, and get the same answer."""

    def report(self) -> None:
        """Score the result once more when the training is over, where that was not done."""


EvaluatorOf = Callable[[Training, StopRequest], Evaluator]
"""Makes the evaluator of a training before its first step, in every process; it says there what
will be missing, and points to the best checkpoint of those that are left."""


class NoEvaluator:
    """Makes no pictures and no scores: for trainings that are thrown away."""

    def __init__(self, _training: Training, _stop: StopRequest) -> None: ...

    def sheet(self) -> None: ...

    def compare(self) -> bool:
        return False

    def report(self) -> None: ...
