"""What `sample` and `interpolate` share: their options, and the generator these choose."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerosum.cli.names import RunName
from zerosum.cli.places import places_options
from zerosum.cli.terminal import open_console
from zerosum.cli.values import CheckpointName, Count, DeviceName, Number

if TYPE_CHECKING:
    from rich.progress import Progress

    from zerosum.generation import TrainedGenerator
    from zerosum.run import RunFolder

run_argument = click.argument("run", type=RunName())

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

_OPTIONS = (
    click.option("--seed", type=Count(), default=0, show_default=True, help="Which pictures."),
    click.option(
        "--checkpoint",
        type=CheckpointName(),
        default="latest",
        show_default=True,
        help="latest, best, or the images seen: the name of a folder in RUN/checkpoints.",
    ),
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
    *(option for option in _OPTIONS[:-1]),
    click.option(
        "--extractor",
        default="",
        help="inception, digits, dinov2-vit-s-14 (b, l, g).  [default: digits for grey digits, "
        "else inception]",
    ),
    click.option("--layer", default="", help="Of inception: 64, 192, 768, 2048.  [default: 2048]"),
    click.option(
        "--weights", type=click.Path(path_type=Path), help="A file with the extractor's weights."
    ),
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
    """A bar for work of several stages, each with its own length; nothing outside a terminal."""

    def __init__(self) -> None:
        self.live: Progress | None = None
        self.what = ""

    def __enter__(self) -> "StageBar":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def stage(self, what: str, done: int, total: int) -> None:
        """So much of a stage ("features of the real images") is done."""
        if not sys.stderr.isatty():
            return
        if what != self.what:
            self.clear()
            self.what = what
            self.live = _stage_progress()
            self.live.add_task(what, total=total)
            self.live.start()
        assert self.live is not None
        self.live.update(self.live.task_ids[0], completed=done, total=total)

    def clear(self) -> None:
        """Take the bar away, so that a line may be printed; the next stage begins a new one."""
        if self.live is not None:
            self.live.stop()
            self.live, self.what = None, ""


def _stage_progress() -> "Progress":
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=open_console(stderr=True),
        transient=True,
    )
