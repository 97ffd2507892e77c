"""Cells of studies in processes of their own, forked from one that has imported zerosum: importing
it anew for each takes longer than training it.

What a study does to a cell, and a cell to its study, is as with `python -m zerosum.child`: it is a
session of its own, it ends when its standard input is closed, and it may be killed.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import IO, NoReturn

START = [sys.executable, "-m", "zerosum.child"]
PIPE, STDOUT = subprocess.PIPE, subprocess.STDOUT


class WarmCell:
    """What `subprocess.Popen` is to a study, for a process that somebody else forks."""

    def __init__(
        self,
        command: Sequence[str],
        address: str,
        stdout: IO[bytes],
        env: dict[str, str],
    ) -> None:
        assert list(command[:3]) == START
        reading, writing = os.pipe()
        self.stdin = os.fdopen(writing, "wb")
        self.returncode: int | None = None
        self._server = socket.socket(socket.AF_UNIX)
        self._server.connect(address)
        request = json.dumps({"words": command[3:], "env": env, "folder": str(Path.cwd())}).encode()
        socket.send_fds(self._server, [b"%12d" % len(request)], [reading, stdout.fileno()])
        self._server.sendall(request)
        os.close(reading)
        self._answers = self._server.makefile()
        self.pid = int(self._answers.readline())

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._server], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self) -> int:
        if self.returncode is None:
            self.returncode = int(self._answers.readline())
            self._server.close()
        return self.returncode

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def forking(address: str) -> SimpleNamespace:
    """What the studies of a process are given as `zerosum.studies.attempt.subprocess`, so that
    their cells are forked there."""

    def start(
        command: Sequence[str],
        *,
        stdin: int,
        stdout: IO[bytes],
        stderr: int,
        env: dict[str, str],
        start_new_session: bool,
    ) -> WarmCell:
        assert (stdin, stderr, start_new_session) == (PIPE, STDOUT, True)
        return WarmCell(command, address, stdout, env)

    return SimpleNamespace(Popen=start, PIPE=PIPE, STDOUT=STDOUT)


def serve_cells(listener: socket.socket) -> NoReturn:
    """Fork a cell for each that asks, until nobody can write to standard input any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with listener, contextlib.suppress(KeyboardInterrupt):
        events = select.poll()
        events.register(listener, select.POLLIN)
        events.register(0, 0)  # says when it is closed, whatever its other reader has yet to read
        while all(each == listener.fileno() for each, _ in events.poll(1000)):
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            if not select.select([listener], [], [], 0)[0]:
                continue
            asking, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                watch_cell(asking)
            asking.close()
    os._exit(0)


def listening(address: str) -> socket.socket:
    """Before `serve_cells`, so that nobody asks too early."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    return listener


def watch_cell(asking: socket.socket) -> NoReturn:
    """Fork one cell, and tell its process id and, in the end, its exit code."""
    size, files, _, _ = socket.recv_fds(asking, 12, 2)
    request = json.loads(asking.recv(int(size), socket.MSG_WAITALL))
    pid = os.fork()
    if pid == 0:
        asking.close()
        be_cell(request["words"], request["folder"], request["env"], *files)
    for file in files:
        os.close(file)
    # Whoever asked may have been killed meanwhile.
    with contextlib.suppress(OSError):
        asking.sendall(b"%d\n" % pid)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with contextlib.suppress(OSError):
        asking.sendall(b"%d\n" % code)
    os._exit(0)


def be_cell(
    words: Sequence[str], folder: str, env: dict[str, str], reading: int, writing: int
) -> NoReturn:
    from zerosum.child import end_with_parent

    def begin() -> None:
        os.setsid()
        os.chdir(folder)
        os.dup2(reading, 0)
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.close(reading)
        os.close(writing)
        os.environ.clear()
        os.environ.update(env)
        end_with_parent()

    be_command(begin, words)


def be_command(begin: Callable[[], None], words: Sequence[str]) -> NoReturn:
    """Begin, then run `zerosum` with these words and end as it does."""
    from zerosum.cli.main import main

    code = 70
    try:
        begin()
        sys.argv = ["zerosum", *words]
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
