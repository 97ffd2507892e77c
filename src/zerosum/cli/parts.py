"""`zerosum parts RUN`: the code that a run or an exported model keeps."""

from pathlib import Path

import click

from zerosum.cli.options import described
from zerosum.cli.pictures import run_argument
from zerosum.cli.terminal import echo
from zerosum.cli.words import Command
from zerosum.options import option


@click.command(cls=Command)
@run_argument
@described
def parts(
    run: Path,
    trust: bool = option(False, "From now on RUN may run this code on this machine, for you."),
) -> None:
    """Print the Python files whose losses and other parts RUN was trained with. Nothing is run.

    A run keeps their text, and so does the folder of an exported model or a Space, which may stand
    for RUN. Commands that need it run it where you named such a file on this machine before, as
    those who train do; for a run from elsewhere read it here, then say --trust.
    """
    from zerosum.exporting.config import is_exported, parts_in
    from zerosum.recipe.load import kept_parts
    from zerosum.records.run import RunFolder
    from zerosum.trust import is_trusted, keep_trust

    folder = RunFolder(run)
    files = parts_in(run) if is_exported(run) else []
    if folder.exists() or not is_exported(run):
        folder.require()
        files += [each for each in kept_parts(folder.recipe_file) if each not in files]
    if not files:
        echo(f"{run} has no parts but those of zerosum")
    for file in files:
        if trust:
            keep_trust(file.text)
        may = "may be run here" if is_trusted(file.text) else "was never named here: not run"
        echo(f"# {file.written}: {may}")
        echo(file.text.rstrip())
