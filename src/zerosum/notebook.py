"""Progress of Python's functions: bars where somebody looks, lines in a log."""

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Any, TextIO

from tqdm import tqdm

from zerosum.data import PackedData
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.records.logs import LogLine
from zerosum.records.run import RunFolder
from zerosum.spelling import Spelling, in_python
from zerosum.training.progress import Listener
from zerosum.words import counted

SECONDS_BETWEEN_LINES = 10.0
UNSEEN = 1.0
"""Seconds that a stage of scoring may take before it is shown."""
LINE = "{desc}: {n_fmt} of {total_fmt} images, {rate_fmt}, {remaining} left{postfix}"
OF_TRAINING = Spelling(
    frozenset({"overrides", "out", "stop_on", "stop_after"}),
    {"threads": "devices=Devices(threads={})"},
)


def in_notebook() -> bool:
    """Whether this is a notebook's process."""
    return "ipykernel" in sys.modules


def stream() -> TextIO:
    """Where progress goes: below a notebook's cell, and beside what a script prints itself."""
    return sys.stdout if in_notebook() else sys.stderr


def write(text: str) -> None:
    """Print a line beside the bars."""
    tqdm.write(text, file=stream())


class Bar:
    """One bar at a time. Plain text, so that it needs no widgets; a line every ten seconds where
    that is neither a terminal nor a notebook."""

    def __init__(self, *, unseen: float = 0.0, stays: bool = False) -> None:
        self.what = ""
        self.unseen, self.stays = unseen, stays
        self.bar: tqdm[Any] | None = None
        self.live = in_notebook() or stream().isatty()
        self.first, self.begun, self.printed_at = 0, 0.0, 0.0
        self.extra = ""

    def show(self, what: str, done: int, total: int) -> None:
        """So much of something is done."""
        if what != self.what:
            self._begin(what, done)
        if not self.live:
            self._line(done, total)
            return
        if self.bar is None:
            self.bar = tqdm(
                desc=what, initial=done, total=total, unit="img", mininterval=0.5,
                delay=self.unseen, leave=self.stays, file=stream(), dynamic_ncols=True,
            )  # fmt: skip
        self.bar.total = total
        self.bar.set_postfix_str(self.extra, refresh=False)
        self.bar.update(done - self.bar.n)

    def pause(self) -> None:
        """Make room for another bar; only what is complete stays on the screen."""
        if self.bar is not None:
            self.bar.leave = self.bar.n >= self.bar.total
        self.close()

    def close(self) -> None:
        """Nothing more comes of what is shown."""
        if self.bar is not None:
            self.bar.close()
        self.bar, self.what = None, ""

    def _begin(self, what: str, done: int) -> None:
        self.close()
        self.what, self.first, self.extra = what, done, ""
        self.begun = self.printed_at = time.monotonic()

    def _line(self, done: int, total: int) -> None:
        now = time.monotonic()
        ended = self.stays and done >= total and done > self.first
        if not ended and now - self.printed_at < SECONDS_BETWEEN_LINES:
            return
        self.printed_at = now
        line = tqdm.format_meter(
            done, total, now - self.begun, initial=self.first, prefix=self.what, unit="img",
            postfix=self.extra, bar_format=LINE,
        )  # fmt: skip
        print(line, file=stream(), flush=True)


class ProgressBar(Listener):
    """Shows how `zerosum.train` goes on: one bar for the training, one for each stage of scoring
    that takes longer than a second."""

    def __init__(self) -> None:
        self.training = Bar(stays=True)
        self.stages = Bar(unseen=UNSEEN)

    def message(self, text: str) -> None:
        write(in_python(text, OF_TRAINING))

    def packed(self, done: int, total: int) -> None:
        self.stages.show("packing the images", done, total)

    def data_opened(self, data: PackedData, run: RunFolder) -> None:
        self.stages.close()
        write(f"{data.name}: {counted(len(data.train), 'image')} to train on → {run.path}")

    def begun(self, images: int, total: int) -> None:
        self.training.show("training", images, total)

    def stepped(self, images: int, total: int) -> None:
        self.stages.close()
        self.training.show("training", images, total)

    def glimpsed(self, line: LogLine) -> None:
        losses = {"G": "loss_generator", "D": "loss_discriminator"}
        self.training.extra = ", ".join(
            f"{player}={line[field]:.3f}" for player, field in losses.items() if field in line
        )

    def scoring(self, what: str, done: int, total: int) -> None:
        self.training.pause()
        self.stages.show(what, done, total)

    def ended(self) -> None:
        self.training.close()
        self.stages.close()


@contextlib.contextmanager
def stages(quiet: bool) -> Iterator[Stage]:
    """A bar for each stage of what is done inside that takes longer than a second."""
    if quiet:
        yield no_stage
        return
    bar = Bar(unseen=UNSEEN)
    try:
        yield bar.show
    finally:
        bar.close()
