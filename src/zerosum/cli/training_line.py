"""How a training stands, in one line of any width: with a bar in a terminal, without in a file."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zerosum.recipe.phases import PHASE_WORDS
from zerosum.records.logs import LogLine
from zerosum.words import clock

if TYPE_CHECKING:
    from rich.console import RenderableType

BARS = (24, 18, 12, 6)
"""Columns of the bar: steps, so that it does not shiver as the numbers beside it grow."""


def progress_line(line: LogLine, images: int, total: int, output: str = "") -> str:
    """A line of progress: how far, how fast, how long still, and how the game stands. `output` is
    what stands before D(x) where it is no probability."""
    return "  ".join([*_place(line, images, total), *_losses(line), *_more(line, output)])


def training_lines(line: LogLine | None, images: int, total: int, output: str = "") -> list[str]:
    """The same for a terminal, longest first: each leaves out what can best be missed.

    `line` has how fast and what losses, and is None before the first step.
    """
    if line is None:
        place = [f"{images / max(total, 1):.0%}", f"{images:,}/{total:,} images", "starting"]
        return ["  ".join(place), " ".join([place[0], "starting"])]
    place, losses, more = _place(line, images, total), _losses(line), _more(line, output)
    full = ["  ".join([*place, *losses, *more[:count]]) for count in range(len(more), -1, -1)]
    share, count, speed, left = place
    terse = [loss.removeprefix("loss ").removeprefix("pixel ") for loss in _losses(line, digits=2)]
    count = count.removesuffix(" images")
    shorter = [
        [share, count, speed, left, *terse],
        [share, f"{short(images)}/{short(total)}", speed, left, *terse],
        [share, speed, left, *terse],
        [share, left, *terse],
        [share, left],
    ]
    return [*full, *map(" ".join, shorter)]


def stage_lines(what: str, done: int, total: int, seconds_left: float | None) -> list[str]:
    """How far work of another kind is ("packing the images"), longest first."""
    share, count = f"{done / max(total, 1):.0%}", f"{done:,}/{total:,}"
    left = "" if seconds_left is None or done >= total else f"{clock(seconds_left)} left"
    parts = ((share, count, left, what), (share, left, what), (share, what))
    return ["  ".join(part for part in each if part) for each in parts]


def with_bar(lines: Sequence[str], done: float, width: int) -> "RenderableType":
    """The longest of the lines that leaves room for a bar, behind it; `done` is a share."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    room = width - 1  # some terminals wrap a line that ends in the last column
    beside = [line for line in lines if len(line) + 1 + BARS[-1] <= room]
    if not beside:
        return Text(fitting(lines, width), no_wrap=True)
    text = beside[0]
    table = Table.grid(padding=(0, 1, 0, 0))
    size = next(size for size in BARS if len(text) + 1 + size <= room)
    table.add_row(ProgressBar(1.0, done, width=size), Text(text, no_wrap=True))
    return table


def fitting(lines: Sequence[str], width: int) -> str:
    """The longest of the lines that a terminal of that width shows whole; else the start of the
    last."""
    room = width - 1
    return next((line for line in lines if len(line) <= room), lines[-1][:room])


def short(count: int) -> str:
    """A count in at most four digits: 950, 27k, 1.2M, 12M."""
    if count < 1_000:
        return str(count)
    if count < 999_500:
        return f"{count / 1_000:.0f}k"
    millions = count / 1_000_000
    return f"{millions:.1f}M" if millions < 9.95 else f"{millions:.0f}M"


def _place(line: LogLine, images: int, total: int) -> list[str]:
    speed = line["images_per_second"]
    left = (total - images) / speed if speed > 0 else 0.0
    return [
        f"{images / max(total, 1):.0%}",
        f"{images:,}/{total:,} images",
        f"{speed:,.0f}/s",
        f"{clock(left)} left",
    ]


def _losses(line: LogLine, digits: int = 3) -> list[str]:
    parts = []
    if "loss_pixel" in line:
        parts.append(f"pixel loss {line['loss_pixel']:.{digits + 1}f}")
    losses = [
        f"{player} {line[field]:.{digits}f}"
        for player, field in (("G", "loss_generator"), ("D", "loss_discriminator"))
        if field in line
    ]
    if losses:
        parts.append(f"loss {' '.join(losses)}")
    return parts


def _more(line: LogLine, output: str) -> list[str]:
    """What else there is room for, the most telling first."""
    parts = []
    if "phase" in line:
        parts.append(PHASE_WORDS[line["phase"]])
        if line["phase"] == "adversarial":
            parts[-1] += f" (generator {line['generator_share']:.0%} of the steps)"
    if "accuracy" in line and line["phase"] == "critic":
        parts.append(f"right {line['accuracy']:.0%}")
    if "d_real" in line:
        after = f" → {line['d_fake_after']:.2f}" if "d_fake_after" in line else ""
        parts.append(
            f"{output}D(x) {line['d_real']:.2f}  D(G(z)) {line['d_fake_before']:.2f}{after}"
        )
    if "distance" in line:
        parts.append(f"distance {line['distance']:.3g}")
    return parts
