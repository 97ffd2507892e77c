"""Images in idx files: the bundled digits, MNIST and Fashion-MNIST."""

import gzip
import hashlib
import lzma
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zerosum.data.sources.source import File, Source
from zerosum.errors import ZerosumError
from zerosum.reading import read_regular, reason

DIGITS = Path(__file__).parents[1] / "digits"
DIGITS_FOR_TRAINING = 8_000
IMAGES_MAGIC = 0x803
LABELS_MAGIC = 0x801
CLASSES = 10


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array of an idx file of bytes, compressed with gzip or xz or not at all."""
    try:
        content = read_regular(path)
    except OSError as error:
        raise ZerosumError(
            f"{path} cannot be read: {reason(error)}", "make it readable for you"
        ) from error
    try:
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        elif path.suffix == ".xz":
            content = lzma.decompress(content)
        magic = int.from_bytes(content[:4])
        if magic not in (IMAGES_MAGIC, LABELS_MAGIC):
            raise ValueError("it does not begin as an idx file of bytes")
        dimensions = magic & 0xFF
        shape = np.frombuffer(content, ">u4", count=dimensions, offset=4)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)
    except (ValueError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise ZerosumError(f"{path} is damaged ({error})", "delete it and get it again") from error


def open_digits() -> Source:
    """The 10,000 bundled digits: the first 8,000 train, the others are held out."""
    images, labels = (DIGITS / f"{kind}-ubyte.xz" for kind in ("images-idx3", "labels-idx1"))
    parts = {"train": slice(None, DIGITS_FOR_TRAINING), "test": slice(DIGITS_FOR_TRAINING, None)}
    signature = hashlib.sha256(images.read_bytes() + labels.read_bytes()).hexdigest()
    return _source("digits", signature, {part: (images, labels, parts[part]) for part in parts})


def open_idx(folder: Path, name: str, class_names: tuple[str, ...] = ()) -> Source:
    """MNIST's four standard files in `folder`, as published (.gz) or unpacked."""
    files = {}
    facts = []
    for part, prefix in (("train", "train"), ("test", "t10k")):
        images = _existing(folder, f"{prefix}-images-idx3-ubyte")
        labels = _existing(folder, f"{prefix}-labels-idx1-ubyte")
        files[part] = (images, labels, slice(None))
        facts += [images.stat(), labels.stat()]
    signature = " ".join(f"{file.st_size} {file.st_mtime_ns}" for file in facts)
    return _source(name, signature, files, class_names)


def _existing(folder: Path, name: str) -> Path:
    packed = folder / f"{name}.gz"
    return packed if packed.is_file() else folder / name


def _labels(path: Path) -> NDArray[np.uint8]:
    """The labels in an idx file, from 0 to 9."""
    labels = read_idx(path)
    if labels.ndim != 1 or (labels >= CLASSES).any():
        raise ZerosumError(
            f"{path} is damaged (its labels are no digits)", "delete it and get it again"
        )
    return labels


def _source(
    name: str,
    signature: str,
    parts: dict[str, tuple[Path, Path, slice]],
    class_names: tuple[str, ...] = (),
) -> Source:
    """Present the rows of idx files as small PGM files, so that one pipeline serves all."""

    def names() -> list[str]:
        listed = []
        for part, (_, labels, rows) in parts.items():
            for index, label in enumerate(_labels(labels)[rows].tolist()):
                kind = class_names[label] if class_names else label
                listed.append(f"{part}/{kind}/{index:05d}.pgm")
        return listed

    def read(wanted: Sequence[str]) -> Iterator[File]:
        arrays: dict[str, NDArray[np.uint8]] = {}
        for file in wanted:
            part, _, index = file.split("/")
            if part not in arrays:
                images, _, rows = parts[part]
                arrays = {part: read_idx(images)[rows]}  # one part at a time in memory
            place = int(index.removesuffix(".pgm"))
            if arrays[part].ndim != 3 or place >= len(arrays[part]):
                raise ZerosumError(
                    f"{parts[part][0]} is damaged (it has fewer images than labels)",
                    "delete both and get them again",
                )
            picture = arrays[part][place]
            height, width = picture.shape
            yield File(file, b"P5 %d %d 255\n" % (width, height) + picture.tobytes())

    return Source(name, f"idx {signature}", names, read, class_names)
