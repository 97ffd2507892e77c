"""`zerosum explore RUN`: a page on this machine to explore a generator."""

import signal
from pathlib import Path

import click

from zerosum.cli.options import described
from zerosum.cli.pictures import StageBar, run_argument
from zerosum.cli.terminal import echo
from zerosum.cli.words import Command
from zerosum.exploring.request import ExploreRequest
from zerosum.options import option

MEGABYTE = 1e6


@click.command(cls=Command)
@run_argument
@described
def explore(
    run: Path,
    no_browser: bool = option(False, "Open no browser: only say where the page is."),
    save: Path | None = option(
        None,
        "Open no page, whatever --port, --no-browser, --device and --data-root say; write it as a "
        "folder, new or empty, for a Space of the Hugging Face Hub.",
        metavar="FOLDER",
    ),
    *,
    asked: ExploreRequest,
) -> None:
    """Open a page on this machine to explore the generator of RUN.

    A sheet by seed, a picture and its changes along the principal directions, the way between two
    pictures, the nearest training picture, pictures saved with their numbers. Nothing is asked of
    any other machine, and no other machine can ask for the page. Ctrl-C ends it.
    """
    from zerosum.api_explore import explore_run, write_space
    from zerosum.records.run import RunFolder

    folder = RunFolder(run)
    if save is not None:
        with StageBar() as bar:
            saved = write_space(folder, save, asked, bar.stage)
        echo(f"a Space, {saved.size / MEGABYTE:,.1f} MB")
        echo(f"checked: {saved.check}")
        echo(saved.path)
        return
    with explore_run(folder, asked, browser=not no_browser) as page:
        echo(f"{page.url}  (Ctrl-C ends it)")
        while True:
            signal.pause()
