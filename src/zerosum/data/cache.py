"""The packs in the cache: listed and cleared away."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from zerosum.data.cache_folder import telling_cache_errors
from zerosum.data.pack import PARTIAL, lock_of, packs_folder, read_index


@dataclass(frozen=True)
class CachedPack:
    """A pack in the cache: its folder, its bytes on disk, and what its index.json says."""

    folder: Path
    size: int
    index: dict[str, Any]


def cached_packs(cache: Path | None = None) -> list[CachedPack]:
    """All finished packs in the cache, in the order of their names."""
    with telling_cache_errors("read the image cache", packs_folder(cache)):
        folders = [folder for folder in _folders(cache) if (folder / "index.json").is_file()]
        finished = sorted(folder for folder in folders if folder.suffix != PARTIAL)
        return [CachedPack(folder, _size(folder), read_index(folder)) for folder in finished]


def clean_cache(cache: Path | None = None) -> int:
    """Remove all packs, and what killed packings left; returns the bytes freed.

    A pack that is being made stays. A training that has a pack open keeps its images until it
    ends. The empty lock files stay too: removing one that somebody waits for would let two in.
    """
    freed = 0
    with telling_cache_errors("empty the image cache", packs_folder(cache)):
        for folder in _folders(cache):
            try:
                with FileLock(lock_of(folder.with_suffix("")), timeout=0):
                    size = _size(folder)
                    shutil.rmtree(folder)
                    freed += size
            except Timeout:
                continue
    return freed


def _folders(cache: Path | None) -> list[Path]:
    """The folders of packs, finished or not; none where there is no cache yet."""
    try:
        entries = list(packs_folder(cache).iterdir())
    except FileNotFoundError:
        return []
    return [entry for entry in entries if entry.is_dir()]


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())
