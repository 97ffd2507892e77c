"""A step of both players as one CUDA graph.

A small network's step on a GPU is some hundred to some thousand short kernels, and starting them
takes longer than their work. A graph starts all of them at once.
"""

from collections.abc import Sequence

import torch
from torch.optim import Optimizer

from zerosum.training.game import Batch, Game, StepResult
from zerosum.training.step import play

WARM_UP = 3
"""Steps that are taken without the graph, so that libraries have their handles and optimisers
their state before it is captured."""


class CapturedStep:
    """`step.play`, captured once and then replayed.

    What differs from step to step lies in tensors that keep their place: images, labels,
    latents, epsilon of a penalty and learning rates. Each step is taken once, the ones before
    the capture included, so that the curve is the one of `play` to rounding.
    """

    def __init__(self, game: Game) -> None:
        self._game = game
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
        if self._steps < WARM_UP:
            self._steps += 1
            return self._play(batches)
        if self._result is None:
            self._result = self._capture(batches)
        for kept, new in zip(self._batches, batches, strict=True):
            torch._foreach_copy_(kept.tensors(), new.tensors())
        self._graph.replay()
        return self._result

    def _play(self, batches: Sequence[Batch]) -> StepResult:
        """A step without the graph, on the stream that it will be captured on."""
        now = torch.cuda.current_stream(self._game.fabric.device)
        self._stream.wait_stream(now)
        with torch.cuda.stream(self._stream):
            result = play(self._game, batches)
        now.wait_stream(self._stream)
        return result

    def _capture(self, batches: Sequence[Batch]) -> StepResult:
        """Record a step; nothing is computed."""
        self._batches = [batch.each(torch.clone) for batch in batches]
        for optimizer in self._game.players.optimizers().values():
            optimizer.zero_grad()
        with torch.cuda.graph(self._graph, stream=self._stream):
            return play(self._game, self._batches)


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
