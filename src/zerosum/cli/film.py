"""`zerosum film RUN`: the training as a film."""

from pathlib import Path

import click

from zerosum import options
from zerosum.cli.options import described
from zerosum.cli.pictures import run_argument
from zerosum.cli.terminal import echo
from zerosum.cli.words import Command


@click.command(cls=Command)
@run_argument
@described
def film(
    run: Path,
    out: Path | None = options.out("x.mp4 or x.gif; a file is replaced.", "RUN/samples/film.mp4"),
    fps: float = options.frames_per_second(),
) -> None:
    """Make a film of the sheets of samples that training saved in RUN/samples."""
    from zerosum.generation.film import write_film
    from zerosum.records.run import RunFolder

    echo(write_film(RunFolder(run), out, fps))
