"""A connection between processes that can be lost, as between machines: nobody is told."""

import contextlib
import socket
import threading
from types import TracebackType


class Line:
    """Connections to `port` of 127.0.0.1 pass what they are told on to `far` there, until `cut`."""

    def __init__(self, far: int) -> None:
        self._far, self._cut = far, threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._ends = [self._server]
        self.port: int = self._server.getsockname()[1]
        self._begin(self._accept)

    def cut(self) -> None:
        """Pass nothing on any more; no end is closed."""
        self._cut.set()

    def __enter__(self) -> "Line":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:  # fmt: skip
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _begin(self, work: object, *ends: socket.socket) -> None:
        assert callable(work)
        threading.Thread(target=work, args=ends, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near = self._server.accept()[0]
                far = socket.create_connection(("127.0.0.1", self._far))
                self._ends += [near, far]
                self._begin(self._pass_on, near, far)
                self._begin(self._pass_on, far, near)

    def _pass_on(self, source: socket.socket, goal: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while (said := source.recv(65536)) and not self._cut.is_set():
                goal.sendall(said)
