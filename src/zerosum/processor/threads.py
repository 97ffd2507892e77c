"""How many processor threads a process computes with: one rule, for trainings alone, for the cells
of a study, for evaluations, and for the guess how long they take."""

import contextlib
import os
from collections.abc import Iterator

import torch

from zerosum.options import Threads
from zerosum.processor import SHORT_WHILE, WATCH, cores, unused_cores

VARIABLE = "OMP_NUM_THREADS"
GRAIN = 100e6
"""Multiply-adds of the two networks' forward passes of a batch that a thread is worth its waiting
for the others from: docs/performance.md has what was measured."""
SPARE = 0.25
"""What others may use of a core that counts as free all the same."""


def said_threads(threads: Threads = "auto") -> int | None:
    """The number that somebody said: --threads, else OMP_NUM_THREADS; None where neither does."""
    if threads != "auto":
        return threads
    said = os.environ.get(VARIABLE, "").partition(",")[0].strip()
    return int(said) if said.isdecimal() and int(said) > 0 else None


def threads_for(processes: int = 1) -> int:
    """Processor threads of each of so many processes that compute at a time on this machine.

    What OMP_NUM_THREADS says, where it says a number; else PyTorch's own choice, which is a thread
    for each core that this process may use, shared out.
    """
    return said_threads() or max(1, most_threads() // processes)


def most_threads() -> int:
    """PyTorch's own choice, but no more than there are cores."""
    return min(torch.get_num_threads(), cores())


def free_threads(others: float) -> int:
    """As many threads as cores are free where other programs use `others` cores; 1 at least.

    Threads that wait for each other at each layer are slower beside another program than one.
    """
    return max(1, min(most_threads(), int(unused_cores(others) + SPARE)))


def crowded(threads: int, others: float) -> bool:
    """Whether other programs, which use `others` cores, use some that so many threads would.

    Where a quota or a share of a study leaves fewer cores than threads, that is not their doing.
    """
    return unused_cores(others) + SPARE < min(threads, cores())


def useful_threads(work: float) -> int:
    """As many threads as a step of so many multiply-adds keeps busy; 1 at least."""
    return max(1, int(work / GRAIN))


def threads_now(threads: Threads, device: torch.device, look: float = SHORT_WHILE) -> int:
    """Threads to make pictures and compute features and scores with: the number that was said, but
    no more than there are cores; else on the processor as many as cores are free, for which other
    programs are looked at for `look` seconds at least."""
    said = said_threads(threads)
    if said is not None:
        return min(said, cores())
    if device.type != "cpu" or most_threads() == 1:
        return most_threads()
    return free_threads(WATCH.others(look))


@contextlib.contextmanager
def computing_with(threads: int) -> Iterator[None]:
    """PyTorch computes with so many threads inside, and as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
