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
from zerosum.cli.terminal import open_console
from zerosum.options import Threads, option

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

    from zerosum.generation.generator import TrainedGenerator
    from zerosum.records.run import RunFolder

FIRST_LINE, LINES_EVERY = 10.0, 30.0
"""Seconds of a stage before its first line outside a terminal, and between two."""

NAMED_CLASSES = 4
"""That the name of a file tells."""

run_argument = click.argument("run", type=RunName())


@dataclass(frozen=True, kw_only=True)
class GeneratorOptions:
    """Which generator of a run makes which pictures."""

    seed: int = options.seed()
    checkpoint: str = options.checkpoint()
    average: bool | None = options.average()
    device: str = options.device()
    threads: Threads = options.threads()
    batch: int = option(32, "Pictures made at a time; fewer need less memory.", least=1)
    classes: tuple[str, ...] = option(
        (),
        "Of this class, by its name or number, where the run learnt classes. Several have commas "
        "between, and take turns: cat,dog.",
        "all take turns",
        name="class",
        metavar="CLASS",
    )

    def load(self, run: "RunFolder") -> "TrainedGenerator":
        """The generator."""
        from zerosum.generation.generator import load_generator

        generator = load_generator(
            run, self.checkpoint, averaged=self.average, device=self.device, batch=self.batch
        )
        return generator.of_classes(self.classes)

    def working(self) -> contextlib.AbstractContextManager[None]:
        """Inside, pictures are made with the threads that were asked for."""
        from zerosum.api_threads import working_with

        return working_with(self.threads, self.device, quick=True)


def usual_name(kind: str, generator: "TrainedGenerator", seed: int, unusual: Sequence[str]) -> str:
    """The name of a sheet that has none yet. It tells what is unusual ("" is not), so that sheets
    to compare do not replace each other."""
    last = "no-average" if generator.recipe.schedule.averages and not generator.averaged else ""
    from zerosum.generation.classes import folder_name

    names = generator.class_names if generator.classes else ()
    chosen = [f"class-{folder_name(name)}" for name in names[:NAMED_CLASSES]]
    if len(names) > NAMED_CLASSES:
        chosen.append(f"and{len(names) - NAMED_CLASSES}more")
    parts = (kind, generator.checkpoint, f"seed{seed}", last, *chosen, *unusual)
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

    def __init__(self, console: "Console | None" = None) -> None:
        from zerosum.evaluation.time_left import TimeLeft

        self.console = console or open_console(stderr=True, force_terminal=sys.stderr.isatty())
        self.live: Live | None = None
        self.time_left = TimeLeft()
        self.what = ""
        self.far: tuple[int, int, float | None] = (0, 0, None)
        """What of the stage is done, of how much, and the seconds that are left where known."""
        self.printed_at = float("-inf")
        self.line_at = 0.0

    def __enter__(self) -> "StageBar":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def stage(self, what: str, done: int, total: int, words: str = "") -> None:
        """So much of a stage ("features of the real images") is done; outside a terminal `words`
        are said of it as it begins."""
        self.far = done, total, self.time_left.left(what, done, total)
        begins, self.what = what != self.what, what
        if self.console.is_terminal:
            self.open()
        else:
            self._line(begins, words)

    def open(self) -> None:
        """Show the bar, where somebody looks."""
        from rich.live import Live

        if self.live is None and self.console.is_terminal:
            self.live = Live(get_renderable=self._rendered, console=self.console, transient=True)
            self.live.start()

    def clear(self) -> None:
        """Take the bar away, so that a line may be printed; the next stage begins a new one."""
        if self.live is not None:
            self.live.stop()
            self.live, self.what = None, ""

    def _line(self, begins: bool, words: str) -> None:
        from zerosum.evaluation.time_left import stage_words

        now = time.monotonic()
        if begins and not words:
            self.line_at = now + FIRST_LINE
        elif begins or now >= self.line_at:
            self.line_at, self.printed_at = now + LINES_EVERY, now
            text = words if begins else stage_words(self.what, *self.far)
            self.console.print(text, markup=False, soft_wrap=True)

    def _rendered(self) -> "RenderableType":
        from zerosum.cli.training_line import stage_lines, with_bar

        done, total, _ = self.far
        return with_bar(stage_lines(self.what, *self.far), done / max(total, 1), self.console.width)
