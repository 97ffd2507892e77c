"""Several processes wait for each other's work however long it takes, and end together."""

import contextlib
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from torch._C._distributed_c10d import TCPStore

from tests.training.launcher import Child, Launcher
from tests.training.line import Line
from zerosum.records.checkpoint import damage
from zerosum.records.lock import lock
from zerosum.records.run import RunFolder
from zerosum.training.launched import KEEPS_STORE, TORCHRUN

TWO = (
    "train", "mlp", "--data", "digits", "--out", "run", "--device", "cpu", "--precision", "32",
    "--batch", 32, "--width", 8, "--latent", 4, "--network.generator.norm", "layer",
    "--schedule.log_every", 1, "--evaluation.images", 0,
    "--schedule.checkpoint_every", 1000, "--schedule.sample_every", 1000,
)  # fmt: skip


def test_no_process_gives_up_while_another_works_alone(launcher: Launcher, tmp_path: Path) -> None:
    # Packing in the second; the first sheet, a comparison and the result in the first.
    words = ("--devices", 2, "--images", 64, "--schedule.evaluate_every", 32)
    code, done = launcher.run(tmp_path, *TWO, *words, "--evaluation.images", 100, fault="slow work")
    assert code == 0, done.stderr
    assert done.stderr == ""
    run = RunFolder(tmp_path / "run")
    assert run.state()["status"] == "finished"
    assert [line.kind for line in run.scores()] == ["selection"] * 2 + ["final"]


@pytest.fixture(scope="module")
def begun(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two processes that has a checkpoint at 64 images."""
    folder = tmp_path_factory.mktemp("begun")
    code, done = launcher.run(folder, *TWO, "--devices", 2, "--images", 64)
    assert code == 0 and done.stderr == ""
    return folder / "run"


def demand_end(folder: Path) -> None:
    """Within ten seconds no process of a training works in this folder any more."""
    deadline = time.monotonic() + 10
    while any(process.info["cwd"] == str(folder) for process in psutil.process_iter(["cwd"])):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("befalls", "code", "what"),
    [
        ({"fault": "first killed"}, -signal.SIGKILL, "the first of 2 processes (PID "),
        ({"fault": "second killed"}, 1, "process 2 of 2 (PID "),
        ({"fault": "no memory in the first"}, 1, "out of memory with a batch of 32 images"),
        ({"fault": "no memory in the second"}, 1, "process 2 of 2: out of memory with a batch of"),
        ({"largest_file": 300_000}, 1, "no space left to write run/checkpoints/.000000192"),
    ],
)
def test_what_befalls_one_process_is_said_once_and_the_run_goes_on(
    launcher: Launcher, begun: Path, tmp_path: Path, befalls: dict[str, Any], code: int, what: str
) -> None:
    shutil.copytree(begun, tmp_path / "run", symlinks=True)
    words = (*TWO, "--images", 192)
    ended, done = launcher.run(tmp_path, *words, "--devices", 2, **befalls)
    demand_end(tmp_path)
    assert ended == code
    said = done.stderr.splitlines()
    assert len(said) == 2 and said[0].startswith(f"zerosum: {what}"), done.stderr
    run = RunFolder(tmp_path / "run")
    newest = run.checkpoint("latest")
    assert newest.name == "000000064" and damage(newest) is None
    devices = ("--devices", 2) if "second" in str(befalls) else ()
    ended, done = launcher.run(tmp_path, *words, *devices)
    assert ended == 0, done.stderr
    assert "continues run at 64 images" in done.stdout
    assert run.state()["status"] == "finished"


@pytest.mark.parametrize(
    ("what", "words", "fault"),
    [
        ("run began with other settings: seed", ("--seed", 1), ""),
        ("another process is training in run", (), ""),
        ("process 2 of 2 differs from the first in seed", (), "other settings"),
        ("training diverged", ("--learning-rate", "1e30", "--out", "new"), ""),
    ],
)
def test_what_is_refused_is_said_once(
    launcher: Launcher,
    begun: Path,
    tmp_path: Path,
    what: str,
    words: tuple[object, ...],
    fault: str,
) -> None:
    shutil.copytree(begun, tmp_path / "run", symlinks=True)
    with lock(tmp_path / "run") if "another" in what else contextlib.nullcontext():
        more = ("--devices", 2, "--images", 320, *words)
        code, done = launcher.run(tmp_path, *TWO, *more, fault=fault)
    demand_end(tmp_path)
    said = done.stderr.splitlines()
    assert code == 1 and len(said) == 2, done.stderr
    assert said[0].startswith(f"zerosum: {what}")


@pytest.mark.parametrize(
    ("words", "fault", "what"),
    [
        (("--data", "nowhere"), "", ": there is nothing at nowhere"),
        ((), "failed at the images", ": KeyError: 'a bug'"),
        ((), "terminated at the images", ": stopped by a signal"),
        ((), "killed at the images", " has given no sign of life"),
        # Before it is connected to the others.
        (("--batch", 33), "", ": schedule.batch = 33 cannot be shared by 2 processes"),
        ((), "unreachable", ": the processes cannot connect to each other"),
        (("--optimiser.x", 1), "", ": there is no option --optimiser.x"),
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_a_process_that_waits_learns_why_another_one_ended_whoever_started_them(
    launcher: Launcher, tmp_path: Path, words: Any, fault: str, what: str, place: int
) -> None:
    store = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    begun = []
    for rank in (0, 1):
        ends = rank == place
        child = start_one(
            launcher, tmp_path, rank, store.port, *(words if ends else ()),
            fault=fault if ends else "little patience",
        )  # fmt: skip
        begun.append(child)
    codes = [child.wait() for child in begun]
    waiting = begun[1 - place]
    assert codes[1 - place] == 1, waiting.stderr
    lines = waiting.stderr.splitlines()
    assert len(lines) == 2, waiting.stderr
    assert lines[0].startswith(f"zerosum: process {place + 1} of 2{what}")


def start_one(
    launcher: Launcher, folder: Path, rank: int, port: int, *words: object, fault: str
) -> Child:
    """One of two processes, as below a torchrun on each of two machines, which keeps the store."""
    (folder / str(rank)).mkdir()
    said = {
        "RANK": rank, "LOCAL_RANK": 0, "WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 1,
        "GROUP_RANK": rank, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port,
        TORCHRUN: "none", KEEPS_STORE: True,
    }  # fmt: skip
    return launcher.start(
        folder / str(rank), *TWO, "--nodes", 2, *words, "--out", "../run",
        environment={name: str(value) for name, value in said.items()}, fault=fault,
    )  # fmt: skip


def test_who_is_cut_off_from_the_others_ends_as_they_do(launcher: Launcher, tmp_path: Path) -> None:
    store = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    with Line(store.port) as line:
        first = start_one(launcher, tmp_path, 0, store.port, fault="slow sheet")
        second = start_one(launcher, tmp_path, 1, line.port, fault="little patience")
        while not (tmp_path / "run" / "samples").is_dir():
            time.sleep(0.05)
        line.cut()
        codes = first.wait(), second.wait()
    assert codes == (1, 1)
    for child, what in (
        (first, "process 2 of 2 has given"),
        (second, "the other processes cannot be reached"),
    ):
        said = child.stderr.splitlines()
        assert len(said) == 2 and said[0].startswith(f"zerosum: {what}"), child.stderr
