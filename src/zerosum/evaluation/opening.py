"""From what a user names to what is scored: runs, checkpoints, folders and their real images."""

import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from zerosum.data import PackedData, Split, open_data
from zerosum.data.check import look
from zerosum.data.fit import Fit, Fitting
from zerosum.data.pack import Progress, open_pack
from zerosum.data.sources import NAMES, NO_OWN, find_source
from zerosum.data.sources.source import Source, is_image_name
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.extractors.digits import TEN_DIGITS
from zerosum.evaluation.images import FileKind, Images, split_images
from zerosum.evaluation.protocol import fit_name
from zerosum.recipe.extractors import AUTO
from zerosum.recipe.image_size import ImageSize
from zerosum.recipe.load import read_recipe
from zerosum.records.run import RunFolder
from zerosum.words import counted

Part = Literal["auto", "train", "held out", "all"]
FEW = 100
LOOKED_AT = 500
"""Pictures that are looked at for colours."""
LITTLE_COLOUR = 3
"""Channels of a grey picture differ by no more grey levels, whatever compressed it."""


def open_run_data(
    run: RunFolder, *, data_root: Path | None = None, progress: Progress | None = None
) -> PackedData:
    """The images that a run was trained on, divided as in the training.

    Raises ZerosumError where they are gone, or are no longer the same.
    """
    run.require()
    recipe = read_recipe(run.recipe_file)
    data = open_data(
        recipe.data,
        recipe.seed,
        own=recipe.parts.image_sets,
        data_root=data_root,
        progress=progress,
    )
    if recipe.data.fingerprint not in ("", data.fingerprint):
        raise ZerosumError(
            f"the images at {recipe.data.source} are not those that {run.path} was trained on",
            "put the old ones back, or name other images to compare with: --against DATA",
        )
    return data


def real_images(data: PackedData, part: Part = "auto", fit: str = "") -> Images:
    """The real images of a run's data to compare with.

    "auto" takes the test split where the data has one of its own, and all images otherwise: a
    small share held out would make every score a matter of few images. `fit` is what a protocol
    says of how the pictures got their size: `fit_name` of the run's fitting.
    """
    if part == "auto":
        part = "held out" if data.test_split else "all"
    split = {"train": data.train, "held out": data.held_out, "all": data.all}[part]
    if not len(split):
        raise UsageError(
            f"{data.name} has no images held out", "compare with all of them: --split=all"
        )
    return split_images(split, data.name, data.fingerprint, fit, part)


def open_images(
    text: str,
    fitting: Fitting | None = None,
    *,
    part: Part = "auto",
    squares: bool = False,
    own: Mapping[str, str] = NO_OWN,
    data_root: Path | None = None,
    progress: Progress | None = None,
) -> Images:
    """Images that a name, folder or archive holds, with notes on what to know of them.

    They are brought to the size and kind of the `fitting`. Where that has a resolution or channels
    of 0, which is the default, all stay as they are where they have one size; else, and where
    `squares` are wanted, they become squares as large as most of them. What was cropped or resized
    is said in the notes. `own` are the user's image sets, as `find_source` has them. Raises
    ZerosumError where there are none.
    """
    source = find_source(text, data_root, own)
    # The sets that are known by name are all of one kind: a few images tell it.
    sizes, lossy = _headers(source, FEW if text in NAMES else None)
    wanted = fitting or Fitting(0, 0, "crop")
    fitting = _completed(wanted, source, text, sizes, squares=squares)
    notes: tuple[str, ...] = ()
    # That they are brought to somebody's size is no news.
    if text not in NAMES:
        notes = _odd_sizes(source.name, sizes, fitting)
    pack = open_pack(source, fitting, progress=progress)
    if not pack.index["images"]:
        raise _unreadable(source.name, text)
    notes += tuple(f"{source.name}: {text}" for text in pack.index["deep"])
    if bad := pack.index["bad"]:
        files = counted(bad, "unreadable file")
        notes += (f"{files} of {source.name} left out",)
    if folders := len(source.unreadable):
        count = counted(folders, "unreadable folder")
        notes += (f"{count} of {source.name} left out: {source.unreadable[0].name}",)
    own_test = bool(pack.test.any())
    if part == "auto":
        part = "held out" if own_test else "all"
    if part == "held out" and not own_test:
        raise UsageError(
            f"{source.name} has no test images of its own", "compare with all: --split=all"
        )
    chosen = {"all": np.ones_like(pack.test), "train": ~pack.test, "held out": pack.test}[part]
    rows = np.flatnonzero(chosen).astype(np.int64)
    split = Split(pack.pixels, rows, pack.labels, tuple(pack.index["class_names"]))
    images = split_images(split, source.name, pack.index["fingerprint"], fit_name(fitting), part)
    return replace(images, kind=FileKind(lossy, _grey_share(split)), notes=notes)


Size = tuple[int, int, bool]
"""Height, width, and whether it is grey."""


def _headers(source: Source, count: int | None) -> tuple[Counter[Size], float]:
    """How many of the first `count` images (None: of all) have each size, by their headers; and
    the share of them that was compressed with loss."""
    names = [name for name in source.names() if is_image_name(name)][:count]
    sizes: Counter[Size] = Counter()
    lossy = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for file in source.read(names):
            try:
                sizes[look(file.content)] += 1
            except Exception:  # Pillow raises nearly anything; the pack tells what is wrong with it
                continue
            lossy += is_lossy(file.content)
    return sizes, lossy / max(sizes.total(), 1)


def is_lossy(content: bytes) -> bool:
    """Whether a file is a JPEG, or a WebP of the simple lossy kind (RFC 9649, section 2.5)."""
    jpeg = content.startswith(b"\xff\xd8\xff")
    return jpeg or (content.startswith(b"RIFF") and content[8:16] == b"WEBPVP8 ")


def _grey_share(split: Split) -> float:
    """The share of pictures without colours, of at most LOOKED_AT at even distances."""
    if split.pixels.shape[3] == 1:
        return 1.0
    places = np.linspace(0, len(split) - 1, min(len(split), LOOKED_AT)).astype(np.int64)
    pixels = split.take(places).astype(np.int16)
    return float((np.ptp(pixels, axis=3).max((1, 2)) <= LITTLE_COLOUR).mean())


def _completed(
    wanted: Fitting, source: Source, text: str, sizes: Counter[Size], *, squares: bool
) -> Fitting:
    """A fitting whose resolution and channels are known."""
    if wanted.resolution and wanted.channels:
        return wanted
    if not sizes:
        if any(is_image_name(name) for name in source.names()):
            raise _unreadable(source.name, text)
        raise ZerosumError(
            f"{source.name} has no images",
            "give a run, or a folder, zip or tar with .jpg, .png, .webp, .gif, .bmp or .tif files",
        )
    (height, width, _), _ = sizes.most_common(1)[0]
    grey = all(size[2] for size in sizes)
    alike = not squares and len({size[:2] for size in sizes}) == 1
    own = ImageSize(width, height).written if alike else min(height, width)
    return replace(
        wanted,
        resolution=wanted.resolution or own,
        channels=wanted.channels or (1 if grey else 3),
    )


def _unreadable(name: str, text: str) -> ZerosumError:
    return ZerosumError(
        f"no file of {name} can be read as an image",
        f"`zerosum data check {text}` says what is wrong with each",
    )


def _odd_sizes(name: str, sizes: Counter[Size], fitting: Fitting) -> tuple[str, ...]:
    """A note where images are not of the size that they are brought to."""
    other = sum(count for size, count in sizes.items() if size[:2] != fitting.shape[:2])
    if not other:
        return ()
    how: dict[Fit, str] = {
        "crop": "the largest part of that shape in the middle, resized",
        "pad": "padded with black",
        "squash": "squashed",
        "box": f"the centre box of {fitting.box}, resized",
    }
    return (
        f"{other:,} of {sizes.total():,} images of {name} are not {fitting.size.in_words}: they "
        f"were brought to it ({how[fitting.fit]}), which changes scores",
    )


def is_digits(images: Images) -> bool:
    """Whether these are grey handwritten digits: ten classes called 0 to 9."""
    return images.shape[2] == 1 and images.class_names == TEN_DIGITS


def choose_extractor(name: str, reals: Images) -> str:
    """The extractor of that name; "auto" takes `digits` for grey digits, else `inception`."""
    if name != AUTO:
        return name
    return "digits" if is_digits(reals) else "inception"
