"""From settings to the images of a training: which rows of the pack train, which are held out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zerosum.data.cache import cached_packs
from zerosum.data.fit import Fitting
from zerosum.data.layout import layout
from zerosum.data.pack import Pack, Progress, open_pack
from zerosum.data.pixels import Pixels
from zerosum.data.sources import NO_OWN, Source, find_source
from zerosum.data.sources.source import is_image_name
from zerosum.errors import ZerosumError
from zerosum.randomness import random_for
from zerosum.recipe.data import DataSettings
from zerosum.words import counted


@dataclass(frozen=True)
class Split:
    """Some of a pack's images.

    `pixels` holds all the pack's rows, uint8 (N, H, W, C), mapped from disk; `rows` (int64) are
    those of this split. `labels` (int64, N, or None) number the `class_names`.
    """

    pixels: Pixels | NDArray[np.uint8]
    rows: NDArray[np.int64]
    labels: NDArray[np.int64] | None
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, positions: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The images at these positions of the split, uint8 (n, H, W, C), copied."""
        taken: NDArray[np.uint8] = self.pixels[self.rows[positions]]
        return taken


@dataclass(frozen=True)
class PackedData:
    """The images of a training.

    `fingerprint` is SHA-256 over the pack's pixels, labels and fitting: the same images have the
    same one wherever they lie. `bad` files were skipped as unreadable, `converted` ones needed
    more than decoding.
    """

    name: str
    fingerprint: str
    train: Split
    held_out: Split
    test_split: bool
    """Whether the held-out images are a test split of the source's own."""
    bad: int
    converted: int
    deep: tuple[str, ...] = ()
    """What to know of how images of more than 8 bits were read, in sentences."""

    @property
    def in_words(self) -> str:
        """Its name, and how many images there are for what."""
        told = f"{self.name}: {counted(len(self.train), 'image')} to train on"
        told += f", {len(self.held_out):,} held out"
        if self.bad:
            told += f", {counted(self.bad, 'unreadable file')} skipped"
        return told + (f", {self.converted:,} converted" if self.converted else "")

    @property
    def all(self) -> Split:
        """Every image of the pack, whatever `limit` leaves out of the training."""
        rows = np.arange(len(self.train.pixels), dtype=np.int64)
        return replace(self.train, rows=rows)


def open_data(
    settings: DataSettings,
    seed: int,
    *,
    own: Mapping[str, str] = NO_OWN,
    data_root: Path | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> PackedData:
    """Find, pack (once) and divide the images that `settings` ask for.

    `own` are the user's image sets that they may name, as `find_source` has them. `data_root` is
    where named sets lie, `cache` where packs are kept; both default to the user's own folders.
    `progress` is called with (files done, files in all) while packing. Where what an image set of
    the user's reads is not there, images that have the fingerprint of the settings are taken from
    their pack. Raises ZerosumError when there are no images, or too many bad ones.
    """
    source = find_source(settings.source, data_root, own)
    require_readable(source, settings)
    fitting = fitting_of(settings)
    if source.gone and settings.fingerprint:
        source = _as_packed(source, fitting, settings.fingerprint, cache)
    pack = open_pack(source, fitting, cache, progress)
    require_few_bad(pack, settings)
    train, held_out = divide(pack.test, settings, seed)
    names = tuple(pack.index["class_names"])
    if not len(train):
        raise ZerosumError(
            f"{source.name} has no images to train on", "lower data.validation, or add images"
        )
    return PackedData(
        source.name,
        pack.index["fingerprint"],
        Split(pack.pixels, train, pack.labels, names),
        Split(pack.pixels, held_out, pack.labels, names),
        bool(pack.test.any()) and settings.split == "train",
        pack.index["bad"],
        pack.index["converted"],
        tuple(pack.index["deep"]),
    )


def _as_packed(source: Source, fitting: Fitting, fingerprint: str, cache: Path | None) -> Source:
    """A source as it was when its images of this fingerprint were packed, if they are in the
    cache."""
    wanted = (source.name, fitting.facts(), fingerprint)
    for index in (pack.index for pack in cached_packs(cache)):
        if index and (index["name"], index["fitting"], index["fingerprint"]) == wanted:
            return replace(source, signature=index["signature"])
    return source


def require_classes(
    data: PackedData,
    settings: DataSettings,
    data_root: Path | None = None,
    own: Mapping[str, str] = NO_OWN,
) -> None:
    """Raise ZerosumError where images have no classes to learn: none has one, or some have not."""
    if data.train.labels is not None:
        return
    source = find_source(settings.source, data_root, own)
    images = [name for name in source.names() if is_image_name(name)]
    apart = layout(images, source.class_names, source.classes()).apart
    if not apart:
        raise ZerosumError(
            f"{data.name} has no classes, and network.conditional learns them",
            "put its images into a folder for each class (photos/cat/, photos/dog/), "
            "or train without: --network.conditional no",
        )
    names = ", ".join(apart[:3]) + (", …" if len(apart) > 3 else "")
    which = "is in no class" if len(apart) == 1 else "are in no class"
    raise ZerosumError(
        f"{len(apart):,} of the {len(images):,} images of {data.name} {which}: {names}",
        "move them into the folders of their classes (FOLDER/CLASS/IMAGE), or out of that folder; "
        "--network.conditional no trains on all without classes",
    )


def fitting_of(settings: DataSettings) -> Fitting:
    """The part of the settings that decides how a pack looks."""
    box = settings.box if settings.fit == "box" else 0
    size = settings.resolution.written
    return Fitting(size, settings.channels, settings.fit, box, settings.range)


def divide(
    test: NDArray[np.bool_], settings: DataSettings, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows to train on and the rows held out, both int64 and sorted.

    With `split` "train", a source's own test images are held out. Otherwise, and where it has
    none, the share `validation` of the chosen split's images is held out, chosen by the seed.
    `limit` then chooses that many of the others to train on: it never changes what is held out.
    """
    own = bool(test.any())
    if settings.split == "test" and not own:
        raise ZerosumError(
            f"{settings.source} has no test images of its own",
            'leave data.split at "train": the share data.validation is held out',
        )
    chosen = {"train": ~test, "test": test, "all": np.ones_like(test)}[settings.split]
    rows = np.flatnonzero(chosen)
    shuffled = random_for(seed, "validation").permutation(rows)
    if settings.split == "train" and own:
        held_out, train = np.flatnonzero(test), rows
    else:
        count = round(settings.validation * len(rows))
        held_out, train = np.sort(shuffled[:count]), np.sort(shuffled[count:])
    if 0 < settings.limit < len(train):
        train = np.sort(random_for(seed, "limit").permutation(train)[: settings.limit])
    return train.astype(np.int64), held_out.astype(np.int64)


def require_readable(source: Source, settings: DataSettings) -> None:
    """Raise ZerosumError where a folder of the source cannot be read, unless `max_bad` is 1: how
    many images would be missing nobody knows."""
    if not source.unreadable or settings.max_bad == 1:
        return
    first, *more = (f"{aside.name}: {aside.why}" for aside in source.unreadable)
    raise ZerosumError(
        f"folders in {settings.source} cannot be read: {first}"
        + (f"; and {len(more):,} more" if more else ""),
        "make them readable for you, or move them elsewhere; --data.max_bad 1 trains without them",
    )


def require_few_bad(pack: Pack, settings: DataSettings) -> None:
    """Raise ZerosumError when more of the image files are bad than `max_bad` allows."""
    bad, images = pack.index["bad"], pack.index["images"]
    if bad <= settings.max_bad * (bad + images) and images:
        return
    first = "; ".join(pack.index["bad_names"])
    told = f"{bad} of {bad + images} image files in {settings.source} cannot be used: {first}" + (
        "; …" if bad > len(pack.index["bad_names"]) else ""
    )
    listing = f"`zerosum data check {settings.source}` lists them all"
    if not images:
        raise ZerosumError(
            f"there is no usable image in {settings.source}: {told}",
            f"{listing}; mend them, or name another folder",
        )
    raise ZerosumError(
        told, f"{listing}; remove them, or train without: --data.max_bad {enough_bad(bad, images)}"
    )


def enough_bad(bad: int, usable: int) -> float:
    """The least `data.max_bad`, in whole hundredths, that accepts so many bad files."""
    return -(-100 * bad // (bad + usable)) / 100
