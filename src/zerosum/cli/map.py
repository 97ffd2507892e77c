"""`zerosum map RUN`: real and generated images on a plane, or one image's class probabilities."""

from pathlib import Path
from typing import Any

import click

from zerosum.cli.pictures import StageBar, run_argument, scoring_options
from zerosum.cli.terminal import echo
from zerosum.cli.values import Count, OneOf
from zerosum.cli.words import Command


@click.command(cls=Command)
@run_argument
@click.option(
    "--method",
    type=OneOf(["pca", "umap"]),
    default="pca",
    show_default=True,
    help="pca: along the two directions in which real images vary most. umap: by neighbourhoods; "
    "needs the extra umap.",
)
@click.option(
    "--images",
    "count",
    type=Count(10),
    default=1000,
    show_default=True,
    help="Images of each side.",
)
@click.option(
    "--image",
    default="",
    metavar="NUMBER|FILE",
    help="Instead: what the digit classifier says of one picture of the run, or of a file.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="The picture, x.png.  [default: RUN/charts/map.png, or probabilities-IMAGE.png]",
)
@scoring_options
def map(run: Path, method: Any, count: int, image: str, out: Path | None, **options: Any) -> None:
    """Show real and generated images of RUN as points of feature space, drawn on a plane."""
    from zerosum.analysis.requests import MapRequest
    from zerosum.api_analyses import write_map, write_probabilities
    from zerosum.records.run import RunFolder

    folder = RunFolder(run)
    asked = MapRequest(count=count, method=method, out=out, **options)
    if image:
        found, path = write_probabilities(folder, image, asked)
        for digit in found.chances.argsort()[::-1][:3]:
            echo(f"{digit}  {found.chances[digit]:.1%}")
        echo(path)
        return
    with StageBar() as bar:
        found_map = write_map(folder, asked, bar.stage)
    echo(found_map.picture)
