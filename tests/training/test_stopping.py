"""Being asked to stop: everything is saved, and the same command goes on exactly."""

import os
import pty
import runpy
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.training.conftest import TINY
from tests.training.launcher import Child, Launcher
from zerosum.cli.display import TrainingDisplay
from zerosum.records.run import RunFolder, checkpoint_names
from zerosum.training.stopping import StopRequest

SOAK = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "soak.py"))


def wait_for_curves(child: Child, lines: int) -> RunFolder:
    """Wait until a TINY run has logged so many lines."""
    run = RunFolder(Path(child.command.folder) / "run")
    deadline = time.monotonic() + 60
    while len(run.metrics()) < lines:
        assert time.monotonic() < deadline, child.stderr
        time.sleep(0.005)
    return run


def drop_picture_of_the_stop(finished: Path, run: RunFolder) -> None:
    """The one thing that a stopped run has more: the grid at the point where it stopped."""
    there = {path.name for path in (finished / "samples").iterdir()}
    for path in run.samples.iterdir():
        if path.name not in there:
            path.unlink()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signal_saves_first_and_the_same_command_goes_on_exactly(
    launcher: Launcher, finished: Path, tmp_path: Path, number: int, code: int
) -> None:
    child = launcher.start(tmp_path, *TINY, charts=True)
    run = wait_for_curves(child, 3)
    child.signal(number)
    assert child.wait() == code
    assert "Traceback" not in child.stderr
    assert "stopped:" in child.stdout and "continue:" in child.stdout
    state = run.state()
    assert state["status"] == "stopped"
    assert state["images"] == 32 * state["step"] >= run.metrics()[-1]["images"]
    assert checkpoint_names(run)[-1] == state["checkpoint"] == f"{state['images']:09d}"
    assert (run.samples / f"{state['checkpoint']}.png").is_file()
    assert run.summary_file.is_file() and list(run.charts.glob("*.png"))
    again, child = launcher.run(tmp_path, *TINY)
    assert again == 0, child.stderr
    drop_picture_of_the_stop(finished, run)
    assert set(SOAK["differences"](RunFolder(finished), run)) <= {"tensorboard"}
    expected, found = (SOAK["_points"](folder) for folder in (RunFolder(finished), run))
    pictures = [point for point in found["samples/fakes"] if point[0] != state["images"]]
    expected["samples/fakes"] = [
        point for point in expected["samples/fakes"] if point[0] != state["images"]
    ]
    assert found | {"samples/fakes": pictures} == expected


def test_time_limit_saves_and_ends_well(launcher: Launcher, tmp_path: Path) -> None:
    code, child = launcher.run(tmp_path, *TINY, "--images", 300_000, "--stop-after", "1s")
    assert code == 0, child.stderr
    state = RunFolder(tmp_path / "run").state()
    assert state["status"] == "stopped" and 0 < state["images"] < 300_000
    assert state["seconds"] < 30


def test_signal_before_the_first_step_is_heard(launcher: Launcher, tmp_path: Path) -> None:
    child = launcher.start(tmp_path, *TINY)
    while not (tmp_path / "run" / "recipe.toml").exists():
        time.sleep(0.001)
    child.signal(signal.SIGTERM)
    assert child.wait() == 143
    assert RunFolder(tmp_path / "run").state()["status"] == "stopped"


def test_second_signal_of_a_kind_acts_as_it_always_does() -> None:
    stop = StopRequest()
    with stop.listening():
        signal.raise_signal(signal.SIGINT)
        assert stop.wanted and stop.signal == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def press_while_the_main_thread_waits(answered: int, times: int = 1) -> threading.Thread:
    """Signals that come while the main thread is in one long operation; it ends when `answered`
    can be read from."""

    def press() -> None:
        time.sleep(0.2)
        for _ in range(times):
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        time.sleep(0.3)
        os.write(answered, b"late")

    thread = threading.Thread(target=press)
    thread.start()
    return thread


def test_a_stop_is_acknowledged_while_one_operation_still_goes_on() -> None:
    reader, writer = os.pipe()
    stop = StopRequest()

    def tell(text: str) -> None:
        os.write(writer, text.encode())

    with stop.listening(tell):
        thread = press_while_the_main_thread_waits(writer)
        heard = os.read(reader, 200).decode()
        thread.join()
        assert stop.signal == signal.SIGINT
    assert heard == (
        "stopping after this step, then saving; Ctrl-C again gives up what is not saved"
    )
    assert os.read(reader, 200) == b"late"


def test_a_stop_is_acknowledged_once() -> None:
    told: list[str] = []
    with StopRequest().listening(told.append), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
    assert len(told) == 1


def test_a_second_signal_within_one_operation_counts() -> None:
    reader, writer = os.pipe()
    with StopRequest().listening(), pytest.raises(KeyboardInterrupt):
        press_while_the_main_thread_waits(writer, times=2)
        os.read(reader, 200)


def test_a_second_signal_within_one_operation_counts_while_the_first_is_still_told() -> None:
    reader, writer = os.pipe()
    ended = threading.Event()
    told: list[str] = []

    def tell_slowly(text: str) -> None:
        ended.wait(5)
        told.append(text)

    with StopRequest().listening(tell_slowly), pytest.raises(KeyboardInterrupt):
        press_while_the_main_thread_waits(writer, times=2)
        try:
            os.read(reader, 200)
        finally:
            ended.set()
    assert len(told) == 1


def test_a_training_that_is_given_up_says_what_was_saved_last(
    finished: Path,
) -> None:
    display, run = TrainingDisplay(), RunFolder(finished)
    display.run = run
    with display.console.capture() as told:
        display.given_up()
    seen = f"{run.state()['images']:,}"
    assert f"saved last:  {seen}" in told.get()
    assert "continue:    zerosum train" in told.get()


@pytest.fixture
def hangup_heard() -> Iterator[None]:
    """SIGHUP as a terminal's own processes have it, also where the tests run below nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hangup_heard")
def test_a_closed_terminal_asks_to_stop_and_its_second_signal_gives_nothing_up() -> None:
    stop = StopRequest()
    with stop.listening():
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)
        assert stop.wanted and stop.signal == signal.SIGHUP
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL


@pytest.mark.usefixtures("hangup_heard")
def test_below_nohup_a_closed_terminal_stops_nothing() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop = StopRequest()
    with stop.listening():
        signal.raise_signal(signal.SIGHUP)
    assert not stop.wanted


def test_a_training_whose_terminal_is_closed_is_saved(tmp_path: Path) -> None:
    pid, terminal = pty.fork()
    if not pid:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        os.chdir(tmp_path)
        words = [*TINY, "--images", 1_000_000]
        os.execv(sys.executable, [sys.executable, "-m", "zerosum", *map(str, words)])
    run, deadline = RunFolder(tmp_path / "run"), time.monotonic() + 60
    while len(run.metrics()) < 3:
        assert time.monotonic() < deadline
        os.read(terminal, 10_000)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 129
    assert run.state()["status"] == "stopped"
    assert run.state()["checkpoint"] == checkpoint_names(run)[-1]
    assert run.state()["images"] > run.metrics()[0]["images"] and run.summary_file.is_file()


def test_a_training_begins_without_the_libraries_that_it_does_not_need(launcher: Launcher) -> None:
    assert launcher.imported("lightning_fabric")
    assert not launcher.imported("torchvision") and not launcher.imported("torchmetrics")
