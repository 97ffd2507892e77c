"""What the folders of a source say: its classes, and a test split of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zerosum.visible import visible

TRAIN = {"train", "training"}
TEST = {"test", "testing"}
VALIDATION = {"val", "valid", "validation"}
MASKS = {
    *("mask", "masks", "matte", "mattes", "alpha", "trimap", "trimaps"),
    *("annotation", "annotations", "label", "labels", "gt", "ground_truth", "groundtruth"),
    *("segmentation", "segmentations", "seg", "depth", "depths", "normals", "edges"),
}
"""What folders are called that hold, for each image of another folder, a picture of the same name
that tells something of it."""


@dataclass(frozen=True)
class Layout:
    """`labels` (int64, one an image, or None), the classes in order, and `test` (bool); `apart` are
    the images in no class where others are."""

    labels: NDArray[np.int64] | None
    class_names: tuple[str, ...]
    test: NDArray[np.bool_]
    apart: tuple[str, ...] = ()


def layout(
    names: Sequence[str],
    class_names: tuple[str, ...] = (),
    classes: Mapping[str, str] | None = None,
) -> Layout:
    """Read classes and splits off the names of the images.

    Folders that hold everything (an archive's own top folder) say nothing and are dropped. A
    source has a test split when all its images then lie in train/ and test/ (or val/, which
    joins the training images where there is a test/ as well). It has classes when every image
    then lies in CLASS/FILE, with two classes or more; deeper trees, as LSUN's, have none.
    `classes` has those of files by their names where the source says them otherwise: then the
    folders say none. `class_names` gives the order of the classes where the source itself has
    one; otherwise they are sorted, numbers by value. Control characters in the classes' names
    become escapes.
    """
    paths = _without_common_folders([name.split("/") for name in names])
    tops = {path[0].lower() if len(path) > 1 else "" for path in paths}
    test = np.zeros(len(paths), dtype=np.bool_)
    if tops & TRAIN and tops & (TEST | VALIDATION) and tops <= TRAIN | TEST | VALIDATION:
        held_out = TEST if tops & TEST else VALIDATION
        test = np.array([path[0].lower() in held_out for path in paths], dtype=np.bool_)
        paths = [path[1:] for path in paths]
    if classes is None:
        kind_of = [visible(path[0]) if len(path) == 2 else "" for path in paths]
    else:
        kind_of = [visible(classes.get(name, "")) for name in names]
    kinds = set(kind_of)
    if "" in kinds or len(kinds) < 2:
        without = [name for name, kind in zip(names, kind_of, strict=True) if not kind]
        return Layout(None, (), test, tuple(without) if len(kinds) > 1 else ())
    known = [name for name in class_names if name in kinds]
    ordered = (*known, *sorted(kinds - set(known), key=_by_number))
    numbers = {name: number for number, name in enumerate(ordered)}
    labels = np.array([numbers[kind] for kind in kind_of], dtype=np.int64)
    return Layout(labels, ordered, test)


def question(names: Sequence[str]) -> tuple[str, str] | None:
    """What the user has to say, and how, where folders may be two classes or images with their
    masks: images/ beside masks/, and the same names in both. None where that is clear."""
    folders_of_all = {name.rpartition("/")[0] for name in names}
    if not any(part.lower() in MASKS for folder in folders_of_all for part in folder.split("/")):
        return None
    paths = [name.split("/") for name in names]
    places = [
        (path, depth)
        for path in paths
        for depth, part in enumerate(path[:-1])
        if part.lower() in MASKS
    ]
    folders = {tuple(path[:depth]) for path, depth in places}
    beside: dict[tuple[object, ...], str] = {}
    for path in paths:
        for depth, part in enumerate(path[:-1]):
            if tuple(path[:depth]) in folders and part.lower() not in MASKS:
                beside[_without(path, depth)] = "/".join(path[: depth + 1])
    pairs = [
        (beside[_without(path, depth)], "/".join(path[: depth + 1]))
        for path, depth in places
        if _without(path, depth) in beside
    ]
    if 2 * len(pairs) < len(places):
        return None
    images, masks = pairs[0]
    return (
        f"{images}/ and {masks}/ have the same names in them ({len(pairs):,} pairs): are these "
        "images and their masks, or two classes?",
        f"for the images alone give the path of {images}; for two classes rename {masks}/",
    )


def _without(path: list[str], depth: int) -> tuple[object, ...]:
    """A file's path without the folder at that depth, and without its ending."""
    stem = path[-1].rpartition(".")[0] or path[-1]
    return (depth, *path[:depth], *path[depth + 1 : -1], stem)


def _without_common_folders(paths: list[list[str]]) -> list[list[str]]:
    depth = 0
    while all(len(path) > depth + 1 for path in paths) and (
        len({path[depth] for path in paths}) == 1
    ):
        depth += 1
    return [path[depth:] for path in paths]


def _by_number(name: str) -> tuple[bool, int, str]:
    return not name.isdecimal(), int(name) if name.isdecimal() else 0, name
