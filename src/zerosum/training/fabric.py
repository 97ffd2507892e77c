"""Lightning Fabric, imported without torchmetrics and torchvision.

Fabric asks torchmetrics for its version by importing it, with torchvision and all its models, for a
detection of spikes that nobody uses here: a good part of the seconds before a command begins.
"""

import sys
from types import ModuleType
from typing import cast

from torch import Tensor

_KNOWN = "torchmetrics" in sys.modules
if not _KNOWN:
    # To the import system a module of this name that is not there.
    sys.modules["torchmetrics"] = cast(ModuleType, None)
try:
    from lightning_fabric import Fabric
finally:
    if not _KNOWN:
        del sys.modules["torchmetrics"]

__all__ = ["Fabric", "mean_over_processes"]


def mean_over_processes(fabric: Fabric, numbers: Tensor) -> Tensor:
    """The mean over all processes; every one of them calls this at the same step."""
    if fabric.world_size == 1:
        return numbers
    reduced = fabric.all_reduce(numbers, reduce_op="mean")
    assert isinstance(reduced, Tensor)
    return reduced
