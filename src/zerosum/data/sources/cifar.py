"""CIFAR-10 from its binary archive (the usual Python version is pickled, and never read)."""

import tarfile
from collections.abc import Iterator, Sequence
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

    def names() -> list[str]:
        return [file.name for file in _files(archive)]

    def read(wanted: Sequence[str]) -> Iterator[File]:
        missing = set(wanted)
        return (file for file in _files(archive) if file.name in missing)

    return Source(name, f"cifar {facts.st_size} {facts.st_mtime_ns}", names, read, CLASSES)


def _files(archive: Path) -> Iterator[File]:
    part_of = {batch: part for part, batches in PARTS.items() for batch in batches}
    try:
        with tarfile.open(archive) as tar:
            for entry in tar:
                batch = Path(entry.name).name
                if batch in part_of and (stream := tar.extractfile(entry)) is not None:
                    yield from _records(stream.read(), f"{part_of[batch]}/", Path(batch).stem)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise ZerosumError(
            f"{archive} is damaged ({error})", "delete it and get it again"
        ) from error


def _records(content: bytes, part: str, batch: str) -> Iterator[File]:
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    if (records[:, 0] >= len(CLASSES)).any():
        raise ValueError("a label that is none")
    for index, record in enumerate(records):
        # PPM wants the three colours of a pixel together.
        pixels = record[1:].reshape(3, SIDE * SIDE).T.tobytes()
        name = f"{part}{CLASSES[record[0]]}/{batch}-{index:05d}.ppm"
        yield File(name, b"P6 %d %d 255\n" % (SIDE, SIDE) + pixels)
