"""From people's images to batches: sources → checks → fit → pack → batches.

Every image is decoded once, into a memory-mapped pack in the cache; training then only gathers
rows. Nothing here imports torch except `Batches` and `damage_batch`, which are loaded when they are
first asked for.
"""

from typing import TYPE_CHECKING

from zerosum.data.opening import PackedData, Split, open_data

if TYPE_CHECKING:
    from zerosum.data.batches import Batches
    from zerosum.data.damage import damage_batch, damage_held_out

__all__ = ["Batches", "PackedData", "Split", "damage_batch", "damage_held_out", "open_data"]


def __getattr__(name: str) -> object:
    if name == "Batches":
        from zerosum.data.batches import Batches

        return Batches
    if name in ("damage_batch", "damage_held_out"):
        from zerosum.data import damage

        return getattr(damage, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
