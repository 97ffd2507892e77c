"""Memory that is freed stays with the process while it trains on the processor.

glibc gives what is free at the end of its heap back to the system, from 64 MB on where blocks of
tens of megabytes are used: the maps of one layer are given back, and those of the next asked for
page by page, each of which the system clears first. See mallopt(3).
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""The names of these settings in malloc.h."""
KEPT = 2**30
"""Bytes that may be free at the end of the heap."""
USUAL = 2**26
"""The same as glibc has it once a block of 32 MB was freed."""
LARGEST = 2**25
"""Bytes from which on a block is memory of its own, given back when it is freed: the most that
glibc takes here."""


@contextmanager
def kept_memory() -> Iterator[None]:
    """Keep what is freed meanwhile, and give it back at the end; where the C library is not glibc,
    nothing changes."""
    library = ctypes.CDLL(None)
    if not (hasattr(library, "mallopt") and hasattr(library, "malloc_trim")):
        yield
        return
    library.mallopt(MMAP_THRESHOLD, LARGEST)
    library.mallopt(TRIM_THRESHOLD, KEPT)
    try:
        yield
    finally:
        library.mallopt(TRIM_THRESHOLD, USUAL)
        library.malloc_trim(0)
