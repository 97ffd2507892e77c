"""What `zerosum study` says: cells as they come and go, the guess of a dry run, the table."""

import time
from collections.abc import Sequence

from zerosum.api_studies import StudyRun
from zerosum.cli.document import print_document, print_table
from zerosum.cli.terminal import echo, open_console, print_wrapped
from zerosum.evaluation.time_left import stage_words
from zerosum.report.document import Table
from zerosum.report.scores import number
from zerosum.studies.cells import Cell
from zerosum.studies.estimate import StudyEstimate
from zerosum.studies.results import CellResult
from zerosum.studies.runner import StudyListener
from zerosum.visible import shell_word
from zerosum.words import clock, counted

SECONDS_BETWEEN_LINES = 30.0
GIVEN_UP = "cells that run save and end by themselves; the same command goes on"


class StudyDisplay(StudyListener):
    """Prints a line for each cell that begins or ends, and now and then how the others stand."""

    def __init__(self) -> None:
        self.console = open_console(soft_wrap=True)
        self.printed_at = time.monotonic()
        self.waited_for: Sequence[str] = ()

    def started(self, cell: Cell) -> None:
        self._say(f"begins    {cell.name}")

    def ended(self, result: CellResult) -> None:
        self._say(f"{result.status:<9} {result.cell.name}: {outcome(result)}")

    def running(self, results: Sequence[CellResult]) -> None:
        if time.monotonic() - self.printed_at < SECONDS_BETWEEN_LINES:
            return
        for result in results:
            self._say(f"running   {result.cell.name}: {progress(result)}")

    def waiting(self, cells: Sequence[str]) -> None:
        if cells != self.waited_for:
            self._say(f"waiting   {', '.join(cells)}: trained by a process of before or of others")
        self.waited_for = cells

    def message(self, text: str) -> None:
        self._say(text)

    def given_up(self) -> None:
        """The last line of a study that did not wait for its cells to save."""
        self._say(GIVEN_UP)

    def _say(self, text: str) -> None:
        print_wrapped(self.console, text)
        self.printed_at = time.monotonic()


def outcome(result: CellResult) -> str:
    """What came of a cell, in one line."""
    if result.status in ("failed", "pruned"):
        return result.reason or "it does not say why"
    parts = [f"{result.images:,} images in {clock(result.seconds)}"]
    if result.scores is not None:
        parts += [
            f"{name} {number(name, score['value'])}" for name, score in result.scores.scores.items()
        ]
    elif result.reason:
        parts.append(result.reason)
    if result.verdict in ("faded", "collapsed", "diverged", "oscillating"):
        parts.append(f"health: {result.verdict}")
    return ", ".join(parts)


def progress(result: CellResult) -> str:
    """How far a running cell is, from its newest log line."""
    note = result.run.scoring()
    scoring = "scoring"
    if note:
        words = stage_words(note["what"], note["done"], note["total"], note["seconds_left"])
        scoring = f"scoring, {words}"
    lines = result.run.metrics()
    if not lines:
        return scoring if note else "starting"
    newest = lines[-1]
    images, _ = result.run.seen()
    total = f" of {result.images_total:,}" if result.images_total else ""
    if result.images_total and images >= result.images_total:
        return scoring
    if note:
        return f"{images:,}{total} images, {scoring}"
    return f"{images:,}{total} images, {newest['images_per_second']:,.0f}/s"


def print_estimates(found: StudyEstimate, jobs: int) -> None:
    """The cells that are left, and how long they would take."""
    if not found.cells:
        echo(f"nothing to run: {counted(len(found.ended), 'cell')} ended already")
        return
    rows = [
        (each.cell.name, f"{each.images:,}" if each.images else "by the clock",
         f"{each.images_per_second:,.0f}", clock(each.seconds))
        for each in found.cells
    ]  # fmt: skip
    print_table(Table(("cell", "images", "images/s", "time"), rows))
    total = sum(each.seconds for each in found.cells) / jobs
    told = [
        f"{counted(len(found.cells), 'cell')} to run, {len(found.ended)} ended already",
        f"training: about {clock(total)}, {jobs} at a time, measured with a few steps of each kind",
    ]
    scoring = found.scoring
    if scoring.generated and scoring.seconds:
        told.append(
            f"scoring:  about {clock(scoring.seconds)}, {scoring.extractor} features of "
            f"{scoring.generated:,} generated images"
            + (f" and {scoring.real:,} real ones{scoring.for_floor}" if scoring.real else "")
        )
    elif scoring.generated:
        told.append("scoring:  so few images that it was not measured")
    echo()
    for text in told:
        echo(text)


def farewell(done: StudyRun) -> None:
    """The table, and where to look further."""
    print_document(done.document())
    folder = shell_word(str(done.folder.path))
    echo()
    if done.signal is not None:
        echo("stopped; the same command goes on")
    echo(f"table and charts: {done.folder.table_file}")
    echo(f"page:             zerosum report {folder}")
