"""What a process that torchrun started says where it ends before all are connected, as for a wrong
option on one machine: PyTorch would have the others wait for it."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import torch.distributed
from torch._C._distributed_c10d import TCPStore

from zerosum.errors import ZerosumError
from zerosum.training.launched import ANSWER, KEEPS_STORE, by_torchrun
from zerosum.training.meeting import LAST_WORDS, REMEDY, as_said, said_by

LOOK_EVERY = 0.2
"""Seconds between two looks for what others say."""
_REFUSED = "zerosum: refused"


def say_refused(what: str, remedy: str) -> None:
    """Leave where all look for it why this process ends, unless it was connected to them."""
    if torch.distributed.is_initialized() or not _there():
        return
    who = f"process {int(os.environ['RANK']) + 1} of {os.environ['WORLD_SIZE']}"
    with contextlib.suppress(RuntimeError):
        _store().set(_REFUSED, as_said(ZerosumError(what, remedy), who))
        # The store may end with this process: whoever listens has looked until then.
        threading.Event().wait(LAST_WORDS / 2)


@contextlib.contextmanager
def hearing_refusals(end: Callable[[ZerosumError], object]) -> Iterator[None]:
    """Call `end` from a thread where another process ends before all are connected."""
    if not _there():
        yield
        return
    over = threading.Event()

    def hear() -> None:
        patience = LAST_WORDS
        try:
            store = _store()
            while not over.wait(LOOK_EVERY):
                if store.check([_REFUSED]):
                    break
            else:
                return
            error = said_by(store.get(_REFUSED))
        except RuntimeError:
            # PyTorch may see that itself, or try to connect for as long as it waits for others.
            error, patience = ZerosumError("another machine's torchrun has ended", REMEDY), ANSWER
        if not over.wait(patience):
            end(error)

    thread = threading.Thread(target=hear, daemon=True, name="refusals")
    thread.start()
    try:
        yield
    finally:
        over.set()


def _there() -> bool:
    """Whether torchrun keeps a store."""
    return by_torchrun() and os.environ.get(KEEPS_STORE) == "True"


def _store() -> TCPStore:
    place = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    limit = timedelta(seconds=ANSWER)
    return TCPStore(*place, is_master=False, timeout=limit, wait_for_workers=False)
