"""What the folders of a source say: its classes, and a test split of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TRAIN = {"train", "training"}
TEST = {"test", "testing"}
VALIDATION = {"val", "valid", "validation"}


@dataclass(frozen=True)
class Layout:
    """`labels` (int64, one an image, or None), the classes in order, and `test` (bool)."""

    labels: NDArray[np.int64] | None
    class_names: tuple[str, ...]
    test: NDArray[np.bool_]


def layout(names: Sequence[str], class_names: tuple[str, ...] = ()) -> Layout:
    """Read classes and splits off the names of the images.

    Folders that hold everything (an archive's own top folder) say nothing and are dropped. A
    source has a test split when all its images then lie in train/ and test/ (or val/, which
    joins the training images where there is a test/ as well). It has classes when every image
    then lies in CLASS/FILE, with two classes or more; deeper trees, as LSUN's, have none.
    `class_names` gives the order of the classes where the source itself has one; otherwise they
    are sorted, numbers by value.
    """
    paths = _without_common_folders([name.split("/") for name in names])
    tops = {path[0].lower() if len(path) > 1 else "" for path in paths}
    test = np.zeros(len(paths), dtype=np.bool_)
    if tops & TRAIN and tops & (TEST | VALIDATION) and tops <= TRAIN | TEST | VALIDATION:
        held_out = TEST if tops & TEST else VALIDATION
        test = np.array([path[0].lower() in held_out for path in paths], dtype=np.bool_)
        paths = [path[1:] for path in paths]
    kinds = {path[0] if len(path) == 2 else "" for path in paths}
    if "" in kinds or len(kinds) < 2:
        return Layout(None, (), test)
    known = [name for name in class_names if name in kinds]
    ordered = (*known, *sorted(kinds - set(known), key=_by_number))
    numbers = {name: number for number, name in enumerate(ordered)}
    labels = np.array([numbers[path[0]] for path in paths], dtype=np.int64)
    return Layout(labels, ordered, test)


def _without_common_folders(paths: list[list[str]]) -> list[list[str]]:
    depth = 0
    while all(len(path) > depth + 1 for path in paths) and (
        len({path[depth] for path in paths}) == 1
    ):
        depth += 1
    return [path[depth:] for path in paths]


def _by_number(name: str) -> tuple[bool, int, str]:
    return not name.isdecimal(), int(name) if name.isdecimal() else 0, name
