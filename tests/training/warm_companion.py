"""The second process of a training, forked before its first one begins: importing zerosum anew for
it takes longer than tests train.

What Fabric and zerosum do to it is as with one that Fabric starts.
"""

import json
import os
import signal
from collections.abc import Callable, Sequence
from types import SimpleNamespace


class WarmCompanion:
    """What `subprocess.Popen` is to Fabric's launcher, for a process that waits to be begun."""

    def __init__(self, words: Sequence[str], befall: Callable[[], None]) -> None:
        reading, self._writing = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._writing)
            be_companion(words, reading, befall)
        os.close(reading)

    def start(
        self, command: Sequence[str], *, env: dict[str, str], cwd: str | None
    ) -> "WarmCompanion":
        assert list(command[1:3]) == ["-m", "zerosum.__main__"] and cwd is None
        os.write(self._writing, json.dumps(env).encode())
        os.close(self._writing)
        return self

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def be_companion(words: Sequence[str], reading: int, befall: Callable[[], None]) -> None:
    """Wait for the environment, for ever or until the first process has gone; then run."""
    from tests.studies.warm_cells import be_command

    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    if not told:
        os._exit(0)

    def begin() -> None:
        os.environ.clear()
        os.environ.update(json.loads(told))
        befall()

    be_command(begin, words)


def warm_companion(words: Sequence[str], befall: Callable[[], None]) -> None:
    """Have Fabric begin a process that waits from now on, which `befall` befalls then."""
    from lightning_fabric.strategies.launchers import subprocess_script

    companion = WarmCompanion(words, befall)
    vars(subprocess_script)["subprocess"] = SimpleNamespace(Popen=companion.start)
