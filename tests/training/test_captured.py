"""A step that no CUDA graph can hold is taken without one, and none is lost.

Stands in for a GPU where there is none: streams do nothing, and what a capture computes is undone.
tests/training/test_cuda.py asks the same of a real one.
"""

import contextlib
import copy
import warnings
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from tests.training.test_step import small_game
from zerosum.parts import OwnFile
from zerosum.training.captured import WARM_UP, CapturedStep
from zerosum.training.game import Game
from zerosum.training.step import train_step
from zerosum.user_function import UserFunction

telling = UserFunction(int, frozenset(), OwnFile("mine.py", "")).telling


class NoGPU:
    """What CapturedStep asks of torch.cuda."""

    def __init__(self) -> None:
        self.mode = 0
        self.capturing = False
        self.ends = False
        self.game: Game | None = None

    @contextlib.contextmanager
    def graph(self, *_: object, **__: object) -> Iterator[None]:
        assert self.game is not None
        networks = self.game.players.modules()
        before = copy.deepcopy({name: each.state_dict() for name, each in networks.items()})
        self.capturing = True
        try:
            yield
        finally:
            self.capturing = False
            for name, each in networks.items():
                each.load_state_dict(before[name])
            if not self.ends:
                raise RuntimeError("a capture that failed ends so")

    def set_sync_debug_mode(self, mode: int | str) -> None:
        if mode == "warn":
            warnings.warn("the mode is a prototype", stacklevel=2)
        self.mode = 1 if mode == "warn" else 0


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> NoGPU:
    stand_in = NoGPU()
    stream = SimpleNamespace(wait_stream=lambda _: None)
    monkeypatch.setattr(torch.cuda, "Stream", lambda _: stream)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", SimpleNamespace)
    monkeypatch.setattr(torch.cuda, "stream", lambda _: contextlib.nullcontext())
    monkeypatch.setattr(torch.cuda, "current_stream", lambda _: stream)
    monkeypatch.setattr(torch.cuda, "set_stream", lambda _: None)
    monkeypatch.setattr(torch.cuda, "get_sync_debug_mode", lambda: stand_in.mode)
    monkeypatch.setattr(torch.cuda, "set_sync_debug_mode", stand_in.set_sync_debug_mode)
    monkeypatch.setattr(torch.cuda, "graph", stand_in.graph)
    return stand_in


@pytest.mark.parametrize("reason", ["waits", "cannot be captured", "a user's function"])
def test_step_that_no_graph_can_hold_is_taken_without(gpu: NoGPU, reason: str) -> None:
    rate = 2.0**-10  # the same as float32
    plain, game = (small_game("dcgan", optimizer="sgd", **{"learning-rate": rate}) for _ in "ab")

    def discriminate(images: Tensor) -> Tensor:
        if reason == "waits" and gpu.mode:
            warnings.warn("called a synchronizing CUDA operation", stacklevel=1)
        # In the generator's step, when the discriminator stands still.
        if gpu.capturing and not next(game.players.discriminator.parameters()).requires_grad:
            gpu.ends = reason == "a user's function"
            with telling() if gpu.ends else contextlib.nullcontext():
                raise RuntimeError("operation not permitted\nwhen a stream is capturing")
        judged: Tensor = game.players.discriminator(images)
        return judged

    gpu.game, said = game, list[str]()
    game = replace(game, discriminate=discriminate)
    captured = CapturedStep(game, said.append)
    game = replace(game, captured=captured)
    for step in range(1, WARM_UP + 4):
        assert captured.in_use == (step <= WARM_UP + (reason != "waits"))
        ours, expected = (train_step(each, step, 8 * (step - 1)) for each in (game, plain))
        torch.testing.assert_close(ours.measures, expected.measures, rtol=0, atol=0)
    assert all(each.requires_grad for each in game.players.discriminator.parameters())
    [line] = said
    assert line.startswith("goes on without a CUDA graph, and slower: a step ")
    why = "(test_captured.py:" if reason == "waits" else "captured (operation not permitted)"
    assert why in line
    assert gpu.mode == 0
