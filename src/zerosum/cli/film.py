"""`zerosum film RUN`: the training as a film."""

from pathlib import Path

import click

from zerosum.cli.pictures import frames_per_second_option, run_argument
from zerosum.cli.terminal import echo
from zerosum.cli.words import Command


@click.command(cls=Command)
@run_argument
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="x.mp4 or x.gif; a file is replaced.  [default: RUN/samples/film.mp4]",
)
@frames_per_second_option
def film(run: Path, out: Path | None, fps: float) -> None:
    """Make a film of the sheets of samples that training saved in RUN/samples."""
    from zerosum.generation import write_film
    from zerosum.records.run import RunFolder

    echo(write_film(RunFolder(run), out, fps))
