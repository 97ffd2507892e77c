"""How many processor threads a process computes with: one rule, for trainings alone, for the cells
of a study, and for the guess how long they take."""

import contextlib
import os
from collections.abc import Iterator

import torch

VARIABLE = "OMP_NUM_THREADS"


def threads_for(processes: int = 1) -> int:
    """Processor threads of each of so many processes that compute at a time on this machine.

    What OMP_NUM_THREADS says, where it says a number; else PyTorch's own choice, which is a thread
    for each core that this process may use, shared out.
    """
    said = os.environ.get(VARIABLE, "").partition(",")[0].strip()
    if said.isdecimal() and int(said) > 0:
        return int(said)
    return max(1, torch.get_num_threads() // processes)


@contextlib.contextmanager
def computing_with(threads: int) -> Iterator[None]:
    """PyTorch computes with so many threads inside, and as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
