"""Lightning Fabric, imported without torchmetrics and torchvision.

Fabric asks torchmetrics for its version by importing it, with torchvision and all its models, for a
detection of spikes that nobody uses here: a good part of the seconds before a command begins.
"""

import sys
import time
from types import ModuleType
from typing import cast

from torch import Tensor
from torch.distributed.distributed_c10d import _get_default_store

_KNOWN = "torchmetrics" in sys.modules
if not _KNOWN:
    # To the import system a module of this name that is not there.
    sys.modules["torchmetrics"] = cast(ModuleType, None)
try:
    from lightning_fabric import Fabric
finally:
    if not _KNOWN:
        del sys.modules["torchmetrics"]

__all__ = ["Fabric", "mean_over_processes", "meet"]

LOOK_EVERY = 0.1
"""Seconds between two looks at who has come, at most."""
_CAME, _SAW = "zerosum: came", "zerosum: saw"


def mean_over_processes(fabric: Fabric, numbers: Tensor) -> Tensor:
    """The mean over all processes; every one of them calls this at the same step."""
    if fabric.world_size == 1:
        return numbers
    reduced = fabric.all_reduce(numbers, reduce_op="mean")
    assert isinstance(reduced, Tensor)
    return reduced


def meet(fabric: Fabric) -> None:
    """Wait until every process has come here, however long one of them still works.

    A collective gives up at the process group's time limit, and answers no signal meanwhile: none
    follows work of unknown length without this between them.
    """
    if fabric.world_size == 1:
        return
    store, others = _get_default_store(), fabric.world_size - 1
    meeting = -(-store.add(_CAME, 1) // fabric.world_size)
    _wait_until(_CAME, meeting * fabric.world_size)
    if fabric.is_global_zero:
        # What all look into may be its own: it goes on, and ends, when the others have looked.
        _wait_until(_SAW, meeting * others)
    else:
        store.add(_SAW, 1)


def _wait_until(name: str, count: int) -> None:
    store, begun = _get_default_store(), time.monotonic()
    while store.add(name, 0) < count:
        time.sleep(min((time.monotonic() - begun) / 10, LOOK_EVERY))
