"""A step of both players as one CUDA graph.

A small network's step on a GPU is some hundred to some thousand short kernels, and starting them
takes longer than their work. A graph starts all of them at once.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch.optim import Optimizer

from zerosum.errors import ZerosumError
from zerosum.training.game import Batch, Game, StepResult
from zerosum.training.step import play

WARM_UP = 3
"""Steps that are taken without the graph, so that libraries have their handles and optimisers
their state before it is captured."""


class CapturedStep:
    """`step.play`, captured once and then replayed.

    What differs from step to step lies in tensors that keep their place: images, labels, latents,
    epsilon of a penalty, the numbers and the probability of an augmentation, learning rates and
    what else a schedule changes. A number of Python's, or what the networks draw on the processor,
    would stay as it was when the step was captured. Each step is taken once, the ones before the
    capture included, so that the curve is the one of `play` to rounding.

    A step that cannot be captured, because a network waits for the device or memory is short, is
    taken by `play` as before, and so are all after it: `say` is told why.
    """

    def __init__(self, game: Game, say: Callable[[str], object]) -> None:
        self.in_use = True
        """False once it was found that the step cannot be captured."""
        self._game, self._say = game, say
        self._stream = torch.cuda.Stream(game.fabric.device)  # type: ignore[no-untyped-call]
        self._graph = torch.cuda.CUDAGraph()
        self._steps = 0
        self._batches: list[Batch] = []
        self._result: StepResult | None = None
        for optimizer in game.players.optimizers().values():
            _keep_on_device(optimizer)

    def __call__(self, batches: Sequence[Batch]) -> StepResult:
        """Both players learn from these batches, of the shapes of the first call's.

        The measures of the result hold until the next call.
        """
        if self._result is None and self.in_use:
            if self._steps < WARM_UP:
                return self._warm_up(batches)
            self._result = self._capture(batches)
        if self._result is None:
            return play(self._game, batches)
        for kept, new in zip(self._batches, batches, strict=True):
            torch._foreach_copy_(kept.tensors(), new.tensors())
        self._graph.replay()
        return self._result

    def _warm_up(self, batches: Sequence[Batch]) -> StepResult:
        """A step without the graph, on the stream that it will be captured on. In the last one it
        is seen whether anything waits for the device: a capture would fail at that."""
        self._steps += 1
        now = torch.cuda.current_stream(self._game.fabric.device)
        self._stream.wait_stream(now)
        with torch.cuda.stream(self._stream):
            if self._steps < WARM_UP:
                result = play(self._game, batches)
            else:
                with _waits() as waits:
                    result = play(self._game, batches)
                if waits:
                    self._give_up(f"a step waits for the device ({waits[0]})")
        now.wait_stream(self._stream)
        return result

    def _capture(self, batches: Sequence[Batch]) -> StepResult | None:
        """Record a step; nothing is computed. None where that fails."""
        self._batches = [batch.each(torch.clone) for batch in batches]
        for optimizer in self._game.players.optimizers().values():
            optimizer.zero_grad()
        now = torch.cuda.current_stream(self._game.fabric.device)
        try:
            with torch.cuda.graph(self._graph, stream=self._stream):
                return play(self._game, self._batches)
        except (RuntimeError, ZerosumError) as error:
            # One of torch in a file of the user's is told as the user's.
            if isinstance(error, ZerosumError) and not isinstance(error.__cause__, RuntimeError):
                raise
            # What ends a capture raises too, and leaves the capture's stream the current one.
            torch.cuda.set_stream(now)
            self._batches, self._graph = [], torch.cuda.CUDAGraph()
            cause = error.__context__ or error
            self._give_up(f"a step could not be captured ({str(cause).partition(chr(10))[0]})")
        return None

    def _give_up(self, why: str) -> None:
        self.in_use = False
        self._say(f"goes on without a CUDA graph, and slower: {why}")


@contextmanager
def _waits() -> Iterator[list[str]]:
    """Gathers the places in the code, "file.py:12", that wait for the device meanwhile."""
    found: list[str] = []
    before = torch.cuda.get_sync_debug_mode()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            yield found
        finally:
            torch.cuda.set_sync_debug_mode(before)
    found += [
        f"{Path(each.filename).name}:{each.lineno}"
        for each in caught
        if "synchronizing CUDA operation" in str(each.message)
    ]


def _keep_on_device(optimizer: Optimizer) -> None:
    """Let an optimiser read its learning rate and its counters from the device."""
    for group in optimizer.param_groups:
        device = group["params"][0].device
        group["lr"] = torch.tensor(group["lr"], dtype=torch.float32, device=device)
        if "capturable" in group:
            group["capturable"] = True
    for state in optimizer.state.values():
        for name, value in state.items():
            if isinstance(value, torch.Tensor):
                state[name] = value.to(device)
