"""The packs in the cache: listed and cleared away."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from zerosum.data.pack import PARTIAL, lock_of, packs_folder, read_index


@dataclass(frozen=True)
class CachedPack:
    """A pack in the cache: its folder, its bytes on disk, and what its index.json says."""

    folder: Path
    size: int
    index: dict[str, Any]


def cached_packs(cache: Path | None = None) -> list[CachedPack]:
    """All finished packs in the cache, in the order of their names."""
    folders = [file.parent for file in packs_folder(cache).glob("*/index.json")]
    finished = sorted(folder for folder in folders if folder.suffix != PARTIAL)
    return [CachedPack(folder, _size(folder), read_index(folder)) for folder in finished]


def clean_cache(cache: Path | None = None) -> int:
    """Remove all packs, and what killed packings left; returns the bytes freed.

    A pack that is being made stays. A training that has a pack open keeps its images until it
    ends. The empty lock files stay too: removing one that somebody waits for would let two in.
    """
    freed = 0
    for folder in packs_folder(cache).iterdir() if packs_folder(cache).is_dir() else ():
        if not folder.is_dir():
            continue
        try:
            with FileLock(lock_of(folder.with_suffix("")), timeout=0):
                size = _size(folder)
                shutil.rmtree(folder)
                freed += size
        except Timeout:
            continue
    return freed


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())
