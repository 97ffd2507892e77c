"""From people's images to batches: sources → checks → fit → pack → batches.

Every image is decoded once, into a memory-mapped pack in the cache; training then only gathers
rows. Nothing here imports torch except `Batches`, which is loaded when it is first asked for.
"""

from typing import TYPE_CHECKING

from zerosum.data.opening import PackedData, Split, open_data

if TYPE_CHECKING:
    from zerosum.data.batches import Batches

__all__ = ["Batches", "PackedData", "Split", "open_data"]


def __getattr__(name: str) -> object:
    if name == "Batches":
        from zerosum.data.batches import Batches

        return Batches
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
