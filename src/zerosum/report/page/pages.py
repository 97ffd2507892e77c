"""The page of a folder, whatever lies there: a run or a study."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from zerosum.errors import ZerosumError
from zerosum.records.lock import held
from zerosum.records.run import RunFolder
from zerosum.records.runs import STUDIES
from zerosum.report.page.notes import read_notes
from zerosum.report.page.render import NO_NOTES, page_path
from zerosum.report.page.run_page import write_run_page
from zerosum.report.page.run_pictures import Interpolation
from zerosum.report.page.study_cells import write_cell_pages
from zerosum.report.page.study_page import write_study_page
from zerosum.studies.cell_queue import study_results
from zerosum.studies.folder import StudyFolder
from zerosum.studies.shipped import shipped_studies


@dataclass(frozen=True)
class Page:
    """A page that can be written, now and again."""

    path: Path
    write: Callable[[bool], None]
    """Writes it; told whether it should reload itself."""
    files: Callable[[], Sequence[Path]]
    """What it tells of: when one of them changes, the page is old."""
    goes_on: Callable[[], bool]
    """Whether a process is at work there now."""
    runs: Callable[[], Sequence[RunFolder]]
    """The runs it tells of that have a checkpoint to be looked at; of a study, those that ended."""


def page_of(
    folder: Path,
    out: Path | None = None,
    *,
    cells: bool = True,
    notes: Path | None = None,
    progress: Callable[[str], None] = lambda _text: None,
) -> Page:
    """The page of a run folder or a study folder; of a study's file or name, that of its folder.

    With `cells` the pages of a study's runs are written too, and `progress` is told which. `notes`
    is a file with the author's own words, read anew each time. Raises ZerosumError where there
    is neither a run nor a study, or no notes; UsageError for an `out` that is no HTML
    file.
    """
    if notes is not None:
        for why in read_notes(notes).left_out:
            progress(f"note: {why}")
    named = folder.suffix == ".toml" or (not folder.exists() and str(folder) in shipped_studies())
    if named:
        study = StudyFolder(STUDIES / folder.stem)
        study.require()
        return _study_page(study, out, cells, notes, progress)
    if StudyFolder(folder).exists():
        return _study_page(StudyFolder(folder), out, cells, notes, progress)
    run = RunFolder(folder)
    if not folder.exists():
        raise ZerosumError(
            f"there is no run and no study at {folder}",
            "give the folder that `zerosum train` or `zerosum study run` named",
        )
    run.require()
    return _run_page(run, out, notes)


def _run_page(run: RunFolder, out: Path | None, notes: Path | None) -> Page:
    made: list[Interpolation | None] = [None]  # from one writing to the next

    def write(live: bool) -> None:
        _, made[0] = write_run_page(run, out, live=live, made=made[0], notes=_markup(notes))

    path = page_path(run.path, out)
    return Page(path, write, lambda: run_files(run), lambda: held(run.path), lambda: [run])


def _study_page(
    folder: StudyFolder,
    out: Path | None,
    cells: bool,
    notes: Path | None,
    progress: Callable[[str], None],
) -> Page:
    def write(live: bool) -> None:
        # The page of a run that goes on would be old at once: those wait until nothing runs.
        ended = [result for result in study_results(folder) if result.ended or not live]
        unwritten = write_cell_pages(ended, progress=progress) if cells else {}
        write_study_page(folder, out, live=live, unwritten=unwritten, notes=_markup(notes))

    def files() -> Sequence[Path]:
        own = [folder.settings_file, folder.attempts_file, folder.cells_file]
        runs = [file for result in study_results(folder) for file in run_files(result.run)]
        return own + runs

    def runs() -> Sequence[RunFolder]:
        results = study_results(folder)
        return [each.run for each in results if each.ended and each.run.checkpoints.is_dir()]

    path = page_path(folder.path, out)
    return Page(path, write, files, lambda: held(folder.path), runs)


def _markup(notes: Path | None) -> Markup:
    return NO_NOTES if notes is None else read_notes(notes).markup


def run_files(run: RunFolder) -> Sequence[Path]:
    """The files of a run that its page tells of."""
    return [
        run.recipe_file,
        run.state_file,
        run.metrics_file,
        run.scores_file,
        run.health_file,
        run.modes_file,
        run.neighbours_file,
        run.pixel_neighbours_file,
        run.map_file,
        run.projection_file,
        # Folders are renewed when something in them comes or goes.
        run.samples,
        run.checkpoints,
        run.charts,
    ]
