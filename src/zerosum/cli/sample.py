"""`zerosum sample RUN`: pictures from a trained generator."""

from pathlib import Path
from typing import Any

import click

from zerosum.cli.pictures import (
    load,
    picture_options,
    progress_bar,
    run_argument,
    scale_option,
    usual_name,
)
from zerosum.cli.terminal import echo
from zerosum.cli.values import Count, Number, OneOf
from zerosum.cli.words import Command
from zerosum.words import counted

USUAL_COUNT = 64


@click.command(cls=Command)
@run_argument
@click.option(
    "-n", "--n", "count", type=Count(1), default=USUAL_COUNT, show_default=True, help="How many."
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="x.png: one sheet. x.zip or folder/: single PNGs, any number of them; a folder must be "
    "new or empty, a file is replaced.  [default: RUN/samples/sample-CHECKPOINT-seedSEED.png]",
)
@click.option(
    "--rank-by",
    type=OneOf(["discriminator"]),
    help="Best first, as the discriminator sees them. Singles are named PLACE-NUMBER.png.",
)
@click.option(
    "--truncate",
    type=Number(),
    metavar="SIZE",
    help="Draw latent values beyond SIZE again: less variety, and fewer failures from a generator "
    "that bears it. 1 to 2 is usual; faint pictures tell that SIZE is too small.",
)
@scale_option
@picture_options
def sample(
    run: Path,
    count: int,
    out: Path | None,
    rank_by: str | None,
    truncate: float | None,
    scale: int | None,
    **options: Any,
) -> None:
    """Make pictures with the generator of RUN.

    Picture number i depends on --seed and i alone: ask for more, in other batches or on another
    device, and it stays the same.
    """
    from zerosum.generation import load_discriminator, write_samples
    from zerosum.records.run import RunFolder

    folder = RunFolder(run)
    generator = load(folder, options)
    discriminator = None
    if rank_by:
        discriminator = load_discriminator(
            folder, generator.checkpoint, device=str(generator.device)
        )
    seed = options["seed"]
    unusual = (
        f"n{count}" if count != USUAL_COUNT else "",
        f"truncate{truncate:g}" if truncate is not None else "",
        "ranked" if rank_by else "",
    )
    path = out or folder.samples / usual_name("sample", generator, seed, unusual)
    with progress_bar("Making pictures") as progress:
        order = write_samples(
            generator,
            path,
            count,
            seed=seed,
            truncate=truncate,
            discriminator=discriminator,
            scale=scale,
            progress=progress,
        )
    weights = "averaged weights" if generator.averaged else "last weights"
    echo(
        f"{counted(count, 'picture')} of checkpoint {generator.checkpoint} ({weights}), seed {seed}"
    )
    if rank_by:
        echo(f"best first: {', '.join(map(str, order[:8]))}{', …' if count > 8 else ''}")
    echo(path)
