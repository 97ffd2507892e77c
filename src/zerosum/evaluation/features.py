"""Images → features: one pass, into memory-mapped float32 matrices that are kept in the cache."""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from logging import getLogger
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from zerosum.checksums import crc32
from zerosum.data.cache_folder import features_folder, require_room, telling_cache_errors
from zerosum.data.partial_files import held_file, remove_abandoned
from zerosum.evaluation.extractors import Extractor
from zerosum.evaluation.images import Images
from zerosum.files import sync

Features = NDArray[np.float32]
Progress = Callable[[int, int], None]

LOG = getLogger(__name__)

FORMAT = 2  # of the cached files; another number computes everything anew
LOOK = 0.5
"""Seconds between looks whether another process has computed the features."""
SEAL = 8
"""Bytes of the checksum at a file's end."""
IN_MEMORY = 2**28
"""What is not kept lies in memory up to this many bytes, and beyond it on disk."""


def features_path(
    images: Images, extractor: Extractor, layer: str, cache: Path | None = None
) -> Path:
    """Where the features of these images lie, whether they were computed or not.

    The name is a function of all that they depend on: the images' content, the network with its
    weights, the resizing, the precision, and the kind of device.
    """
    parts = [
        FORMAT,
        images.fingerprint,
        extractor.name,
        layer,
        extractor.weights,
        extractor.resize,
        extractor.precision,
        extractor.device.type,
    ]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
    return features_folder(cache) / f"{images.name}-{extractor.label(layer)}-{digest}.npy"


def extract_features(
    images: Images,
    extractor: Extractor,
    layers: Sequence[str],
    *,
    cache: Path | None = None,
    keep: bool = True,
    progress: Progress | None = None,
) -> dict[str, Features]:
    """The features of all images, by layer: float32 (count, dimension), mapped from disk.

    One pass computes all that are not in the cache. With `keep` they are put there; otherwise they
    last as long as the matrices. `progress` hears (images done, images in all). Raises ZerosumError
    where the disk is full.
    """
    paths = {layer: features_path(images, extractor, layer, cache) for layer in layers}
    found = _found(paths, images, extractor)
    missing = [layer for layer in layers if layer not in found]
    if not missing:
        return found
    shapes = {layer: (len(images), extractor.layers[layer]) for layer in missing}
    if not keep:
        matrices = {layer: scratch_matrix(shapes[layer], cache=cache) for layer in missing}
        _fill(matrices, images, extractor, progress)
        return found | matrices
    folder = features_folder(cache)
    with _writing(folder):
        remove_abandoned(folder)
    with _writing(folder), _alone(paths[missing[0]], len(images), progress):
        # Another process, such as another cell of a study, may have computed them meanwhile.
        found = _found(paths, images, extractor)
        missing = [layer for layer in layers if layer not in found]
        if not missing:
            return found
        with contextlib.ExitStack() as stack:
            beside = {layer: stack.enter_context(held_file(paths[layer])) for layer in missing}
            matrices = {layer: _file(beside[layer], shapes[layer]) for layer in missing}
            _fill(matrices, images, extractor, progress)
            for layer in missing:
                _seal(beside[layer])
                sync(beside[layer])
                beside[layer].replace(paths[layer])
    return found | {layer: _opened(paths[layer]) for layer in missing}


def _found(paths: Mapping[str, Path], images: Images, extractor: Extractor) -> dict[str, Features]:
    """The layers that are in the cache."""
    with telling_cache_errors("read the features in", next(iter(paths.values())).parent):
        kept = {layer: _kept(path, images, extractor, layer) for layer, path in paths.items()}
    return {layer: features for layer, features in kept.items() if features is not None}


@contextlib.contextmanager
def _alone(path: Path, total: int, progress: Progress | None) -> Iterator[None]:
    """Let one process at a time compute the features of a file; `progress` hears of the waiting."""
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    while not lock.is_locked:
        try:
            lock.acquire(timeout=LOOK)
        except Timeout:
            if progress is not None:
                progress(0, total)
    try:
        yield
    finally:
        # Whoever waits for the file that is deleted computes in vain, at worst.
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def scratch_matrix(shape: tuple[int, int], *, cache: Path | None = None) -> Features:
    """A matrix to fill, float32, that lasts as long as it is held: in memory up to IN_MEMORY
    bytes, and beyond that mapped from a file without a name in the cache.

    Raises ZerosumError where there is no room for it.
    """
    size = 4 * shape[0] * shape[1]
    if size <= IN_MEMORY:
        return np.empty(shape, np.float32)
    # Not in the system's folder for such files, which often lies in memory itself.
    folder = features_folder(cache)
    with _writing(folder):
        require_room("the features", folder, size)
        with tempfile.TemporaryFile(dir=folder) as file:
            return np.memmap(file, np.float32, "w+", shape=shape)


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Make the folder, and turn an error of the system into a sentence."""
    with telling_cache_errors("write the features to", folder):
        folder.mkdir(parents=True, exist_ok=True)
        yield


def _fill(
    matrices: dict[str, Features],
    images: Images,
    extractor: Extractor,
    progress: Progress | None,
) -> None:
    """One pass over the images; the matrices are those of the layers that are wanted."""
    done = 0
    for pixels in images.batches(extractor.batch):
        found = extractor.compute(torch.from_numpy(_full(pixels, extractor.batch)), tuple(matrices))
        for layer, values in found.items():
            matrices[layer][done : done + len(pixels)] = values[: len(pixels)].numpy()
        done += len(pixels)
        if progress is not None:
            progress(done, len(images))
    for matrix in matrices.values():
        if isinstance(matrix, np.memmap):
            matrix.flush()


def _full(pixels: NDArray[np.uint8], batch: int) -> NDArray[np.uint8]:
    """A last batch filled up to the size of the others: the choice of kernels, and with it the
    last bit of a feature, depends on the size."""
    if len(pixels) == batch:
        return pixels
    full = np.zeros((batch, *pixels.shape[1:]), dtype=np.uint8)
    full[: len(pixels)] = pixels
    return full


def _file(path: Path, shape: tuple[int, int]) -> Features:
    """A matrix to fill that is a file."""
    require_room("the features", path.parent, 4 * shape[0] * shape[1])
    return np.lib.format.open_memmap(path, "w+", np.float32, shape)


def _kept(path: Path, images: Images, extractor: Extractor, layer: str) -> Features | None:
    """What lies in the cache, where it is whole."""
    if not path.exists():
        return None
    try:
        if _is_whole(path):
            features = _opened(path)
            if features.shape == (len(images), extractor.layers[layer]):
                return features
    except PermissionError:
        raise  # it may be whole: another user's
    except (OSError, ValueError, EOFError):
        pass
    LOG.warning(f"the features {path} are damaged: they are computed anew")
    path.unlink(missing_ok=True)
    return None


def _seal(path: Path) -> None:
    """Append the CRC-32 of a file: a matrix is read from its beginning, whatever follows it."""
    with path.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(f"{crc32(path):08x}".encode())


def _is_whole(path: Path) -> bool:
    """Whether a file ends in the CRC-32 of all before it; looked at once a process."""
    size = path.stat().st_size - SEAL
    if size <= 0:
        return False
    with path.open("rb") as file:
        file.seek(size)
        return file.read() == f"{crc32(path, size):08x}".encode()


def _opened(path: Path) -> Features:
    features: Features = np.load(path, mmap_mode="r")
    return features
