"""From people's images to batches: sources → checks → fit → pack → batches.

Every image is decoded once, into a memory-mapped pack in the cache; training then only gathers
rows. Of the files here `batches` and `damage` alone import torch.
"""

from zerosum.data.opening import PackedData, Split, open_data

__all__ = ["PackedData", "Split", "open_data"]
