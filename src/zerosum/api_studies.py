"""The public Python API of studies: run one, open what was run. The commands are thin over it."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from zerosum.arguments import request_of
from zerosum.errors import UsageError
from zerosum.frames import frame_of
from zerosum.networks.device import choose_device
from zerosum.notebook import OF_TRAINING, write
from zerosum.options import Precision, Threads
from zerosum.processor import cores
from zerosum.processor.threads import VARIABLE, said_threads, threads_for
from zerosum.report.document import Document
from zerosum.report.study import study_document, write_study_reports
from zerosum.spelling import in_python, python_call
from zerosum.studies.attempt import Means
from zerosum.studies.begin import (
    begin_study,
    require_data,
    require_scores_on_the_way,
    study_folder,
)
from zerosum.studies.cell_queue import CellQueue, GridQueue, study_results
from zerosum.studies.cells import Cell, cells_at, cells_of, with_budget, with_settings
from zerosum.studies.cells import only as choose
from zerosum.studies.cluster import RayWorkers
from zerosum.studies.estimate import StudyEstimate, estimate
from zerosum.studies.features import with_extractor
from zerosum.studies.folder import StudyFolder, open_study
from zerosum.studies.load import load_study, study_text
from zerosum.studies.own_parts import with_texts
from zerosum.studies.recorded import recorded_cells
from zerosum.studies.request import Sampler, StudyRequest
from zerosum.studies.results import CellResult, SettingResult, by_setting, read_results
from zerosum.studies.runner import (
    LocalWorkers,
    StudyListener,
    Workers,
    run_study,
)
from zerosum.studies.sampling import (
    DrawnQueue,
    by_trial,
    random_point,
    require_sampler,
    trial_name,
)
from zerosum.studies.scoring_time import scoring_time
from zerosum.studies.settings import Study
from zerosum.studies.table import lay_out
from zerosum.words import counted

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class StudyRun:
    """A study on disk: its cells and what came of them."""

    folder: StudyFolder
    signal: int | None = None
    """What stopped it: a signal, or 0 for `zerosum study stop`; None where it came to its end."""

    @classmethod
    def open(cls, path: str | Path) -> "StudyRun":
        """The study in a folder, or by its name. Raises ZerosumError when there is none."""
        return cls(open_study(str(path)))

    def study(self) -> Study:
        """What was run."""
        return self.folder.study()

    def results(self) -> list[CellResult]:
        """How each cell stands now."""
        return study_results(self.folder)

    def settings(self) -> list[SettingResult]:
        """The cells that differ in the seed alone, together."""
        return by_setting(self.results())

    def frame(self) -> "DataFrame":
        """Its cells (`CellResult.row`) as a table of pandas, by their names. Raises ZerosumError
        where pandas is not installed."""
        return frame_of([each.row for each in self.results()], "cell")

    def document(self) -> Document:
        """What the study found, in words, as it stands now."""
        return study_document(self.folder, lay_out(self.study(), self.settings()))

    def report(self, *, samples: bool = True) -> Document:
        """Write table.md, the charts and, with `samples`, the picture of samples, as it stands."""
        return write_study_reports(self.folder, self.study(), self.results(), samples=samples)


class StudyLines(StudyListener):
    """Prints a line for each cell that begins or ends."""

    def started(self, cell: Cell) -> None:
        write(f"begins    {cell.name}")

    def ended(self, result: CellResult) -> None:
        why = f": {result.reason}" if result.reason else ""
        write(f"{result.status:<9} {result.cell.name}{why}")

    def message(self, text: str) -> None:
        write(in_python(text, OF_TRAINING))


@python_call()
def study(
    definition: str | Path | Study,
    out: str | Path | None = None,
    *,
    preset: str = "",
    data: str = "",
    overrides: Mapping[str, object] | None = None,
    images: int = 0,
    epochs: int = 0,
    minutes: float = 0.0,
    only: str | Sequence[str] = (),
    sampler: Sampler = "grid",
    trials: int = 0,
    prune: bool = False,
    jobs: int = 1,
    threads: Threads = "auto",
    ray: str = "",
    device: str = "auto",
    precision: Precision = "auto",
    data_root: str | Path | None = None,
    listener: StudyListener | None = None,
    quiet: bool = False,
) -> StudyRun:
    """Run the cells of a study that have not ended, and write its tables and charts.

    `definition` is a shipped name, the path of a `.toml` file, or a Study. `out` defaults to
    studies/NAME. `preset` is one of the file's own, such as "cpu-hours". `overrides` sets fields in
    every cell; `images`, `epochs` or `minutes` replace every cell's budget; `only` keeps cells
    whose names hold one of these words, or that match "axis=value". With `sampler` "random" or
    "tpe", `trials` points of the grid's lists and ranges are drawn instead of all. `prune` stops
    cells early whose scores on the way are poor. `jobs` cells run at a time, in processes of their
    own with so many processor `threads` each ("auto": as their work can use, of the cores that are
    shared out), or on the Ray cluster at the address `ray`. A cell that fails is a result with its
    reason. A line is printed for each cell that begins or ends, unless it is to be `quiet` or a
    `listener` is given. Raises ZerosumError, which says what to do.
    """
    request = request_of(StudyRequest, locals())
    return run_asked(definition, request, listener or (StudyListener() if quiet else StudyLines()))


def run_asked(
    definition: str | Path | Study, request: StudyRequest, listener: StudyListener
) -> StudyRun:
    """`study` for who has a request ready."""
    asked, text = asked_study(definition, request)
    folder = study_folder(asked, request.out)
    asked, first_lines = with_extractor(asked, folder)
    first_cells = _first_cells(asked, request)
    require_data(first_cells)
    if request.prune:
        require_scores_on_the_way(first_cells)
    queue: CellQueue
    if request.sampler == "grid":
        queue = GridQueue(asked, folder, request.only)
    else:
        queue = DrawnQueue(asked, folder, request.sampler, request.trials)
    means = _means(request)
    begin_study(folder, asked, text)
    workers: Workers
    if request.ray:
        workers = RayWorkers(folder, request.ray, means)
    else:
        workers = LocalWorkers(folder, request.jobs, means, torch.cuda.device_count())
    here = StudyRun(folder)
    for line in first_lines:
        listener.message(line)
    # On a GPU scoring is short, and measuring it would hold some of its memory.
    if not request.ray and choose_device(request.device).type == "cpu":
        left = [each.cell for each in read_results(folder, first_cells) if not each.ended]
        for line in scoring_time(left, means, request.jobs).lines(_scored_images(left)):
            listener.message(line)
    with contextlib.closing(workers):
        stopped_by = run_study(
            folder,
            queue,
            workers,
            prune=request.prune,
            listener=listener,
            changed=lambda: here.report(samples=False),
        )
    here.report()
    return StudyRun(folder, stopped_by)


def _scored_images(cells: Sequence[Cell]) -> int:
    """How many images of a cell are scored."""
    return max((cell.settings().evaluation.images for cell in cells), default=0)


def _first_cells(asked: Study, request: StudyRequest) -> list[Cell]:
    """The cells of a grid, or those of the first draw: enough to refuse what cannot run."""
    if request.sampler == "grid":
        return choose(cells_of(asked), request.only)
    if request.only:
        raise UsageError("--only chooses cells of a grid", "leave it out with --sampler")
    return cells_at(asked, random_point(asked, 0))


def _all_cells(asked: Study, folder: StudyFolder, request: StudyRequest) -> list[Cell]:
    """The cells of a grid, or those that a sampler has drawn and may draw still."""
    first = _first_cells(asked, request)
    if request.sampler == "grid":
        return first
    require_sampler(request.sampler, request.trials)
    drawn = recorded_cells(folder)
    there = len(by_trial(drawn))
    return drawn + [
        cell
        for number in range(there, request.trials)
        for cell in cells_at(asked, random_point(asked, number), name=trial_name(number))
    ]


def _means(request: StudyRequest) -> Means:
    """With what cells are trained, and with what their time is guessed."""
    said = said_threads(request.threads)
    if request.ray:
        said = 1 if request.threads == "auto" else said
    elif said is not None and said > 1:
        _require_cores(request.jobs, said, VARIABLE if request.threads == "auto" else "")
    share = said or threads_for(request.jobs)
    return Means(
        share, request.device, request.precision, request.data_root, threads=said or "auto"
    )


def _require_cores(jobs: int, threads: int, by: str) -> None:
    """Raise UsageError where cells at a time have more threads than there are cores: threads that
    wait for each other would wait for those of other cells. `by` names the variable that says how
    many. Cells with a thread each wait for nobody: they only share the cores."""
    there = cores()
    if jobs * threads > there:
        cells, each = counted(jobs, "cell"), f"{threads} threads each" + (f" ({by})" if by else "")
        fewer = f", or --jobs={there // threads}" if threads <= there else ""
        raise UsageError(
            f"{cells} at a time with {each} are more than this machine's {counted(there, 'core')}",
            f"choose --threads={max(1, there // jobs)}{fewer}",
        )


def estimate_study(
    definition: str | Path | Study,
    request: StudyRequest,
    progress: Callable[[str], None] = lambda _text: None,
) -> StudyEstimate:
    """What `study` of the same request would still run, and how long each cell would train,
    from a few steps that are measured with the same threads; how long their scores take; and the
    names of the cells that have ended already. Of a sampler's trials those are guessed at that
    random draws would give.
    """
    asked, _ = asked_study(definition, request)
    folder = study_folder(asked, request.out)
    asked, first_lines = with_extractor(asked, folder)
    for line in first_lines:
        progress(line)
    cells = _all_cells(asked, folder, request)
    require_data(cells)
    ended = [result.cell for result in read_results(folder, cells) if result.ended]
    left = [cell for cell in cells if cell not in ended]
    means = _means(request)
    trained = estimate(left, means, progress=progress)
    if left:
        progress("measuring how long scoring takes")
    return StudyEstimate(
        trained, [cell.name for cell in ended], scoring_time(left, means, request.jobs)
    )


def asked_study(definition: str | Path | Study, request: StudyRequest) -> tuple[Study, str]:
    """A study with what was asked for besides, and its file's text ("" for a Study)."""
    if isinstance(definition, Study):
        if request.preset:
            raise UsageError("a Study has no presets", "give its file, or leave preset out")
        found, text = definition, ""
    else:
        found, text = load_study(str(definition), request.preset), study_text(str(definition))
    fields = dict(request.overrides)
    if "seed" in fields:
        found = found.model_copy(update={"seeds": (int(str(fields.pop("seed"))),)})
    found = with_texts(with_settings(found, fields, request.data))
    found = with_budget(
        found, images=request.images, epochs=request.epochs, minutes=request.minutes
    )
    return found, text
