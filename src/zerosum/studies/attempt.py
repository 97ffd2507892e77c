"""One cell's turn: the commands that train and score it, watched until they end.

A cell is trained by `zerosum train` in a process of its own, so that whatever happens to it is its
own end, not the study's; and what the study did can be done again by hand. The other way round, a
cell saves and ends when the process that watches it has gone.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zerosum.child import SAVING
from zerosum.data.sources import NAMES
from zerosum.files import writing
from zerosum.options import Threads
from zerosum.processor import SHARE
from zerosum.processor.threads import VARIABLE
from zerosum.recipe.fields import option_words
from zerosum.recipe.shipped import shipped_recipes
from zerosum.records.lock import held
from zerosum.records.run import RunFolder
from zerosum.records.run_state import divergence
from zerosum.signals import SIGNALS
from zerosum.studies.cells import Cell
from zerosum.studies.folder import Attempt, StudyFolder
from zerosum.studies.own_parts import files_for
from zerosum.studies.prune import poor_reason
from zerosum.studies.results import read_result
from zerosum.studies.settings import FIELD, SHORT
from zerosum.studies.standing import out_of_minutes

POLL = 0.2
"""Seconds between looks at a running cell."""
LOOK = 5.0
"""Seconds between looks at the scores of the others, where poor cells are stopped."""


@dataclass(frozen=True)
class Means:
    """With what cells are trained; the same for all of them."""

    cores: int
    """Processor cores of one cell: the most threads that it takes by itself."""
    device: str = "auto"
    precision: Literal["auto", "32", "bf16"] = "auto"
    data_root: Path | None = None
    cuda_device: int | None = None
    """The only CUDA device that the cell sees; None: all of them."""
    threads: Threads = "auto"
    """Processor threads of one cell, told to its process by OMP_NUM_THREADS."""


def turn(
    folder: StudyFolder,
    cell: Cell,
    means: Means,
    rivals: Sequence[str],
    *,
    given_up: Callable[[], bool] = lambda: False,
) -> Attempt:
    """Train a cell from wherever it stands, score it, and note why, where it did not finish: until
    it ends, the study is asked to stop, or the cell is poor beside its `rivals`.

    Once that is `given_up`, a cell that saves is not waited for. Raises ZerosumError where nothing
    can be written in the study's folder.
    """
    run, ended, had_its_time = folder.run(cell.name), Attempt(), False
    files_for(folder, cell)

    def wants_stop() -> bool:
        return given_up() or folder.stop_file.exists()

    while not wants_stop():
        if held(run.path):
            # The study that trained it was killed, and it is saving; or somebody trains it by hand.
            time.sleep(POLL)
            continue
        words = next_command(folder, cell, means, had_its_time)
        if not words:
            ended = Attempt("finished", _unscored(folder, cell))
            break
        ended = _watch(folder, cell, words, means, rivals, wants_stop, given_up)
        if ended.status != "finished":
            break
        had_its_time = cell.minutes > 0
    if ended.status in ("failed", "pruned") or ended.reason:
        folder.add_attempt(cell.name, ended)
    return ended


def next_command(
    folder: StudyFolder, cell: Cell, means: Means, had_its_time: bool = False
) -> list[str]:
    """The words after `zerosum` of what a cell needs next; empty when it has all.

    `had_its_time`: a cell that is trained by the clock was stopped by it just now.
    """
    result = read_result(folder, cell)
    state = result.run.state()
    if divergence(state):
        return []  # and would again
    had_its_time = had_its_time or out_of_minutes(cell.minutes, state)
    if result.status != "finished" and not had_its_time:
        words = train_command(cell, result.run, means, files_for(folder, cell))
        if cell.minutes:
            words += ["--stop-after", f"{60 * cell.minutes - result.seconds:.1f}s"]
        return words
    wanted = cell.settings().evaluation.images
    if not wanted or result.scores is not None or _unscored(folder, cell):
        return []
    if cell.minutes:
        # It was stopped by the clock, so that its training did not score it.
        words = ["evaluate", str(result.run.path), "--images", str(wanted)]
        return words + _options(means, "--device", "--data-root")
    return train_command(cell, result.run, means, files_for(folder, cell))


def train_command(
    cell: Cell, run: RunFolder, means: Means, files: Sequence[Path] = ()
) -> list[str]:
    """The words after `zerosum` that train a cell, with these files of parts; paths absolute, for
    other folders and nodes."""
    recipe = cell.recipe
    if recipe not in shipped_recipes():
        recipe = str(Path(recipe).absolute())
    words = ["train", recipe]
    if cell.data:
        named = cell.data in NAMES or cell.data in cell.settings().parts.image_sets
        words += ["--data", cell.data if named else str(Path(cell.data).absolute())]
    words += ["--out", str(run.path.absolute())]
    words += _options(means, "--device", "--precision", "--data-root")
    if files:
        words += [f"--{SHORT}", ",".join(map(str, files))]
    for name, value in cell.overrides.items():
        words += option_words(name, value) if name != FIELD else []
    if cell.minutes and not {"images", "epochs"} & set(cell.overrides):
        words += ["--images", str(10**9)]  # the clock decides
    return words


def _options(means: Means, *names: str) -> list[str]:
    given = {
        "--device": means.device if means.device != "auto" else "",
        "--precision": means.precision if means.precision != "auto" else "",
        "--data-root": str(means.data_root.absolute()) if means.data_root else "",
    }
    return [word for name in names if given[name] for word in (name, given[name])]


def _watch(
    folder: StudyFolder,
    cell: Cell,
    words: Sequence[str],
    means: Means,
    rivals: Sequence[str],
    wants_stop: Callable[[], bool],
    given_up: Callable[[], bool],
) -> Attempt:
    """Run one command to its end, or until a stop is wanted or the cell is poor."""
    log = folder.log_file(cell.name)
    with writing(log):
        log.parent.mkdir(parents=True, exist_ok=True)
        file = log.open("ab")
    with file:
        begun, cuda = file.tell(), means.cuda_device
        said = {SHARE: str(means.cores)}
        if means.threads != "auto":
            said[VARIABLE] = str(means.threads)
        devices = {} if cuda is None else {"CUDA_VISIBLE_DEVICES": str(cuda)}
        process = subprocess.Popen(
            [sys.executable, "-m", "zerosum.child", *words],
            stdin=subprocess.PIPE,  # held open for as long as this process lives
            stdout=file,
            stderr=subprocess.STDOUT,
            env=os.environ | said | devices,
            # A Ctrl-C reaches this process alone, which then asks the cell to save, once.
            start_new_session=True,
        )
        poor, looked = "", time.monotonic()
        decides = cell.settings().evaluation.decides
        try:
            while process.poll() is None and not (poor or wants_stop()):
                time.sleep(POLL)
                if time.monotonic() - looked > LOOK:
                    looked = time.monotonic()
                    poor = poor_reason(folder, cell.name, rivals, decides)
        finally:
            _stop(process, given_up)
    code = process.returncode
    if poor:
        return Attempt("pruned", poor)
    if code == 0:
        return Attempt("finished")
    if code is None or (code in {128 + number for number in SIGNALS} and wants_stop()):
        return Attempt("stopped")  # or it still saves
    return Attempt("failed", _reason(folder, cell, code, begun))


def _stop(process: subprocess.Popen[bytes], given_up: Callable[[], bool]) -> None:
    """Ask a process to save and end, and wait for it until that is given up.

    By closing its standard input, as happens where this process dies (`zerosum.child`): it is asked
    once, whatever comes next. A second SIGTERM would end it before it has saved.
    """
    assert process.stdin is not None
    process.stdin.close()
    deadline = time.monotonic() + SAVING
    while process.poll() is None and not given_up():
        if time.monotonic() > deadline:
            process.kill()
            process.wait()
        time.sleep(POLL)


def _reason(folder: StudyFolder, cell: Cell, code: int, begun: int) -> str:
    """Why a command failed, from the state of its run or its last words, in one line."""
    state = folder.run(cell.name).state()
    if state.get("status") == "failed":
        return state["reason"]
    with folder.log_file(cell.name).open("rb") as file:
        file.seek(begun)
        text = file.read().decode("utf-8", "replace")
    said = re.findall(r"^zerosum: (.+)\n  (.+)$", text, re.MULTILINE)
    if said:
        return "; ".join(said[-1])
    if code == -signal.SIGKILL:
        return "killed by signal 9, as happens when memory runs out; try a smaller batch"
    if code < 0:
        return f"killed by signal {-code}"
    return f"exit code {code}; its last words are in {folder.log_file(cell.name)}"


def _unscored(folder: StudyFolder, cell: Cell) -> str:
    """Why a finished cell has no scores, from its log; "" where it has some or says nothing."""
    if read_result(folder, cell).scores is not None:
        return ""
    try:
        text = folder.log_file(cell.name).read_text("utf-8", "replace")
    except FileNotFoundError:
        return ""
    said = re.findall(r"^no scores: (.+)$", text, re.MULTILINE)
    return f"no scores: {said[-1]}" if said else ""
