"""The pages of a study's cells: written where they are missing, or their runs went on since."""

from collections.abc import Callable, Iterable
from pathlib import Path

from zerosum.errors import ZerosumError
from zerosum.records.run import RunFolder
from zerosum.report.page.render import page_path
from zerosum.report.page.run_page import write_run_page
from zerosum.studies.results import CellResult


def write_cell_pages(
    results: Iterable[CellResult],
    *,
    progress: Callable[[str], None] = lambda _text: None,
) -> dict[str, str]:
    """Write cells/NAME/report.html of every cell that has a log or a checkpoint and whose page is
    missing or older than its run.

    Returns the cells whose page could not be written, with the reason: one of them is no reason to
    have none of the study. `progress` is told which one is being written.
    """
    stale = [result for result in results if is_stale(result.run)]
    unwritten = {}
    for number, result in enumerate(stale, 1):
        name = result.cell.name
        progress(f"page {number} of {len(stale)}: {name}")
        try:
            write_run_page(result.run)
        except (ZerosumError, OSError) as error:
            unwritten[name] = error.what if isinstance(error, ZerosumError) else str(error)
    return unwritten


def is_stale(run: RunFolder) -> bool:
    """Whether a run has something to show that its page does not have yet."""
    if not has_trained(run):
        return False
    page = page_path(run.path, None)
    try:
        written = page.stat().st_mtime_ns
    except OSError:
        return True
    return newest(run, page) > written


def has_trained(run: RunFolder) -> bool:
    """Whether a run has something to show: a log, or a checkpoint where it was too slow to log."""
    return run.exists() and (run.metrics_file.exists() or run.checkpoints.is_dir())


def newest(run: RunFolder, page: Path) -> int:
    """When the newest file of a run was written, its page and what is hidden left aside; in ns."""
    times = [0]
    for path in run.path.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(run.path).parts)
        if hidden or path == page or path.suffix in (".html", ".htm", ".pdf"):
            continue
        try:
            if path.is_file():
                times.append(path.stat().st_mtime_ns)
        except OSError:
            # A running training drops old checkpoints while they are looked at.
            continue
    return max(times)
