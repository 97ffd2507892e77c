"""`zerosum map RUN`: real and generated images on a plane, or one image's class probabilities."""

from pathlib import Path

import click

from zerosum.analysis.requests import MapRequest
from zerosum.cli.options import described
from zerosum.cli.pictures import StageBar, run_argument
from zerosum.cli.terminal import echo
from zerosum.cli.words import Command
from zerosum.options import option


@click.command(cls=Command)
@run_argument
@described
def map(
    run: Path,
    asked: MapRequest,
    image: str = option(
        "",
        "Instead: what the digit classifier says of one picture of the run, or of a file.",
        metavar="NUMBER|FILE",
    ),
) -> None:
    """Show real and generated images of RUN as points of feature space, drawn on a plane."""
    from zerosum.api_analyses import write_map, write_probabilities
    from zerosum.records.run import RunFolder

    folder = RunFolder(run)
    if image:
        found, path = write_probabilities(folder, image, asked)
        for digit in found.chances.argsort()[::-1][:3]:
            echo(f"{digit}  {found.chances[digit]:.1%}")
        echo(path)
        return
    with StageBar() as bar:
        found_map = write_map(folder, asked, bar.stage)
    echo(found_map.picture)
