"""`zerosum project RUN PICTURE…`: the pictures of a generator that come nearest to given ones."""

from pathlib import Path

import click

from zerosum.analysis.requests import ProjectRequest
from zerosum.cli.options import described
from zerosum.cli.pictures import StageBar, run_argument
from zerosum.cli.terminal import echo, echo_wrapped
from zerosum.cli.words import Command


@click.command(cls=Command)
@run_argument
@click.argument("pictures", nargs=-1, metavar="[PICTURE]...", type=click.Path(path_type=Path))
@described
def project(run: Path, asked: ProjectRequest) -> None:
    """Find the latents whose generated pictures come nearest to each PICTURE: could RUN have made
    it?

    Without a PICTURE it searches for held-out pictures of the run's own data, for some that it was
    trained on, and for some that it made itself. What it learnt by heart it comes nearer to than to
    held-out pictures; how much farther off these are than its own ones tells what it does not make.
    --seed draws them, and the samples where searches start. Writes the latents as JSON too:
    RUN/projection.json, or projection-PICTURE.json of the first PICTURE.
    """
    from zerosum.api_analyses import write_projection
    from zerosum.records.run import RunFolder

    with StageBar() as bar:
        report = write_projection(RunFolder(run), asked, bar.stage)
    for line in report.lines():
        echo_wrapped(line, err=False)
    echo(report.picture)
    echo(report.numbers)
