"""Commands in processes of their own, which may be killed, without seconds of imports for each.

`Launcher` holds one process that has imported zerosum and never computes; it forks a child for
each command. Run as a module, this file is that process. A child of its own forks the cells of
studies that ask for it (`tests.studies.warm_cells`).
"""

import ctypes
import importlib.util
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NoReturn


@dataclass(frozen=True)
class Command:
    """What a child runs, and what befalls it."""

    words: list[str]
    folder: str
    """Where it runs; its stdout and stderr go to files of these names there."""
    kill_at_write: int = 0
    """It kills itself before its Nth sync, rename or deletion on disk; 0: never."""
    charts: bool = False
    """Whether it draws the charts of a run, which nearly no test looks at."""
    largest_file: int = 0
    """Bytes; 0: no limit. A larger file fails as on a full disk."""
    fault: str = ""
    """What befalls each of its processes, of `tests.training.faults`."""
    environment: dict[str, str] = field(default_factory=dict)
    """What is set besides, as by torchrun."""
    namespace: str = ""
    """The network that it sees, one of `ip netns`; "": the machine's own."""
    cells: str = ""
    """Where the cells of a study are forked; "": each is a new interpreter, as for users."""


class Child:
    """A command that runs."""

    def __init__(self, launcher: "Launcher", pid: int, command: Command) -> None:
        self.launcher, self.pid, self.command = launcher, pid, command

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self) -> int:
        """Exit code; minus the signal's number when a signal killed it."""
        return int(self.launcher.ask({"wait": self.pid}))

    @property
    def stdout(self) -> str:
        return (Path(self.command.folder) / "stdout").read_text()

    @property
    def stderr(self) -> str:
        return (Path(self.command.folder) / "stderr").read_text()


class Launcher:
    """Starts commands."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="zerosum-")
        self._cells = f"{self._folder.name}/cells"  # short, as paths of sockets must be
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.training.launcher", self._cells],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            # What a command says to PyTorch before it imports it.
            env=os.environ | {"OMP_NUM_THREADS": "1", "TORCH_CPP_LOG_LEVEL": "ERROR"},
        )

    def ask(self, request: dict[str, Any]) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def start(self, folder: Path, *words: object, **befalls: Any) -> Child:
        """Start `zerosum WORDS` in a folder."""
        command = Command([str(word) for word in words], str(folder), **befalls)
        return Child(self, self.ask({"start": asdict(command)}), command)

    def run(self, folder: Path, *words: object, **befalls: Any) -> tuple[int, Child]:
        """Run `zerosum WORDS` to its end: its exit code, and the child for its output."""
        child = self.start(folder, *words, **befalls)
        return child.wait(), child

    @property
    def cells(self) -> str:
        """The socket where cells of studies are forked (`tests.studies.warm_cells`)."""
        self.ask({"imported": "zerosum"})  # answered once it is there
        return self._cells

    def imported(self, module: str) -> bool:
        """Whether what a command needs loads this module."""
        return bool(self.ask({"imported": module}))

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self._folder.cleanup()


def serve(cells: str) -> None:
    """Fork a child for each command that comes in; tell exit codes when asked."""
    # What commands import late is imported here once for all of them.
    import scipy.stats  # noqa: F401
    import torch.utils.tensorboard  # noqa: F401

    import zerosum.api_studies
    import zerosum.cli.display
    import zerosum.cli.study
    import zerosum.cli.train
    import zerosum.report.chart_figure  # noqa: F401
    from tests.studies.warm_cells import listening, serve_cells

    # What starts the other processes of a training runs the same module in them.
    sys.modules["__main__"].__spec__ = importlib.util.find_spec("zerosum.__main__")
    listener = listening(cells)
    if os.fork() == 0:
        serve_cells(listener)
    listener.close()
    for line in sys.stdin:
        request = json.loads(line)
        if "start" in request:
            answer = os.fork()
            if answer == 0:
                be_child(Command(**request["start"]))
        elif "imported" in request:
            answer = int(request["imported"] in sys.modules)
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1])
        print(answer, flush=True)


def be_child(command: Command) -> NoReturn:
    from tests.studies.warm_cells import be_command, forking
    from tests.training.faults import FAULTS
    from tests.training.warm_companion import warm_companion
    from zerosum import api_run
    from zerosum.studies import attempt

    def begin() -> None:
        os.chdir(command.folder)
        os.environ.update(command.environment)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open("stdout", flags), 1)
        os.dup2(os.open("stderr", flags), 2)
        if command.largest_file:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            sys.dont_write_bytecode = True  # of a module that is imported late, a part
            resource.setrlimit(resource.RLIMIT_FSIZE, (command.largest_file,) * 2)
        if command.kill_at_write:
            kill_at_write(command.kill_at_write)
        if not command.charts:
            vars(api_run)["write_charts"] = lambda _run: []
        if command.cells:
            vars(attempt)["subprocess"] = forking(command.cells)
        if command.namespace:
            enter_network(command.namespace)
        befall = FAULTS[command.fault]
        if "--devices" in command.words:
            warm_companion(command.words, befall)
        befall()

    be_command(begin, command.words)


def enter_network(name: str) -> None:
    descriptor = os.open(f"/run/netns/{name}", os.O_RDONLY)
    assert ctypes.CDLL(None).setns(descriptor, 0) == 0
    os.close(descriptor)


def kill_at_write(number: int) -> None:
    """Make the process kill itself just before a call that changes what is safe on disk."""
    left = number

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **options)

        return call

    for owner, name in (
        (os, "fsync"), (os, "replace"), (os, "rename"), (os, "symlink"), (shutil, "rmtree"),
    ):  # fmt: skip
        setattr(owner, name, counted(getattr(owner, name)))


if __name__ == "__main__":
    serve(sys.argv[1])
