"""`zerosum report`: one HTML page that answers what a colleague asks of a run or a study."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerosum import options
from zerosum.cli.known import RunOrStudyName
from zerosum.cli.options import described
from zerosum.cli.pictures import StageBar
from zerosum.cli.terminal import echo, echo_wrapped
from zerosum.cli.words import Command
from zerosum.errors import UsageError
from zerosum.options import Threads, option

if TYPE_CHECKING:
    from zerosum.report.page.pages import Page


@click.command(cls=Command)
@click.argument("folder", metavar="RUN|STUDY", type=RunOrStudyName())
@described
def report(
    folder: Path,
    out: Path | None = options.out("The HTML file.", "report.html in the folder"),
    notes: Path | None = option(
        None,
        "Your own words on top of the page: a file in Markdown, with the pictures that it names.",
        metavar="FILE.md",
    ),
    complete: bool = option(
        False,
        "First compute what it would show and is missing: scores, classes, interpolations and "
        "beyond, neighbours, the map.",
        name="all",
    ),
    pdf: bool = option(False, "Print it as a PDF as well, by an installed Chromium."),
    watch: bool = option(False, "Keep the page fresh until the training is over."),
    no_cells: bool = option(False, "Of a study: do not write the pages of its cells."),
    device: str = options.device(),
    threads: Threads = options.threads(),
    data_root: Path | None = options.data_root(),
) -> None:
    """Write one HTML page of a run or of a study, with everything in it.

    Pictures, scores with their protocol, curves, how the training went, settings, and the commands
    that make it again. Of a study: its table, charts, samples, curves, and links to the pages of
    its runs. The file asks no server for anything.
    """
    if watch and (pdf or complete):
        other = "--pdf prints" if pdf else "--all computes"
        raise UsageError(f"{other} once, and --watch goes on", "give one of the two")
    from zerosum.api_threads import page_with
    from zerosum.report.page import write_pdf
    from zerosum.report.page.pages import page_of

    page = page_of(
        folder, out, cells=not no_cells, notes=notes, progress=lambda text: echo(text, err=True)
    )
    page = page_with(page, threads)
    if watch:
        _watch_page(page)
        return
    if complete:
        _complete(page, device, threads, data_root)
    page.write(False)
    echo(f"page: {page.path}")
    if pdf:
        echo(f"PDF:  {write_pdf(page.path, page.path.with_suffix('.pdf'))}")


def _complete(page: "Page", device: str, threads: Threads, data_root: Path | None) -> None:
    from zerosum.api_report import complete_run
    from zerosum.evaluation.forecast import LONG
    from zerosum.words import about

    runs, begun = page.runs(), time.monotonic()
    for number, run in enumerate(runs, 1):
        which = f"{number} of {len(runs)}, {run.path.name}: " if len(runs) > 1 else ""

        def tell(text: str, which: str = which) -> None:
            bar.clear()
            echo_wrapped(text if text.startswith(" ") else f"{which}{text}")

        with StageBar() as bar:
            complete_run(run, tell, bar.stage, device=device, threads=threads, data_root=data_root)
        left = (time.monotonic() - begun) / number * (len(runs) - number)
        if left > LONG:
            echo(f"{about(left)} to go, if the others take as long", err=True)


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
