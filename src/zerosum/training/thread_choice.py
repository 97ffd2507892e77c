"""With how many processor threads a run computes, and what is said of it.

Another number changes the order of sums, and so the bits: the number is chosen when a run begins,
stands in its state.json, and stays.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zerosum.networks.build import example_input
from zerosum.options import Threads
from zerosum.processor import WATCH, cores
from zerosum.processor.threads import SPARE, VARIABLE, free_threads, said_threads, useful_threads
from zerosum.recipe.settings import Recipe
from zerosum.records.run_state import RunState
from zerosum.training.players import Players
from zerosum.words import counted

OTHER_BITS = "its numbers differ by rounding from here on"


@dataclass(frozen=True)
class ThreadChoice:
    """A number of threads, and the line that says why; "" where nothing is to be said."""

    number: int
    line: str


def choose_threads(
    recipe: Recipe, players: Players, asked: Threads, state: RunState | None
) -> ThreadChoice:
    """The threads of a run on the processor, in one process.

    The number that somebody said; else that of the run, whose `state` is None where it begins here;
    else as many as its steps keep busy and other programs leave free.
    """
    usual, said = torch.get_num_threads(), said_threads(asked)
    before = None if state is None else state.get("threads")
    if said is not None:
        why = "" if asked != "auto" else f" ({VARIABLE})"
        if before is not None and before != said:
            return ThreadChoice(said, f"{_words(said)}{why} instead of {before}: {OTHER_BITS}")
        return ThreadChoice(said, f"{_words(said)}{why}")
    if before is not None and before > cores():
        here = free_threads(WATCH.others())
        why = f"this machine has {counted(cores(), 'core')}; {OTHER_BITS}"
        return ThreadChoice(here, f"{_words(here)} instead of {before}: {why}")
    if before is not None:
        return ThreadChoice(before, f"{_words(before)}, as it began")
    if state is not None:
        return ThreadChoice(usual, _words(usual))  # of a version that noted no number
    useful = useful_threads(step_work(recipe, players))
    if min(useful, usual, cores()) == 1:
        small = "" if min(usual, cores()) == 1 else ": its steps are too small for more"
        return ThreadChoice(1, f"{_words(1)}{small}")
    others = WATCH.others()
    free = free_threads(others)
    if free <= useful and others >= SPARE:
        return ThreadChoice(free, f"{_words(free)}: {others_in_words(others)}")
    return ThreadChoice(min(free, useful), _words(min(free, useful)))


def others_in_words(others: float) -> str:
    """What other programs use of the cores that this process may use."""
    return f"other programs use {others:.1f} of {counted(cores(), 'core')}"


def _words(threads: int) -> str:
    return f"computes with {counted(threads, 'thread')}"


def step_work(recipe: Recipe, players: Players) -> float:
    """Multiply-adds of convolutions and linear layers in one forward pass of both networks on a
    batch: what a step is a small multiple of."""
    work = 0

    def add(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal work
        # Each weight is used once for each place: of the output, or, transposed, of the input.
        places = inputs[0] if isinstance(layer, nn.ConvTranspose2d) else output
        channel = -1 if isinstance(layer, nn.Linear) else 1
        assert isinstance(layer.weight, Tensor)
        work += layer.weight.numel() * places.numel() // places.shape[channel]

    generator, discriminator = players.generator, players.discriminator
    counted_layers = nn.Conv2d, nn.ConvTranspose2d, nn.Linear
    networks = {network: network.training for network in (generator, discriminator)}
    hooks = [
        layer.register_forward_hook(add)
        for network in networks
        for layer in network.modules()
        if isinstance(layer, counted_layers)
    ]
    try:
        with torch.no_grad():
            # In evaluation nothing is drawn, and no statistics are moved.
            for network in networks:
                network.eval()
            discriminator(generator(example_input(recipe, 1)))
    finally:
        for hook in hooks:
            hook.remove()
        for network, trains in networks.items():
            network.train(trains)
    return float(work * recipe.schedule.batch)
