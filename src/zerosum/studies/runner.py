"""Runs the cells of a study, several at a time, and goes on where it was."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from queue import SimpleQueue
from typing import Protocol

from zerosum.errors import ZerosumError
from zerosum.files import writing
from zerosum.records.lock import lock
from zerosum.studies.attempt import Means, turn
from zerosum.studies.cell_queue import CellQueue
from zerosum.studies.cells import Cell
from zerosum.studies.folder import Attempt, StudyFolder
from zerosum.studies.results import CellResult, read_result, read_results
from zerosum.training.stopping import Answer, StopRequest

STOPPING = Answer(
    "stopping: what runs is saved first, and the same command goes on",
    "Ctrl-C again does not wait for that",
)
TICK = 1.0
"""Seconds between looks at what is running."""


class StudyListener:
    """Whoever wants to know how a study goes on. This one does not care."""

    def message(self, text: str) -> None:
        """One line that a person should read: before the first cell begins, and, from a thread of
        its own, as soon as a signal asks to stop."""

    def started(self, cell: Cell) -> None:
        """A cell's turn began, or goes on."""

    def ended(self, result: CellResult) -> None:
        """A cell's turn ended, well or not."""

    def running(self, results: Sequence[CellResult]) -> None:
        """How the cells that are running now stand; about once a second."""

    def waiting(self, cells: Sequence[str]) -> None:
        """Processes that this study did not begin train these cells, so that no place is free;
        about once a second."""


class Workers(Protocol):
    """Who trains the cells: processes of this machine, or a cluster."""

    @property
    def places(self) -> int:
        """Cells at a time."""

    def submit(self, cell: Cell, rivals: Sequence[str]) -> Future[Attempt]:
        """Begin a cell's turn; with `rivals` it is stopped when it is poor beside those."""

    def give_up(self) -> None:
        """Wait no longer for cells that save: they end by themselves."""

    def close(self) -> None:
        """Let go of what was held; nothing is waited for any more."""


class LocalWorkers:
    """Processes of this machine, which share its processor cores and its CUDA devices."""

    def __init__(self, folder: StudyFolder, jobs: int, means: Means, cuda_devices: int = 0) -> None:
        self.folder, self.places, self.means = folder, jobs, means
        self.pool = ThreadPoolExecutor(jobs)
        self.given_up = threading.Event()
        self.free: SimpleQueue[int | None] = SimpleQueue()
        for job in range(jobs):
            self.free.put(job % cuda_devices if cuda_devices > 1 else None)

    def submit(self, cell: Cell, rivals: Sequence[str]) -> Future[Attempt]:
        return self.pool.submit(self._turn, cell, rivals)

    def give_up(self) -> None:
        self.given_up.set()

    def close(self) -> None:
        self.pool.shutdown()

    def _turn(self, cell: Cell, rivals: Sequence[str]) -> Attempt:
        device = self.free.get()
        try:
            means = replace(self.means, cuda_device=device)
            return turn(self.folder, cell, means, rivals, given_up=self.given_up.is_set)
        finally:
            self.free.put(device)


def run_study(
    folder: StudyFolder,
    queue: CellQueue,
    workers: Workers,
    *,
    prune: bool = False,
    listener: StudyListener,
    changed: Callable[[], object] = lambda: None,
) -> int | None:
    """Run every cell that `queue` gives, until there are no more or somebody asks to stop.

    Cells that other processes train take places of their own: there are never more trainings at a
    time than `workers` has places. A cell that fails is a result; the others go on. `changed` is
    called when a cell has ended. Returns the signal that stopped it, 0 for `study stop`, None when
    nothing is left to do. Raises ZerosumError when another process runs the study, or its folder
    cannot be written.
    """
    stop = StopRequest(answer=STOPPING)
    asked = False

    def give_up_where_it_raises(kind: object, *_: object) -> None:
        # A second signal, an error that ends the study, a listener: else what runs would be waited
        # for to its own end, without a word.
        if kind is not None:
            workers.give_up()

    with lock(folder.path), stop.listening(listener.message), contextlib.ExitStack() as at_end:
        folder.stop_file.unlink(missing_ok=True)
        at_end.callback(folder.stop_file.unlink, missing_ok=True)
        at_end.push(give_up_where_it_raises)
        running: dict[Future[Attempt], Cell] = {}
        while True:
            asked = asked or folder.stop_file.exists()
            others: list[str] = []
            while not (asked or stop.wanted) and len(running) < workers.places:
                if others := _in_the_way(folder, list(running.values()), workers.places):
                    listener.waiting(others)
                    break
                cell = queue.next(list(running.values()))
                if cell is None:
                    break
                running[workers.submit(cell, queue.rivals(cell) if prune else ())] = cell
                listener.started(cell)
            if not running:
                if not others or asked or stop.wanted:
                    break
                time.sleep(TICK)
                continue
            done, _ = wait(running, timeout=TICK, return_when=FIRST_COMPLETED)
            if stop.wanted:
                with writing(folder.stop_file):
                    folder.stop_file.touch()
            for future in done:
                cell = running.pop(future)
                _note_crash(folder, cell, future)
                listener.ended(*read_results(folder, [cell]))
                changed()
            if running:
                listener.running([read_result(folder, cell) for cell in running.values()])
    if stop.signal is not None:
        return stop.signal
    return 0 if asked else None


def _in_the_way(folder: StudyFolder, running: Sequence[Cell], places: int) -> list[str]:
    """The cells, by name, that are trained by others, where these take every place that is left.

    They are those of a study that was killed, as long as they save, or somebody trains them by
    hand.
    """
    others = folder.held_cells({cell.name for cell in running})
    return others if len(running) + len(others) >= places else []


def _note_crash(folder: StudyFolder, cell: Cell, future: Future[Attempt]) -> None:
    """A worker that fell over is a reason like any other; what a user can mend ends the study."""
    try:
        future.result()
    except ZerosumError:
        with contextlib.suppress(OSError):
            folder.stop_file.touch()
        raise
    except Exception as error:
        reason = f"its worker ended: {type(error).__name__}: {error}"
        folder.add_attempt(cell.name, Attempt("failed", reason))
