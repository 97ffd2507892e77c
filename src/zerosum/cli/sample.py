"""`zerosum sample RUN`: pictures from a trained generator."""

from pathlib import Path

import click

from zerosum import options
from zerosum.cli.options import described
from zerosum.cli.pictures import GeneratorOptions, progress_bar, run_argument, usual_name
from zerosum.cli.terminal import echo
from zerosum.cli.words import Command
from zerosum.options import option
from zerosum.words import counted

USUAL_COUNT = 64
SHOWN_CLASSES = 10


@click.command(cls=Command)
@run_argument
@described
def sample(
    run: Path,
    count: int = option(USUAL_COUNT, "How many.", name="n", short="n", least=1),
    out: Path | None = options.out(
        "x.png: one sheet. x.zip or folder/: single PNGs, any number of them; a folder must be new "
        "or empty, a file is replaced.",
        "RUN/samples/sample-CHECKPOINT-seedSEED.png",
    ),
    rank_by: str | None = option(
        None,
        "Best first, as the discriminator sees them. Singles are named PLACE-NUMBER.png.",
        choices=("discriminator",),
    ),
    truncate: float | None = option(
        None,
        "Draw latent values beyond SIZE again: less variety, and fewer failures from a generator "
        "that bears it. 1 to 2 is usual; faint pictures tell that SIZE is too small.",
        metavar="SIZE",
    ),
    scale: int | None = options.scale(),
    *,
    which: GeneratorOptions,
) -> None:
    """Make pictures with the generator of RUN.

    Picture number i depends on --seed and i alone: ask for more, in other batches or on another
    device, and it stays the same. Where RUN learnt classes, --class 3 makes pictures of one.
    """
    from zerosum.generation.generator import load_discriminator
    from zerosum.generation.sample import write_samples
    from zerosum.records.run import RunFolder

    folder = RunFolder(run)
    generator = which.load(folder)
    discriminator = None
    if rank_by:
        discriminator = load_discriminator(
            folder, generator.checkpoint, device=str(generator.device)
        )
    unusual = (
        f"n{count}" if count != USUAL_COUNT else "",
        f"truncate{truncate:g}" if truncate is not None else "",
        "ranked" if rank_by else "",
    )
    path = out or folder.samples / usual_name("sample", generator, which.seed, unusual)
    with which.working(), progress_bar("Making pictures") as progress:
        order = write_samples(
            generator,
            path,
            count,
            seed=which.seed,
            truncate=truncate,
            discriminator=discriminator,
            scale=scale,
            progress=progress,
        )
    weights = "averaged weights" if generator.averaged else "last weights"
    made = f"{counted(count, 'picture')} of checkpoint {generator.checkpoint}"
    echo(f"{made} ({weights}), seed {which.seed}")
    if names := generator.class_names:
        told = f"{', '.join(names[:SHOWN_CLASSES])}{', …' if len(names) > SHOWN_CLASSES else ''}"
        rows = "classes, a row for each" if path.suffix == ".png" and len(names) > 1 else "classes"
        echo(f"{rows if len(names) > 1 else 'class'}: {told}")
    if rank_by:
        echo(f"best first: {', '.join(map(str, order[:8]))}{', …' if count > 8 else ''}")
    echo(path)
