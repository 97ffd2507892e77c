"""Pictures of the sides of a comparison, of the same seeds: a row each."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zerosum.comparing.sides import Side
from zerosum.errors import ZerosumError
from zerosum.evaluation.opening import open_run_data
from zerosum.evaluation.restoration import numbered
from zerosum.generation.generator import load_generator
from zerosum.generation.restored import restoration_versions
from zerosum.records.logs import ScoreLine

PICTURES = 10
"""In a row."""

Pictures = NDArray[np.uint8]
Row = tuple[str, Pictures]
"""A label and pictures, uint8 (n, H, W, C)."""


def sample_rows(
    sides: Sequence[Side],
    lines: Sequence[ScoreLine | None],
    *,
    seed: int,
    device: str,
    data_root: Path | None,
) -> tuple[list[Row], tuple[str, ...]]:
    """A row for each side: pictures 0 to 9 of a seed, of the checkpoint that its scores are of; the
    first ones of a folder. And what is left out, in words; of a folder where its scores do not say
    it."""
    if any(side.restores for side in sides):
        return _restored_rows(sides, lines, device, data_root)
    rows: list[Row] = []
    notes = []
    for side, line in zip(sides, lines, strict=True):
        if side.images is not None:
            told = () if line is None else line.notes
            notes += [note for note in side.images.notes if note not in told]
        try:
            rows.append(_row(side, line, seed, device))
        except ZerosumError as error:
            notes.append(f"no pictures of {side.label}: {error.what}")
    return rows, tuple(notes)


def _row(side: Side, line: ScoreLine | None, seed: int, device: str) -> Row:
    if side.images is not None:
        count = min(PICTURES, len(side.images))
        return f"{side.label}: its first pictures", side.images.read(0, count)
    assert side.run is not None
    scored = "" if line is None else line.checkpoint
    kind = "" if line is None else str(line.protocol["generator"])
    checkpoint = side.shown_checkpoint(scored) or "latest"
    averaged = {"average": True, "last": False}.get(kind) if checkpoint == scored else None
    generator = load_generator(side.run, checkpoint, averaged=averaged, device=device)
    label = f"{side.label}: {int(generator.checkpoint):,} images seen, seed {seed}"
    return label, generator(generator.latents(seed, range(PICTURES)))


def _restored_rows(
    sides: Sequence[Side], lines: Sequence[ScoreLine | None], device: str, data_root: Path | None
) -> tuple[list[Row], tuple[str, ...]]:
    """The first held-out pictures damaged, restored by each run, and as they were."""
    first = sides[0]
    assert first.run is not None and first.recipe is not None
    alike = {
        repr((side.recipe.seed, side.recipe.damage.written, side.recipe.data))
        for side in sides
        if side.recipe is not None
    }
    if len(alike) > 1:
        return [], (
            "no pictures: held-out pictures and their damage follow from data, seed and damage, in "
            "which the runs differ; `zerosum restore RUN PICTURE` shows the same picture of each",
        )
    try:
        data = open_run_data(first.run, data_root=data_root)
        originals = numbered(data, np.arange(min(PICTURES, len(data.held_out))))
    except ZerosumError as error:
        return [], (f"no pictures: {error.what}",)
    count = len(originals)
    if not count:
        return [], ("no pictures: none were held out",)
    rows: list[Row] = []
    notes = []
    for side, line in zip(sides, lines, strict=True):
        assert side.run is not None
        scored = "" if line is None else line.checkpoint
        checkpoint = side.shown_checkpoint(scored) or "latest"
        try:
            versions = restoration_versions(
                side.run, originals, checkpoint=checkpoint, device=device
            )
        except ZerosumError as error:
            notes.append(f"no pictures of {side.label}: {error.what}")
            continue
        if not rows:
            rows.append(("held-out pictures, damaged", versions["damaged"].read(0, count)))
        last = list(versions.values())[-1]
        label = f"{side.label}: {int(last.checkpoint):,} images seen"
        rows.append((label, last.read(0, count)))
    if rows:
        rows.append(("as they were", originals.images.read(0, count)))
    return rows, tuple(notes)
