"""Users' own idx files: a folder or archive of them, or one with those that lie beside it.

The names are those under which MNIST and its kin are published and passed on:
`train-images-idx3-ubyte.gz`, `train-images.idx3-ubyte` (Kaggle), `emnist-letters-test-labels-…`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zerosum.data.sources.folder import read_file
from zerosum.data.sources.idx import Part, idx_source, parse_idx
from zerosum.data.sources.source import File, Source
from zerosum.errors import ZerosumError
from zerosum.records.run import tell_once

NAME = re.compile(r"(?P<set>.*?)[-_.]?(?:images|labels)?[-_.]?idx(?P<kind>[13])[-_.]?u?bytes?")
PACKED = re.compile(r"\.(gz|xz)$")
IMAGES, LABELS = 3, 1
"""Dimensions of the arrays."""
TEST = re.compile(r"(?:^|[-_.])(?:t10k|test|testing)$")
TRAIN = re.compile(r"(?:^|[-_.])(?:train|training)$")


@dataclass(frozen=True)
class IdxFile:
    """What the name of an idx file says."""

    name: str
    group: str
    """What the files of one set have in common: their folder, and the beginning of their names."""
    part: str
    """ "train" or "test"."""
    labels: bool


def is_idx_name(name: str) -> bool:
    """Whether a file's name is that of an idx file of images or labels, packed or not."""
    return _idx_file(name) is not None


def with_idx(source: Source) -> Source | None:
    """The images in the idx files of a folder or archive; None where it has none.

    Raises ZerosumError where they are of several sets, or labels without images.
    """
    files = [found for name in source.names() if (found := _idx_file(name))]
    if not files:
        return None
    groups = sorted({each.group for each in files})
    if len(groups) > 1:
        raise ZerosumError(
            f"{source.name} holds several sets of idx files: {', '.join(groups[:6])}",
            "name the folder of one of them, or one of its files",
        )
    return _joined(source, files)


def open_idx_file(path: Path) -> Source:
    """The images in an idx file, with its labels where they lie beside it.

    The training file of a set brings its test file, which is held out; the test file stands alone;
    labels stand for their images.
    """
    named = _idx_file(path.name)
    assert named is not None
    siblings = sorted(entry for entry in path.parent.iterdir() if entry.is_file())
    named_so = [found for entry in siblings if (found := _idx_file(entry.name))]
    beside = [each for each in named_so if each.group == named.group]
    own = [each for each in beside if each.part == named.part]
    # Of a packed file and an unpacked one that both are there the user has named one.
    own = [each for each in own if each.labels != named.labels or each.name == named.name]
    test = [each for each in beside if each.part == "test"] if named.part == "train" else []
    if any(not each.labels for each in test):
        tell_once(f"{named.name} trains; its test images, which lie beside it, are held out")
    files = {each.name: path.parent / each.name for each in (*own, *test)}
    facts = [file.stat() for file in files.values()]

    def read(wanted: Sequence[str]) -> Iterator[File]:
        return (read_file(files[name], name) for name in wanted)

    source = Source(
        named.group or path.absolute().parent.name or "images",
        " ".join(f"{fact.st_size} {fact.st_mtime_ns}" for fact in facts),
        lambda: list(files),
        read,
    )
    return _joined(source, [*own, *test])


def _idx_file(name: str) -> IdxFile | None:
    """What a name says; None where it is no idx file's."""
    *folders, base = name.split("/")
    stem = PACKED.sub("", base.lower())
    match = NAME.fullmatch(stem)
    if not match:
        return None
    # Kaggle's archives have a folder of the file's own name around it.
    if folders and folders[-1].lower().replace(".", "-") == stem.replace(".", "-"):
        folders = folders[:-1]
    begun, part = match["set"], "train"
    if TEST.search(begun):
        part = "test"
    for word in (TEST, TRAIN):
        begun = word.sub("", begun)
    group = "/".join(filter(None, [*folders, begun.strip("-_.")]))
    return IdxFile(name, group, part, match["kind"] == "1")


def _joined(source: Source, files: Sequence[IdxFile]) -> Source:
    """The images of one set as a source; `source` reads the files."""
    parts: dict[str, Part] = {}
    for part in ("train", "test"):
        images = _chosen(files, part, labels=False)
        labels = _chosen(files, part, labels=True)
        if images:
            load_labels = None if labels is None else _loader(source, labels.name, LABELS)
            parts[part] = Part(images.name, _loader(source, images.name, IMAGES), load_labels)
            if labels is None:
                tell_once(f"no labels lie beside {images.name}: its images are of no classes")
    if not parts:
        raise ZerosumError(
            f"{source.name} has labels in idx files, and no images",
            "put the file of images beside them: its name has idx3",
        )
    made = idx_source(source.name, source.signature, parts)
    return replace(made, left_out=source.left_out, unreadable=source.unreadable)


def _chosen(files: Sequence[IdxFile], part: str, *, labels: bool) -> IdxFile | None:
    """The file of a part: unpacked rather than packed, and not in a folder of its own."""
    found = [each for each in files if each.part == part and each.labels == labels]
    return min(found, key=lambda each: (each.name.count("/"), len(each.name)), default=None)


def _loader(source: Source, name: str, dimensions: int) -> Callable[[], NDArray[np.uint8]]:
    """Reads the array of an idx file of a source, of so many dimensions."""

    def load() -> NDArray[np.uint8]:
        (file,) = source.read([name])
        if file.problem:
            raise ZerosumError(f"{name} {file.problem}", "make it readable for you")
        array = parse_idx(file.content, name)
        if array.ndim != dimensions:
            what = "images" if dimensions == IMAGES else "labels"
            raise ZerosumError(f"{name} holds no {what}", "give it its own name again")
        return array

    return load
