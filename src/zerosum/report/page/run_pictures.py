"""The pictures of one run: its grids over time, the real images, interpolations, restorations."""

from dataclasses import dataclass
from pathlib import Path

from zerosum.analysis.ways import STEPS, WAYS, extrapolation_file, ways_between
from zerosum.data.grid import grid
from zerosum.errors import ZerosumError
from zerosum.recipe.tasks import TaskProperties
from zerosum.records.run import LATEST, RunFolder, training_sheets
from zerosum.report.document import Block, Note
from zerosum.report.page.pictures import (
    FRAME_BYTES,
    PICTURE_BYTES,
    Pair,
    Picture,
    Slider,
    evenly,
    picture,
    picture_texts,
    read_picture,
    share_of,
)
from zerosum.report.restoration import caption
from zerosum.words import capital


@dataclass(frozen=True)
class Interpolation:
    """Ways from one sample to another, a row each."""

    picture: Picture
    checkpoint: str
    averaged: bool
    method: str
    beyond: bool = False
    """Whether they go on past both samples."""


def sheets(run: RunFolder, task: TaskProperties) -> list[Block]:
    """The grids that the training wrote, some of them where there are many, beside real images as
    the discriminator sees them; and how they are read."""
    written = training_sheets(run)
    chosen = evenly(written)
    budget = share_of(FRAME_BYTES, len(chosen))
    shown, labels = [], []
    for path in chosen:
        # The last one is what the page is about: it may be larger.
        last = 2 if path is chosen[-1] else 1
        sheet = _sheet(path, task, budget=last * budget)
        if sheet is not None:
            shown.append(sheet)
            labels.append(_after(path))
    reals = _reals(run)
    beside: list[Block] = [Slider("frame", "Images seen", shown, labels)] if shown else []
    beside += [reals] if reals is not None else []
    told, unreadable = "There are no sample grids yet.", len(chosen) - len(shown)
    if shown:
        told = task.sheet_rows
        if len(written) > len(chosen):
            told += f" {len(shown)} of {len(written)} grids, at even distances; all lie in "
            told += f"{run.samples}."
        told += f" {unreadable} more could not be read." if unreadable else ""
    return [*([Pair(beside)] if beside else []), Note(told)]


def newest_sheet(run: RunFolder, task: TaskProperties, of: str) -> Pair | None:
    """The newest grid that a training wrote, beside real images; None where there is none. `of`
    says below it which run that is."""
    for path in reversed(training_sheets(run)):
        if (sheet := _sheet(path, task, f"{of}, {_after(path)}.")) is not None:
            reals = _reals(run)
            return Pair([sheet] if reals is None else [sheet, reals])
    return None


def _sheet(
    path: Path, task: TaskProperties, told: str = "", *, budget: int = PICTURE_BYTES
) -> Picture | None:
    alt = f"{capital(task.sheet)} {_after(path)}"
    return read_picture(path, alt, told, budget=budget, pixels=True)


def _after(path: Path) -> str:
    return f"after {int(path.stem):,} images"


def _reals(run: RunFolder) -> Picture | None:
    return read_picture(
        run.samples / "reals.png",
        "Real images of the training data as the discriminator sees them",
        "Real images, as the discriminator sees them.",
        pixels=True,
    )


def interpolation(run: RunFolder, made: Interpolation | None = None) -> Interpolation | None:
    """Five ways of ten pictures, samples 0 to 1, 2 to 3, … of seed 0, of the best checkpoint, or of
    the newest; None where there is no checkpoint to be read.

    `made` is returned again where it is of that checkpoint. A training prunes its checkpoints, so
    the one that is being read may vanish: then the next is tried. On the processor: a training may
    have filled the graphics card.
    """
    for name in (run.best_or_latest(), LATEST, LATEST):
        try:
            checkpoint = run.checkpoint(name).name
            if (further := extrapolation(run, checkpoint)) is not None:
                return further
            if made is not None and checkpoint == made.checkpoint:
                return made
            found = ways_between(run, name)
            alt = (
                f"{WAYS} rows of {STEPS} generated pictures, each row a way from one sample to "
                "another"
            )
            shown = picture(grid(found.pictures, columns=STEPS), alt, pixels=True, look="wide")
            return Interpolation(shown, found.checkpoint, found.averaged, found.method)
        except (ZerosumError, OSError):
            continue
    return None


def extrapolation(
    run: RunFolder, checkpoint: str, *, budget: int = PICTURE_BYTES
) -> Interpolation | None:
    """What `extrapolate` wrote of this checkpoint, in `budget` bytes; None where it did not."""
    path = extrapolation_file(run, checkpoint)
    alt = (
        f"{WAYS} rows of generated pictures, each a way from one sample to another and beyond both"
    )
    shown = read_picture(path, alt, budget=budget, pixels=True, look="drawing")
    if shown is None:
        return None
    texts = picture_texts(path)
    averaged = texts.get("weights") == "average"
    return Interpolation(shown, checkpoint, averaged, texts.get("method", ""), beyond=True)


def restoration(run: RunFolder, *, budget: int = PICTURE_BYTES) -> Picture | None:
    """Held-out pictures damaged, restored and as they were, as an evaluation drew them, in `budget`
    bytes."""
    alt = "Held-out pictures: damaged, restored and as they were, one a column"
    told = f"{capital(caption(run))}."
    return read_picture(run.restoration_file, alt, told, budget=budget, pixels=True, look="wide")
