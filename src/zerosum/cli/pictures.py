"""What `sample` and `interpolate` share: their options, and the generator these choose."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from zerosum import options
from zerosum.cli.known import RunName
from zerosum.cli.terminal import echo, open_console
from zerosum.options import option

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from zerosum.generation import TrainedGenerator
    from zerosum.records.run import RunFolder

FIRST_LINE, LINES_EVERY = 10.0, 30.0
"""Seconds of a stage before its first line outside a terminal, and between two."""

run_argument = click.argument("run", type=RunName())


@dataclass(frozen=True, kw_only=True)
class GeneratorOptions:
    """Which generator of a run makes which pictures."""

    seed: int = options.seed()
    checkpoint: str = options.checkpoint()
    average: bool | None = options.average()
    device: str = options.device()
    batch: int = option(32, "Pictures made at a time; fewer need less memory.", least=1)

    def load(self, run: "RunFolder") -> "TrainedGenerator":
        """The generator."""
        from zerosum.generation import load_generator

        return load_generator(
            run, self.checkpoint, averaged=self.average, device=self.device, batch=self.batch
        )


def usual_name(kind: str, generator: "TrainedGenerator", seed: int, unusual: Sequence[str]) -> str:
    """The name of a sheet that has none yet. It tells what is unusual ("" is not), so that sheets
    to compare do not replace each other."""
    last = "no-average" if generator.recipe.schedule.average and not generator.averaged else ""
    parts = (kind, generator.checkpoint, f"seed{seed}", last, *unusual)
    return "-".join(part for part in parts if part) + ".png"


@contextlib.contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar in a terminal, nothing elsewhere; gives the callback (done, total) that moves it."""
    with click.progressbar(
        length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:

        def move(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield move


class StageBar:
    """A bar for work of several stages, each with its own length and the time that it still takes;
    outside a terminal a line now and then, where a stage takes long."""

    def __init__(self) -> None:
        from zerosum.evaluation.time_left import TimeLeft

        self.console = open_console(stderr=True)
        self.live: Live | None = None
        self.time_left = TimeLeft()
        self.what, self.done, self.total = "", 0, 0
        self.left: float | None = None
        self.line_at = 0.0

    def __enter__(self) -> "StageBar":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def stage(self, what: str, done: int, total: int) -> None:
        """So much of a stage ("features of the real images") is done."""
        self.left = self.time_left.left(what, done, total)
        begins, self.what = what != self.what, what
        self.done, self.total = done, total
        if sys.stderr.isatty():
            self._open()
        else:
            self._line(begins)

    def clear(self) -> None:
        """Take the bar away, so that a line may be printed; the next stage begins a new one."""
        if self.live is not None:
            self.live.stop()
            self.live, self.what = None, ""

    def _line(self, begins: bool) -> None:
        from zerosum.evaluation.time_left import stage_words

        now = time.monotonic()
        if begins:
            self.line_at = now + FIRST_LINE
        elif now >= self.line_at:
            self.line_at = now + LINES_EVERY
            echo(stage_words(self.what, self.done, self.total, self.left), err=True)

    def _open(self) -> None:
        from rich.live import Live

        if self.live is None:
            self.live = Live(get_renderable=self._rendered, console=self.console, transient=True)
            self.live.start()

    def _rendered(self) -> "RenderableType":
        from zerosum.cli.training_line import stage_lines, with_bar

        lines = stage_lines(self.what, self.done, self.total, self.left)
        return with_bar(lines, self.done / max(self.total, 1), self.console.width)
