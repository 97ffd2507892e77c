"""CIFAR-10 from its binary archive (the usual Python version is pickled, and never read)."""

import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from zerosum.data.sources.source import File, Source
from zerosum.errors import ZerosumError

ARCHIVE = "cifar-10-binary.tar.gz"
URL = f"https://www.cs.toronto.edu/~kriz/{ARCHIVE}"
MD5 = "c32a1d4ab5d03f1284b67883e8d87530"
SIDE = 32
RECORD = 1 + 3 * SIDE * SIDE  # bytes: the label, then the red, green and blue planes
PARTS = {
    "train": [f"data_batch_{number}.bin" for number in range(1, 6)],
    "test": ["test_batch.bin"],
}
PART_OF = {batch: part for part, batches in PARTS.items() for batch in batches}
PICKLED = {batch.removesuffix(".bin") for batch in PART_OF}
"""What the files of the Python version are called."""
CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


def open_cifar(archive: Path, name: str) -> Source:
    """The 50,000 training and 10,000 test images of the binary archive, as PPM files."""
    facts = archive.stat()
    return _source(
        name, f"{facts.st_size} {facts.st_mtime_ns}", lambda: _tar_batches(archive), str(archive)
    )


def with_cifar(source: Source) -> Source | None:
    """The images in CIFAR-10's binary batches in a folder or archive; None where it has none.

    Raises ZerosumError for the batches of its Python version, which are pickled.
    """
    names = source.names()
    binary = [name for name in names if _base(name) in PART_OF]
    if not binary:
        if any(_base(name) in PICKLED for name in names):
            raise ZerosumError(
                f"{source.name} is the Python version of CIFAR-10, which is pickled and never read",
                f"get the binary one, {URL}, and give it; or --data cifar10, which downloads it",
            )
        return None

    def batches() -> Iterator[tuple[str, bytes]]:
        for file in source.read(binary):
            if file.problem:
                raise ZerosumError(f"{file.name} {file.problem}", "make it readable for you")
            yield _base(file.name), file.content

    return replace(
        _source(source.name, source.signature, batches, source.name),
        left_out=source.left_out,
        unreadable=source.unreadable,
    )


def _base(name: str) -> str:
    return name.rpartition("/")[2]


Batches = Callable[[], Iterator[tuple[str, bytes]]]
"""Gives the name and the content of each file of a set."""


def _source(name: str, signature: str, batches: Batches, place: str) -> Source:
    def names() -> list[str]:
        return [file.name for file in _files(batches, place)]

    def read(wanted: Sequence[str]) -> Iterator[File]:
        missing = set(wanted)
        return (file for file in _files(batches, place) if file.name in missing)

    return Source(name, f"cifar {signature}", names, read, CLASSES)


def _tar_batches(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as tar:
        for entry in tar:
            name = _base(entry.name)
            if name in PART_OF and (stream := tar.extractfile(entry)) is not None:
                yield name, stream.read()


def _files(batches: Batches, place: str) -> Iterator[File]:
    try:
        for name, content in batches():
            yield from _records(content, f"{PART_OF[name]}/", Path(name).stem)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise ZerosumError(f"{place} is damaged ({error})", "delete it and get it again") from error


def _records(content: bytes, part: str, batch: str) -> Iterator[File]:
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    if (records[:, 0] >= len(CLASSES)).any():
        raise ValueError("a label that is none")
    for index, record in enumerate(records):
        # PPM wants the three colours of a pixel together.
        pixels = record[1:].reshape(3, SIDE * SIDE).T.tobytes()
        name = f"{part}{CLASSES[record[0]]}/{batch}-{index:05d}.ppm"
        yield File(name, b"P6 %d %d 255\n" % (SIDE, SIDE) + pixels)
