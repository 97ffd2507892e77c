"""What lies in the cache, packs and features: listed and cleared away."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from zerosum.checksums import DamagedError
from zerosum.data.cache_folder import features_folder, telling_cache_errors
from zerosum.data.pack import INDEX, PARTIAL, lock_of, packs_folder, read_index
from zerosum.data.partial_files import (
    ENDING,
    UNFINISHED,
    remove_abandoned,
    remove_unfinished,
    size_of,
)

FINISHED = (".npy", ".safetensors")
"""Features, and what scores need of those of real images."""


@dataclass(frozen=True)
class CachedPack:
    """A pack in the cache: its folder, its bytes on disk, and what its index.json says; None where
    that is damaged."""

    folder: Path
    size: int
    index: dict[str, Any] | None


@dataclass(frozen=True)
class CachedFeatures:
    """A file of features in the cache, and its bytes on disk. One that is not `finished` is being
    computed, or was when its process was stopped: the next that wants it goes on with it."""

    file: Path
    size: int
    finished: bool

    @property
    def name(self) -> str:
        """What it is called once it is finished."""
        return self.file.name if self.finished else self.file.stem.removeprefix(".")


def cached_packs(cache: Path | None = None) -> list[CachedPack]:
    """All finished packs in the cache, in the order of their names."""
    with telling_cache_errors("read the image cache", packs_folder(cache)):
        folders = [folder for folder in _folders(cache) if (folder / INDEX).is_file()]
        finished = sorted(folder for folder in folders if folder.suffix != PARTIAL)
        return [CachedPack(folder, size_of(folder), _index(folder)) for folder in finished]


def cached_features(cache: Path | None = None) -> list[CachedFeatures]:
    """All files of features in the cache, in the order of their names."""
    folder = features_folder(cache)
    with telling_cache_errors("read the features in", folder):
        return [
            CachedFeatures(file, size_of(file), file.suffix in FINISHED)
            for file in sorted(_entries(folder))
            if file.suffix in (*FINISHED, ENDING, UNFINISHED)
        ]


def clean_cache(cache: Path | None = None) -> int:
    """Remove all packs, all features, and what killed processes left; returns the bytes freed.

    What is being made stays. A training that has a pack open keeps its images until it ends, and an
    evaluation its features. The empty lock files of packs stay too: removing one that somebody
    waits for would let two in.
    """
    freed = 0
    with telling_cache_errors("empty the image cache", packs_folder(cache)):
        for folder in _folders(cache):
            try:
                with FileLock(lock_of(folder.with_suffix("")), timeout=0):
                    size = size_of(folder)
                    shutil.rmtree(folder)
                    freed += size
            except Timeout:
                continue
    features = features_folder(cache)
    with telling_cache_errors("remove the features in", features):
        freed += remove_abandoned(features) + remove_unfinished(features)
        for file in _entries(features):
            if file.suffix in FINISHED:
                size = file.stat().st_size
                file.unlink()
                freed += size
    return freed


def _index(folder: Path) -> dict[str, Any] | None:
    try:
        return read_index(folder)
    except DamagedError:
        return None


def _folders(cache: Path | None) -> list[Path]:
    """The folders of packs, finished or not; none where there is no cache yet."""
    return [entry for entry in _entries(packs_folder(cache)) if entry.is_dir()]


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder; nothing where there is none."""
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []
