"""Parquet files as Hugging Face stores image sets (extra `parquet`).

Each row holds a picture as bytes, alone or in a struct {bytes, path}, and perhaps a label. Which
column is what, and what the labels mean, stands in the schema's "huggingface" metadata.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zerosum.data.layout import TEST, TRAIN, VALIDATION
from zerosum.data.sources.source import File, Source
from zerosum.errors import ZerosumError

ROWS_AT_ONCE = 64
IMAGE_NAMES = ("image", "img", "picture", "jpg", "png")
LABEL_NAMES = ("label", "labels", "class")


@dataclass(frozen=True)
class Columns:
    """Which columns hold the pictures and the labels ("": none), and the classes in order."""

    image: str
    label: str
    class_names: tuple[str, ...]


def open_parquet(files: Sequence[Path], name: str, signature: str) -> Source:
    """The pictures in the rows of parquet files, in the order of the files.

    A file belongs to the split with which its name or its folder's begins: train, test, val.
    """
    columns = _columns(files[0])

    def names() -> list[str]:
        return [
            name
            for number, path in enumerate(files)
            for name, _ in _rows(path, number, columns, [columns.label] if columns.label else [])
        ]

    def read(wanted: Sequence[str]) -> Iterator[File]:
        missing = set(wanted)
        both = [columns.image, columns.label] if columns.label else [columns.image]
        for number, path in enumerate(files):
            for name, picture in _rows(path, number, columns, both):
                if name in missing:
                    content = picture.get("bytes") if isinstance(picture, dict) else picture
                    yield File(name, content or b"", "" if content else "no picture in this row")

    return Source(name, f"parquet {signature}", names, read, columns.class_names)


def _rows(
    path: Path, number: int, columns: Columns, wanted: list[str]
) -> Iterator[tuple[str, Any]]:
    """The name of each row, PART/CLASS/NUMBER-ROW.image, and its picture where it was read."""
    part = _part(path)
    row = 0
    for batch in _open(path).iter_batches(batch_size=ROWS_AT_ONCE, columns=wanted):
        pictures = labels = [None] * batch.num_rows
        if columns.image in wanted:
            pictures = batch.column(columns.image).to_pylist()
        if columns.label in wanted:
            labels = batch.column(columns.label).to_pylist()
        for picture, label in zip(pictures, labels, strict=True):
            folder = part + (f"{_class(label, columns)}/" if columns.label else "")
            yield f"{folder}{number:05d}-{row:07d}.image", picture
            row += 1


def _class(label: object, columns: Columns) -> str:
    if isinstance(label, int) and 0 <= label < len(columns.class_names):
        return columns.class_names[label]
    return str(label).replace("/", "-")


def _part(path: Path) -> str:
    """ "train/", "test/", "val/" or "" """
    for text in (path.name.lower(), path.parent.name.lower()):
        for words, part in ((TRAIN, "train/"), (TEST, "test/"), (VALIDATION, "val/")):
            if text.startswith(tuple(words)):
                return part
    return ""


def _columns(path: Path) -> Columns:
    schema = _open(path).schema_arrow
    metadata = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
    features = metadata.get("info", {}).get("features", {})
    kinds = {
        name: feature.get("_type")
        for name, feature in features.items()
        if isinstance(feature, dict)
    }
    images = [name for name in schema.names if kinds.get(name) == "Image"]
    images += [name for name in IMAGE_NAMES if name in schema.names]
    if not images:
        raise ZerosumError(
            f"{path} has no column of pictures, only {', '.join(schema.names)}",
            "call the column `image`, with the bytes of image files in it",
        )
    labels = [name for name in schema.names if kinds.get(name) == "ClassLabel"]
    labels += [name for name in LABEL_NAMES if name in schema.names]
    label = labels[0] if labels else ""
    classes = features.get(label, {}).get("names", []) if label in kinds else []
    return Columns(images[0], label, tuple(name.replace("/", "-") for name in classes))


def _open(path: Path) -> Any:
    try:
        import pyarrow
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ZerosumError(
            "parquet files need pyarrow, which is not installed",
            'install it with `pip install "zerosum[parquet]"`',
        ) from error
    try:
        return ParquetFile(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise ZerosumError(
            f"{path} is no intact parquet file ({error})", "copy or download it again"
        ) from error
