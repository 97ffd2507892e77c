"""Samples of a trained generator: a sheet, a folder or a zip, of any number of pictures."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from zerosum.adversarial.objectives import logits_of
from zerosum.data.batches import to_uint8
from zerosum.data.grid import (
    as_image,
    blank_sheet,
    place,
    png_bytes,
    sheet_png,
    square_columns,
)
from zerosum.errors import UsageError
from zerosum.files import require_suffix
from zerosum.generation.classes import folder_name
from zerosum.generation.generator import TrainedGenerator, require_latents
from zerosum.generation.output import require_sheet, staged_file, staged_folder
from zerosum.networks.latents import require_truncation

Progress = Callable[[int, int], None]

# The oldest date a zip can hold: the same samples make the same file, whenever they are made.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
NAMED = 16
"""Classes that a picture's text fields name."""


def write_samples(
    generator: TrainedGenerator,
    out: Path,
    count: int,
    *,
    seed: int = 0,
    truncate: float | None = None,
    discriminator: nn.Module | None = None,
    scale: int | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Sequence[int]:
    """Write the pictures 0 to count - 1 of a seed to `out`; returns their order there.

    `out` says what is written: a name in .png one sheet, in .zip single PNGs in a zip, any other
    name without a suffix, or an existing folder, single PNGs in that folder. Pictures of several
    classes have a row for each on a sheet, and are in a folder for each as singles. With a
    `discriminator` they come best first, by its output, and singles are named RANK-INDEX.png. A
    sheet has each pixel `scale` times in both directions (None: `usual_scale`); singles never.
    Memory hardly grows with `count`: by the scores where they are ranked, and by the table of
    contents of a zip. `progress` is called with pictures done and to do. Raises ZerosumError when
    `out` cannot be written, a sheet would be too large, or the run restores pictures.
    """
    require_latents(generator)
    if truncate is not None:
        require_truncation(truncate, generator.recipe.network.prior)
    suffix = "" if out.is_dir() or not out.suffix else require_suffix(out, (".png", ".zip"))
    height, width = (side * (scale or 1) for side in generator.recipe.data.resolution.shape)
    if suffix == ".png":
        smaller = "a smaller --scale, or " if scale and scale > 1 else ""
        require_sheet(
            count,
            height,
            width,
            f"{smaller}write single pictures: --out samples.zip or --out folder/",
        )
    elif scale is not None:
        raise UsageError(
            f"--scale enlarges a sheet, and {out} is not one: single pictures keep their size",
            "leave --scale out, or give --out a name in .png",
        )
    fields = generator.labels() | {"seed": str(seed)}
    if truncate is not None:
        fields["truncate"] = f"{truncate:g}"
    if names := generator.class_names:
        fields["classes"] = ", ".join(names[:NAMED])
    order: Sequence[int] = range(count)
    total = count if discriminator is None else 2 * count
    if discriminator is not None:
        order = ranked(
            generator, discriminator, count, seed, truncate, lambda done: progress(done, total)
        )
        fields["ranked_by"] = "discriminator"
    parts = batches(
        generator, order, seed, truncate, lambda done: progress(total - count + done, total)
    )
    if suffix == ".png":
        _write_sheet(parts, out, order, generator.turns, fields | _indices(order), scale)
    elif suffix == ".zip":
        _write_zip(_singles(generator, parts, order, fields), out)
    else:
        _write_folder(_singles(generator, parts, order, fields), out)
    return order


def batches(
    generator: TrainedGenerator,
    order: Sequence[int],
    seed: int,
    truncate: float | None = None,
    report: Callable[[int], None] = lambda _: None,
) -> Iterator[NDArray[np.uint8]]:
    """The pictures numbered `order`, (n, H, W, C) uint8 at a time; `report` hears how many there
    were."""
    done = 0
    for images in _image_batches(generator, order, seed, truncate):
        yield to_uint8(images)
        done += len(images)
        report(done)


def ranked(
    generator: TrainedGenerator,
    discriminator: nn.Module,
    count: int,
    seed: int,
    truncate: float | None = None,
    report: Callable[[int], None] = lambda _: None,
) -> list[int]:
    """The numbers 0 to count - 1, from the picture the discriminator finds most real.

    Only the scores are kept; the pictures are made again when they are written.
    """
    scores = np.empty(count, dtype=np.float32)
    done = 0
    for images in _image_batches(generator, range(count), seed, truncate):
        with torch.inference_mode():
            made = slice(done, done + len(images))
            asked = generator.classes_asked(range(count)[made])
            scores[made] = logits_of(discriminator(images, *asked)).float().cpu().numpy()
        done += len(images)
        report(done)
    return [int(index) for index in np.argsort(-scores, kind="stable")]


def _image_batches(
    generator: TrainedGenerator, order: Sequence[int], seed: int, truncate: float | None
) -> Iterator[torch.Tensor]:
    for first in range(0, len(order), generator.batch):
        indices = order[first : first + generator.batch]
        yield generator.images(generator.latents(seed, indices, truncate))


def _indices(order: Sequence[int]) -> dict[str, str]:
    """Which picture stands where on a sheet; not said where they stand in order."""
    return {} if isinstance(order, range) else {"indices": " ".join(map(str, order))}


def _singles(
    generator: TrainedGenerator,
    parts: Iterator[NDArray[np.uint8]],
    order: Sequence[int],
    fields: dict[str, str],
) -> Iterator[tuple[str, bytes]]:
    """Name and content of a PNG file for each picture; pictures of several classes lie in a folder
    for each."""
    names = generator.class_names
    folders = [f"{folder_name(name)}/" for name in names] if len(names) > 1 else [""]
    images = (image for part in parts for image in part)
    for rank, (index, image) in enumerate(zip(order, images, strict=True)):
        name = f"{index:06d}.png" if isinstance(order, range) else f"{rank:06d}-{index:06d}.png"
        turn = index % len(folders)
        own = fields | ({"classes": names[turn]} if names else {}) | {"index": str(index)}
        yield folders[turn] + name, png_bytes(as_image(image), own)


def _write_sheet(
    parts: Iterator[NDArray[np.uint8]],
    out: Path,
    order: Sequence[int],
    classes: int,
    fields: dict[str, str],
    scale: int | None,
) -> None:
    with staged_file(out) as beside:
        beside.write_bytes(_sheet(parts, order, classes, fields, scale))


def _sheet(
    parts: Iterator[NDArray[np.uint8]],
    order: Sequence[int],
    classes: int,
    fields: dict[str, str],
    scale: int | None,
) -> bytes:
    columns, places = sheet_places(order, classes)
    done, first = 0, next(parts)
    sheet = blank_sheet(max(places) + 1, columns, first.shape[1:])
    for part in (first, *parts):
        for picture, at in zip(part, places[done:], strict=False):
            place(sheet, picture[None], at, columns)
        done += len(part)
    return sheet_png(sheet, first.shape[1:], fields, scale)


def first_samples(generator: TrainedGenerator, count: int) -> bytes:
    """The sheet of the pictures 0 to count - 1 of seed 0, as `write_samples` writes it."""
    order, fields = range(count), generator.labels() | {"seed": "0"}
    return _sheet(batches(generator, order, 0), order, generator.turns, fields, None)


def sheet_places(order: Sequence[int], classes: int) -> tuple[int, list[int]]:
    """The columns of a sheet, and the place on it of each picture by its number: in order on a
    sheet about as wide as high, or, where classes take turns, in a row for each."""
    count = len(order)
    if classes == 1 or count <= classes:
        return square_columns(count), list(range(count))
    columns = -(-count // classes)
    in_row, places = [0] * classes, []
    for number in order:
        row = number % classes
        places.append(row * columns + in_row[row])
        in_row[row] += 1
    return columns, places


def _write_zip(singles: Iterator[tuple[str, bytes]], out: Path) -> None:
    with staged_file(out) as beside, zipfile.ZipFile(beside, "w") as archive:
        for name, content in singles:
            archive.writestr(zipfile.ZipInfo(name, ZIP_DATE), content)


def _write_folder(singles: Iterator[tuple[str, bytes]], out: Path) -> None:
    with staged_folder(out) as beside:
        for name, content in singles:
            (beside / name).parent.mkdir(exist_ok=True)
            (beside / name).write_bytes(content)
