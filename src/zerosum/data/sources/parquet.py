"""Parquet files as Hugging Face stores image sets (extra `parquet`).

Each row holds a picture as bytes, alone or in a struct {bytes, path}, and perhaps a label. Which
column is what, and what the labels mean, stands in the schema's "huggingface" metadata.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zerosum.data.layout import TEST, TRAIN, VALIDATION
from zerosum.data.sources.source import File, Source
from zerosum.errors import ZerosumError
from zerosum.reading import require_regular

ROWS_AT_ONCE = 64
IMAGE_NAMES = ("image", "img", "picture", "jpg", "png")
BYTES = "bytes"
"""The field of a struct that holds an image file."""
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
    Raises ZerosumError where a file has no column of pictures, or other columns than the first.
    """
    columns, *others = [_columns(path) for path in files]
    for path, other in zip(files[1:], others, strict=True):
        if (other.image, other.label) != (columns.image, columns.label):
            raise ZerosumError(
                f"{path} has the columns {_named(other)}, and {files[0]} has {_named(columns)}",
                "give the path of files that belong together",
            )

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
                    content = picture.get(BYTES) if isinstance(picture, dict) else picture
                    yield File(name, content or b"", "" if content else "no picture in this row")

    return Source(name, f"parquet {signature}", names, read, columns.class_names)


def _named(columns: Columns) -> str:
    return f"{columns.image} and {columns.label}" if columns.label else columns.image


def _rows(
    path: Path, number: int, columns: Columns, wanted: list[str]
) -> Iterator[tuple[str, Any]]:
    """The name of each row, PART/CLASS/NUMBER-ROW.image, and its picture where it was read."""
    part = _part(path)
    row = 0
    for rows, values in _values(path, wanted):
        nothing = [None] * rows
        pictures, labels = (values.get(name, nothing) for name in (columns.image, columns.label))
        for picture, label in zip(pictures, labels, strict=True):
            folder = part + (f"{_class(label, columns)}/" if columns.label else "")
            yield f"{folder}{number:05d}-{row:07d}.image", picture
            row += 1


def _values(path: Path, columns: list[str]) -> Iterator[tuple[int, dict[str, list[Any]]]]:
    """Some rows at a time: how many, and the values of these columns."""
    file = _open(path)
    with _telling_damage(path):
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=columns):
            yield batch.num_rows, {name: batch.column(name).to_pylist() for name in columns}


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
    file = _open(path)
    with _telling_damage(path):
        schema = file.schema_arrow
    features = _features(schema.metadata or {})
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
    readable = [name for name in images if _holds_bytes(schema.field(name).type)]
    if not readable:
        raise ZerosumError(
            f"the column {images[0]} of {path} holds {schema.field(images[0]).type}, "
            "no image files",
            "store the bytes of image files (PNG, JPEG, …) in it, as Hugging Face's Image does",
        )
    labels = [name for name in schema.names if kinds.get(name) == "ClassLabel"]
    labels += [name for name in LABEL_NAMES if name in schema.names]
    labels = [name for name in labels if _is_one_label(schema.field(name).type)]
    label = labels[0] if labels else ""
    known = features[label].get("names") if kinds.get(label) == "ClassLabel" else None
    classes = known if isinstance(known, list) else []
    return Columns(readable[0], label, tuple(str(name).replace("/", "-") for name in classes))


def _features(metadata: Mapping[bytes, bytes]) -> dict[str, Any]:
    """What the schema's "huggingface" metadata says of each column; nothing where it is damaged."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
    except (ValueError, LookupError, TypeError):
        return {}
    return features if isinstance(features, dict) else {}


def _holds_bytes(kind: Any) -> bool:
    """Whether a column of this type can hold image files: bytes, or a struct with such a field."""
    from pyarrow import types

    if types.is_struct(kind):
        place = kind.get_field_index(BYTES)
        return place >= 0 and _holds_bytes(kind.field(place).type)
    return bool(
        types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)
    )


def _is_one_label(kind: Any) -> bool:
    """Whether a column of this type names a class: numbers without fractions, or words."""
    from pyarrow import types

    if types.is_dictionary(kind):
        return _is_one_label(kind.value_type)
    return bool(
        types.is_integer(kind)
        or types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_boolean(kind)
    )


def _open(path: Path) -> Any:
    try:
        import pyarrow  # noqa: F401
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ZerosumError(
            "parquet files need pyarrow, which is not installed",
            'install it with `pip install "zerosum[parquet]"`',
        ) from error
    require_regular(path)
    with _telling_damage(path):
        return ParquetFile(path)


@contextlib.contextmanager
def _telling_damage(path: Path) -> Iterator[None]:
    import pyarrow

    try:
        yield
    except PermissionError:
        raise  # the file may be intact
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        text = str(error).splitlines()[0]
        raise ZerosumError(
            f"{path} is no intact parquet file ({text})", "copy or download it again"
        ) from error
