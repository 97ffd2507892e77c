"""`zerosum neighbours RUN`: the nearest real images of generated ones. Did it copy?"""

from pathlib import Path
from typing import Any

import click

from zerosum.cli.pictures import StageBar, run_argument, scoring_options
from zerosum.cli.terminal import echo, echo_wrapped
from zerosum.cli.values import Count
from zerosum.cli.words import Command


@click.command(cls=Command)
@run_argument
@click.option(
    "-n",
    "--n",
    "shown",
    type=Count(1, 50),
    default=8,
    show_default=True,
    help="Images in the picture, from number 0 on.",
)
@click.option(
    "--neighbours",
    "k",
    type=Count(1, 20),
    default=6,
    show_default=True,
    help="Neighbours of each.",
)
@click.option(
    "--images",
    "count",
    type=Count(10),
    default=1000,
    show_default=True,
    help="Generated images that are searched for.",
)
@click.option("--pixels", is_flag=True, help="Distances of pixels instead of features.")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="The picture, x.png.  [default: RUN/charts/neighbours.png, or neighbours-pixels.png]",
)
@scoring_options
def neighbours(
    run: Path, shown: int, k: int, count: int, pixels: bool, out: Path | None, **options: Any
) -> None:
    """Show generated images of RUN beside their nearest training images, and held-out images
    beside their nearest generated ones.

    Copies of training pictures are counted, mirrored and slightly shifted ones too: images much
    nearer to one picture than to any other. A near neighbour proves nothing alone: held-out images,
    which surely are no copies, are laid beside them. #NUMBER is an image's place among the training
    images. Writes RUN/neighbours.json as well (neighbours-pixels.json with --pixels).
    """
    from zerosum.analysis.requests import NeighboursRequest
    from zerosum.api_analyses import write_neighbours
    from zerosum.records.run import RunFolder

    asked = NeighboursRequest(count=count, shown=shown, k=k, pixels=pixels, out=out, **options)
    with StageBar() as bar:
        report = write_neighbours(RunFolder(run), asked, bar.stage)
    echo_wrapped(report.verdict, err=False)
    echo_wrapped(f"  {report.found.neighbours.median_in_words()}", err=False, indent=0)
    if report.notes:
        echo_wrapped(f"note: {'; '.join(report.notes)}", err=False)
    echo(report.picture)
    echo(report.numbers)
