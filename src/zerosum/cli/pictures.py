"""What `sample` and `interpolate` share: their options, and the generator these choose."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerosum.cli.names import RunName
from zerosum.cli.places import places_options
from zerosum.cli.terminal import echo, open_console
from zerosum.cli.values import CheckpointName, Count, DeviceName, Number

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live

    from zerosum.generation import TrainedGenerator
    from zerosum.records.run import RunFolder

FIRST_LINE, LINES_EVERY = 10.0, 30.0
"""Seconds of a stage before its first line outside a terminal, and between two."""

run_argument = click.argument("run", type=RunName())

seed_option = click.option(
    "--seed", type=Count(), default=0, show_default=True, help="Which pictures."
)
checkpoint_option = click.option(
    "--checkpoint",
    type=CheckpointName(),
    default="latest",
    show_default=True,
    help="latest, best, or the images seen: the name of a folder in RUN/checkpoints.",
)
average_option = click.option(
    "--average/--no-average",
    default=None,
    help="The average of the weights over the training, or the last weights."
    "  [default: the average where the run keeps one]",
)
device_option = click.option(
    "--device",
    type=DeviceName(),
    default="auto",
    show_default=True,
    help="cpu, cuda, cuda:1, … or mps; auto: the fastest here.",
)
extractor_option = click.option(
    "--extractor",
    default="",
    help="inception, digits, dinov2-vit-s-14 (b, l, g).  [default: digits for grey digits, else "
    "inception]",
)
weights_option = click.option(
    "--weights", type=click.Path(path_type=Path), help="A file with the extractor's weights."
)

_OPTIONS = (
    seed_option,
    checkpoint_option,
    average_option,
    device_option,
    click.option(
        "--batch",
        type=Count(1),
        default=32,
        show_default=True,
        help="Pictures made at a time; fewer need less memory.",
    ),
)


def picture_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose a generator and its pictures to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_SCORING_OPTIONS = (
    *_OPTIONS[:-1],
    extractor_option,
    click.option("--layer", default="", help="Of inception: 64, 192, 768, 2048.  [default: 2048]"),
    weights_option,
)


def scoring_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose a generator, a feature network and where images lie."""
    command = places_options(command)
    for option in reversed(_SCORING_OPTIONS):
        command = option(command)
    return command


def load(run: "RunFolder", options: dict[str, Any]) -> "TrainedGenerator":
    """The generator that `picture_options` chose."""
    from zerosum.generation import load_generator

    return load_generator(
        run,
        options["checkpoint"],
        averaged=options["average"],
        device=options["device"],
        batch=options["batch"],
    )


def usual_name(kind: str, generator: "TrainedGenerator", seed: int, unusual: Sequence[str]) -> str:
    """The name of a sheet that has none yet. It tells what is unusual ("" is not), so that sheets
    to compare do not replace each other."""
    last = "no-average" if generator.recipe.schedule.average and not generator.averaged else ""
    parts = (kind, generator.checkpoint, f"seed{seed}", last, *unusual)
    return "-".join(part for part in parts if part) + ".png"


def scale_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add --scale to a command that writes a sheet."""
    return click.option(
        "--scale",
        type=Count(1, 32),
        help="Each pixel of a sheet so many times in both directions.  [default: enough to see "
        "pictures of up to 48 pixels well; 3 at 32]",
    )(command)


def frames_per_second_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add --fps to a command that writes films."""
    return click.option(
        "--fps",
        type=Number(0.1, 50),
        default=10.0,
        show_default=True,
        help="Frames per second of a film; GIFs cannot go over 50.",
    )(command)


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
