"""Images in idx files: the bundled digits, MNIST and Fashion-MNIST."""

import gzip
import hashlib
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Part:
    """The images of one part of a set, uint8 (n, H, W), and their labels, uint8 (n,); None where
    they have none."""

    name: str
    """What errors call the file of the images."""
    images: Callable[[], NDArray[np.uint8]]
    labels: Callable[[], NDArray[np.uint8]] | None


@dataclass(frozen=True)
class LabelledPart(Part):
    """A part that has labels."""

    labels: Callable[[], NDArray[np.uint8]]


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array of an idx file of bytes, compressed with gzip or xz or not at all."""
    try:
        content = read_regular(path)
    except OSError as error:
        raise ZerosumError(
            f"{path} cannot be read: {reason(error)}", "make it readable for you"
        ) from error
    return parse_idx(content, str(path))


def parse_idx(content: bytes, name: str) -> NDArray[np.uint8]:
    """The array in the bytes of an idx file; its name tells how it is compressed."""
    try:
        if name.endswith(".gz"):
            content = gzip.decompress(content)
        elif name.endswith(".xz"):
            content = lzma.decompress(content)
        magic = int.from_bytes(content[:4])
        if magic not in (IMAGES_MAGIC, LABELS_MAGIC):
            raise ValueError("it does not begin as an idx file of bytes")
        dimensions = magic & 0xFF
        shape = np.frombuffer(content, ">u4", count=dimensions, offset=4)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)
    except (ValueError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise ZerosumError(f"{name} is damaged ({error})", "delete it and get it again") from error


def open_digits() -> Source:
    """The 10,000 bundled digits: the first 8,000 train, the others are held out."""
    return idx_source("digits", *bundled_digits())


def bundled_digits() -> tuple[str, Mapping[str, LabelledPart]]:
    """What names the bundled digits as they are, and their parts."""
    images, labels = (DIGITS / f"{kind}-ubyte.xz" for kind in ("images-idx3", "labels-idx1"))
    parts = {"train": slice(None, DIGITS_FOR_TRAINING), "test": slice(DIGITS_FOR_TRAINING, None)}
    signature = hashlib.sha256(images.read_bytes() + labels.read_bytes()).hexdigest()
    return signature, {part: _rows(images, labels, rows) for part, rows in parts.items()}


def open_idx(folder: Path, name: str, class_names: tuple[str, ...] = ()) -> Source:
    """MNIST's four standard files in `folder`, as published (.gz) or unpacked."""
    return idx_source(name, *standard_files(folder), class_names)


def standard_files(folder: Path) -> tuple[str, Mapping[str, LabelledPart]]:
    """What names MNIST's four standard files in `folder` as they are now, and their parts."""
    files = {}
    facts = []
    for part, prefix in (("train", "train"), ("test", "t10k")):
        images = _existing(folder, f"{prefix}-images-idx3-ubyte")
        labels = _existing(folder, f"{prefix}-labels-idx1-ubyte")
        files[part] = _rows(images, labels, slice(None))
        facts += [images.stat(), labels.stat()]
    return " ".join(f"{file.st_size} {file.st_mtime_ns}" for file in facts), files


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


def _rows(images: Path, labels: Path, rows: slice) -> LabelledPart:
    """Some rows of two files of digits."""
    return LabelledPart(str(images), lambda: read_idx(images)[rows], lambda: _labels(labels)[rows])


def require_images(pixels: NDArray[np.uint8], count: int, part: Part) -> None:
    """Raise ZerosumError where a part has fewer images than labels."""
    if pixels.ndim != 3 or len(pixels) < count:
        raise ZerosumError(
            f"{part.name} is damaged (it has fewer images than labels)",
            "delete both and get them again",
        )


def idx_source(
    name: str, signature: str, parts: Mapping[str, Part], class_names: tuple[str, ...] = ()
) -> Source:
    """Present the rows of idx files as small PGM files, so that one pipeline serves all."""

    def names() -> list[str]:
        listed = []
        for part, files in parts.items():
            if files.labels is None:
                listed += [f"{part}/{index:05d}.pgm" for index in range(len(files.images()))]
                continue
            for index, label in enumerate(files.labels().tolist()):
                kind = class_names[label] if class_names else label
                listed.append(f"{part}/{kind}/{index:05d}.pgm")
        return listed

    def read(wanted: Sequence[str]) -> Iterator[File]:
        arrays: dict[str, NDArray[np.uint8]] = {}
        for file in wanted:
            part, *_, index = file.split("/")
            if part not in arrays:
                arrays = {part: parts[part].images()}  # one part at a time in memory
            place = int(index.removesuffix(".pgm"))
            require_images(arrays[part], place + 1, parts[part])
            picture = arrays[part][place]
            height, width = picture.shape
            yield File(file, b"P5 %d %d 255\n" % (width, height) + picture.tobytes())

    return Source(name, f"idx {signature}", names, read, class_names)
