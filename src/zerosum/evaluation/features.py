"""Images → features: one pass, into memory-mapped float32 matrices that are kept in the cache."""

import contextlib
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from logging import getLogger
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from zerosum.checksums import crc32
from zerosum.data.cache_folder import (
    FULL,
    features_folder,
    require_room,
    telling_cache_errors,
)
from zerosum.data.partial_files import remove_abandoned
from zerosum.errors import ZerosumError
from zerosum.evaluation.extractors import Extractor
from zerosum.evaluation.growing import GrowingMatrix, growing_matrix
from zerosum.evaluation.images import Images

Features = NDArray[np.float32]
Progress = Callable[[int, int], None]

LOG = getLogger(__name__)

FORMAT = 2  # of the cached files; another number computes everything anew
SEAL = 8
"""Bytes of the checksum at a file's end."""
IN_MEMORY = 2**28
"""What is not kept lies in memory up to this many bytes, and beyond it on disk."""


def no_progress(done: int, total: int) -> None:
    """A Progress where nobody listens."""


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
    progress: Progress = no_progress,
) -> dict[str, Features]:
    """The features of all images, by layer: float32 (count, dimension), mapped from disk.

    One pass computes all that are not in the cache. With `keep` they are put there, a block at a
    time: after a stop the next call goes on, to the same bits. Otherwise they last as long as the
    matrices. `progress` hears (images done, images in all). Raises ZerosumError where the disk is
    full.
    """
    if all(layer in images.features for layer in layers):
        return {layer: images.features[layer] for layer in layers}
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
    with _writing(folder), contextlib.ExitStack() as held:
        # In one order, so that no two processes wait for each other.
        growing = {
            layer: held.enter_context(
                growing_matrix(
                    paths[layer], shapes[layer], lambda rows: progress(rows, len(images))
                )
            )
            for layer in sorted(missing)
        }
        # Another process, such as another cell of a study, may have computed them meanwhile.
        found = _found(paths, images, extractor)
        wanted = {layer: growing[layer] for layer in missing if layer not in found}
        if wanted:
            _grow(wanted, images, extractor, folder, progress)
    return found | {layer: _opened(paths[layer]) for layer in wanted}


def remove_features(images: Images, extractor: Extractor, layers: Sequence[str]) -> None:
    """Take the features of these images out of the cache; matrices that are mapped stay."""
    for layer in layers:
        with contextlib.suppress(OSError):
            features_path(images, extractor, layer).unlink()


def _found(paths: Mapping[str, Path], images: Images, extractor: Extractor) -> dict[str, Features]:
    """The layers that are in the cache."""
    with telling_cache_errors("read the features in", next(iter(paths.values())).parent):
        kept = {layer: _kept(path, images, extractor, layer) for layer, path in paths.items()}
    return {layer: features for layer, features in kept.items() if features is not None}


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


def _grow(
    matrices: Mapping[str, GrowingMatrix],
    images: Images,
    extractor: Extractor,
    folder: Path,
    progress: Progress,
) -> None:
    """Compute what the matrices do not have yet, a block at a time, and put them in their place."""
    done = min(matrix.rows for matrix in matrices.values())
    # The batches are those of an uninterrupted pass, so that the last bits are.
    done -= 0 if done == len(images) else done % extractor.batch
    left = sum(4 * matrix.shape[1] * (len(images) - done) for matrix in matrices.values())
    require_room("the features", folder, left)
    progress(done, len(images))
    try:
        for first, found in _passes(images, extractor, tuple(matrices), done):
            for layer, values in found.items():
                matrices[layer].append(first, values)
            progress(first + len(values), len(images))
        for matrix in matrices.values():
            matrix.finish()
    except OSError as error:
        kept = min(matrix.rows for matrix in matrices.values())
        if error.errno not in FULL or not kept:
            raise
        raise ZerosumError(
            f"no space left for the features in {folder}: {kept:,} of {len(images):,} are kept",
            "make room on that disk, and the same command goes on from there",
        ) from error


def _fill(
    matrices: Mapping[str, Features],
    images: Images,
    extractor: Extractor,
    progress: Progress,
) -> None:
    """One pass over the images; the matrices are those of the layers that are wanted."""
    for first, found in _passes(images, extractor, tuple(matrices), 0):
        for layer, values in found.items():
            matrices[layer][first : first + len(values)] = values
        progress(first + len(values), len(images))


def _passes(
    images: Images, extractor: Extractor, layers: tuple[str, ...], first: int
) -> Iterator[tuple[int, dict[str, Features]]]:
    """The features of the images from number `first` on, a batch at a time, each with the number
    of its first image."""
    for pixels in images.batches(extractor.batch, first):
        found = extractor.compute(torch.from_numpy(_full(pixels, extractor.batch)), layers)
        yield first, {layer: values[: len(pixels)].numpy() for layer, values in found.items()}
        first += len(pixels)


def _full(pixels: NDArray[np.uint8], batch: int) -> NDArray[np.uint8]:
    """A last batch filled up to the size of the others: the choice of kernels, and with it the
    last bit of a feature, depends on the size."""
    if len(pixels) == batch:
        return pixels
    full = np.zeros((batch, *pixels.shape[1:]), dtype=np.uint8)
    full[: len(pixels)] = pixels
    return full


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
