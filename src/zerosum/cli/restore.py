"""`zerosum restore RUN PICTURE --out FOLDER`: damage undone in pictures of any size."""

from collections import Counter
from dataclasses import MISSING
from pathlib import Path

import click

from zerosum import options
from zerosum.cli.options import described
from zerosum.cli.pictures import progress_bar, run_argument
from zerosum.cli.terminal import echo
from zerosum.cli.words import Command
from zerosum.errors import ZerosumError
from zerosum.options import Threads, option
from zerosum.visible import visible
from zerosum.words import counted


@click.command(cls=Command)
@run_argument
@click.argument("pictures", metavar="IMAGE|FOLDER", type=click.Path(path_type=Path))
@described
def restore(
    run: Path,
    pictures: Path,
    out: Path = options.out(
        "Where the restored pictures go: a new folder, or one that this command has begun.",
        default=MISSING,
        metavar="FOLDER",
    ),
    checkpoint: str = options.checkpoint(
        help="latest, best, pretrained (before the game against the critic), or the images seen: "
        "the name of a folder in RUN/checkpoints."
    ),
    average: bool | None = options.average(),
    device: str = options.device(),
    threads: Threads = options.threads(),
    tile: int | None = option(
        None,
        "Side of the tiles that a large picture is computed in: smaller ones need less memory "
        "and more time.",
        "1024, or more where the run's attention needs it",
        least=1,
        metavar="PIXELS",
    ),
) -> None:
    """Undo in pictures the damage that RUN has learnt to undo: one IMAGE, or all of a FOLDER.

    RUN was trained with the recipe restore. Each picture keeps its size and becomes NAME.png in
    --out, in the subfolder that it was in. Your own files are never changed, and nothing is
    overwritten: what RUN has restored into --out before stays, so after Ctrl-C the same command
    goes on. Files that cannot be read are listed and left.

    Transparency is kept as it is. 16 bits become 8. Grey pictures stay grey, unless RUN has learnt
    to colourise. A RUN of grey pictures restores how light a coloured picture is, and keeps its
    colours.
    """
    from zerosum.api_threads import working_with
    from zerosum.generation.generator import load_generator
    from zerosum.generation.restore import restore_files
    from zerosum.records.run import RunFolder

    generator = load_generator(RunFolder(run), checkpoint, averaged=average, device=device)
    with working_with(threads, device), progress_bar("Restoring") as progress:
        results = list(restore_files(generator, pictures, out, tile=tile, progress=progress))
    unreadable = [result for result in results if result.problem]
    made = sum(result.made for result in results)
    there = len(results) - made - len(unreadable)
    if made:
        weights = "averaged weights" if generator.averaged else "last weights"
        echo(f"{_pictures(made)} restored by checkpoint {generator.checkpoint} ({weights})")
    if there:
        echo(f"{_pictures(there)} restored before, and left")
    for loss, count in Counter(loss for result in results for loss in result.losses).items():
        echo(f"{_pictures(count)}: {loss}")
    if pictures.is_file() and unreadable:
        raise ZerosumError(
            f"{pictures} cannot be restored: {unreadable[0].problem}",
            "give a picture that other programs can open",
        )
    if unreadable:
        echo(f"{_pictures(len(unreadable))} could not be read:")
        for result in unreadable:
            echo(visible(f"  {result.name}: {result.problem}"))
    if not made and not there:
        raise ZerosumError(
            f"none of the pictures in {pictures} could be read",
            "the list tells why; give a folder with JPEG, PNG, …",
        )
    echo(out)


def _pictures(count: int) -> str:
    return counted(count, "picture")
