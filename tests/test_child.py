"""A command that was begun for a study ends with whoever began it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, *sys.argv[1:]], stdin=subprocess.PIPE)
print(child.pid, flush=True)
time.sleep(600)
"""
DEAF = """
import signal, time
from zerosum.child import end_with_parent
signal.signal(signal.SIGTERM, signal.SIG_IGN)
end_with_parent(saving=0.2)
time.sleep(600)
"""


def child_of_a_killed_parent(*words: str) -> int:
    """Its process id; the parent is killed in a way that it cannot notice."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *words], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(0.5)
    os.kill(pid, 0)  # it lives while its parent does
    parent.kill()
    parent.wait()
    parent.stdout.close()
    return pid


def is_gone(pid: int, seconds: float = 60) -> bool:
    """Whether a process ends in time. One that ended and that nobody waits for has no command."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] == "Z":
                return True
            os.kill(pid, 0)
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    return False


def test_a_command_ends_when_its_parent_was_killed(tmp_path: Path) -> None:
    assert is_gone(
        child_of_a_killed_parent(
            "-m", "zerosum.child", "train", "digits", "--out", str(tmp_path / "run"),
            "--images", "100000000", "--device", "cpu",
        )
    )  # fmt: skip


def test_a_command_that_does_not_listen_is_killed() -> None:
    assert is_gone(child_of_a_killed_parent("-c", DEAF))


def test_a_command_whose_parent_lives_runs_to_its_end() -> None:
    done = subprocess.Popen(
        [sys.executable, "-m", "zerosum.child", "--version"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.stdout is not None
    assert "zerosum" in done.stdout.read()
    assert done.wait() == 0
