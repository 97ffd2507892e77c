"""`zerosum report`: one HTML page that answers what a colleague asks of a run or a study."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerosum.cli.terminal import echo
from zerosum.cli.words import Command
from zerosum.errors import UsageError

if TYPE_CHECKING:
    from zerosum.report.page.pages import Page


@click.command(cls=Command)
@click.argument("folder", metavar="RUN|STUDY", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="The HTML file.  [default: report.html in the folder]",
)
@click.option(
    "--notes",
    type=click.Path(path_type=Path),
    metavar="FILE.md",
    help="Your own words on top of the page: a file in Markdown, with the pictures that it names.",
)
@click.option("--pdf", is_flag=True, help="Print it as a PDF as well, by an installed Chromium.")
@click.option("--watch", is_flag=True, help="Keep the page fresh until the training is over.")
@click.option("--no-cells", is_flag=True, help="Of a study: do not write the pages of its cells.")
def report(
    folder: Path, out: Path | None, notes: Path | None, pdf: bool, watch: bool, no_cells: bool
) -> None:
    """Write one HTML page of a run or of a study, with everything in it.

    What was trained on what, curves, pictures over time, scores with their protocol, how the
    training went, settings, and the commands that make it again. Of a study: its table, charts,
    samples, and links to the pages of its runs. The file asks no server for anything.
    """
    if pdf and watch:
        raise UsageError("--pdf prints once, and --watch goes on", "give one of the two")
    from zerosum.report.page import write_pdf
    from zerosum.report.page.pages import page_of

    page = page_of(
        folder, out, cells=not no_cells, notes=notes, progress=lambda text: echo(text, err=True)
    )
    if watch:
        _watch_page(page)
        return
    page.write(False)
    echo(f"page: {page.path}")
    if pdf:
        echo(f"PDF:  {write_pdf(page.path, page.path.with_suffix('.pdf'))}")


def _watch_page(page: "Page") -> None:
    from zerosum.report.page.watch import watch

    if not page.goes_on():
        page.write(False)
        echo(f"page: {page.path} (nothing is running there: it stays as it is)")
        return
    echo(f"page: {page.path}, kept fresh until the training is over; Ctrl-C ends this alone")
    for _ in watch(page.files, page.write, page.goes_on):
        pass
    echo("the training is over: the page is complete")
