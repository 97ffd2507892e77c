"""With how many processor threads a run computes, and what is said of it.

Another number changes the order of sums, and so the bits: the number is chosen when a run begins,
stands in its state.json, and stays.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zerosum.networks.build import example_input, example_labels
from zerosum.options import Threads
from zerosum.processor import WATCH, allowed_cores, cores, machine_cores
from zerosum.processor.threads import (
    VARIABLE,
    crowded,
    free_threads,
    most_threads,
    said_threads,
    useful_threads,
)
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

    The number that somebody said; else that of the run, whose `state` is None where it begins here
    (0 where it went on elsewhere until now); else as many as its steps keep busy and other programs
    leave free.
    """
    said = said_threads(asked)
    before = None if state is None else state.get("threads")
    if said is not None:
        line = _words(said) + ("" if asked != "auto" else f" ({VARIABLE})")
        if before is not None and before != said:
            line += f" instead of {before}: {OTHER_BITS}"
        if said > (there := machine_cores()):
            line += f"; here it may use {counted(there, 'core')}: --threads={there} is faster"
        return ThreadChoice(said, line)
    if before:
        return _kept(before)
    if state is not None and before is None:
        usual = torch.get_num_threads()
        return ThreadChoice(usual, _words(usual))  # of a version that noted no number
    most, useful = most_threads(), useful_threads(step_work(recipe, players))
    if min(useful, most) == 1:
        small = "" if most == 1 else ": its steps are too small for more"
        return ThreadChoice(1, f"{_words(1)}{small}")
    others = WATCH.others()
    number = min(free_threads(others), useful)
    why = f": {others_in_words(others)}" if crowded(min(useful, most), others) else ""
    return ThreadChoice(number, f"{_words(number)}{why}")


def _kept(before: int) -> ThreadChoice:
    """Those of a run that began with so many, and goes on: the same, where there are as many cores.
    A share of a study or other programs change nothing but the line."""
    if before > (there := machine_cores()):
        here = free_threads(WATCH.others())
        why = f"here it may use {counted(there, 'core')}; {OTHER_BITS}"
        return ThreadChoice(here, f"{_words(here)} instead of {before}: {why}")
    kept = f"{_words(before)}, as it began"
    if before > cores():
        share = counted(cores(), "core")
        return ThreadChoice(before, f"{kept}; its share of the study is {share} now")
    if before > 1 and crowded(before, others := WATCH.others()):
        faster = f"--threads={free_threads(others)} is faster"
        return ThreadChoice(before, f"{kept}; {others_in_words(others)}: {faster}")
    return ThreadChoice(before, kept)


def others_in_words(others: float) -> str:
    """What other programs use of the cores that they were looked at on."""
    return f"other programs use {others:.1f} of {counted(allowed_cores(), 'core')}"


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
            discriminator(generator(example_input(recipe, 1)), *example_labels(recipe, 1))
    finally:
        for hook in hooks:
            hook.remove()
        for network, trains in networks.items():
            network.train(trains)
    return float(work * recipe.schedule.batch)
