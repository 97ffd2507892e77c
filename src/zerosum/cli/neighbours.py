"""`zerosum neighbours RUN`: the nearest real images of generated ones. Did it copy?"""

from pathlib import Path

import click

from zerosum.analysis.requests import NeighboursRequest
from zerosum.cli.options import described
from zerosum.cli.pictures import StageBar, run_argument
from zerosum.cli.terminal import echo, echo_wrapped
from zerosum.cli.words import Command


@click.command(cls=Command)
@run_argument
@described
def neighbours(run: Path, asked: NeighboursRequest) -> None:
    """Show generated images of RUN beside their nearest training images, and held-out images
    beside their nearest generated ones.

    Copies of training pictures are counted, mirrored and slightly shifted ones too: images much
    nearer to one picture than to any other. A near neighbour proves nothing alone: held-out images,
    which surely are no copies, are laid beside them. #NUMBER is an image's place among the training
    images. Writes RUN/neighbours.json as well (neighbours-pixels.json with --pixels).
    """
    from zerosum.api_analyses import write_neighbours
    from zerosum.records.run import RunFolder

    with StageBar() as bar:
        report = write_neighbours(RunFolder(run), asked, bar.stage)
    echo_wrapped(report.verdict, err=False)
    echo_wrapped(f"  {report.found.neighbours.median_in_words()}", err=False, indent=0)
    if report.notes:
        echo_wrapped(f"note: {'; '.join(report.notes)}", err=False)
    echo(report.picture)
    echo(report.numbers)
