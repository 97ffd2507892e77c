"""The page at an address of this machine, for as long as somebody wants it."""

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec

from zerosum.errors import UsageError, ZerosumError
from zerosum.exploring.explorer import Explorer

HOST = "127.0.0.1"


@dataclass(frozen=True)
class OpenPage:
    """A page that is there until it is closed, or Python ends."""

    url: str
    held: contextlib.ExitStack = field(repr=False)
    """What ends with it."""

    def close(self) -> None:
        """Take it away. Twice is as good as once."""
        self.held.close()

    def __enter__(self) -> "OpenPage":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def require_page(port: int) -> None:
    """Raise a ZerosumError where Gradio is not installed, or the port (0: any) not free."""
    if find_spec("gradio") is None:
        raise ZerosumError(
            "the page needs the package gradio, which is not installed",
            "install the extra: pip install 'zerosum[explore]'",
        )
    try:
        with socket.create_server((HOST, port)):
            pass
    except OSError as error:
        raise UsageError(
            f"--port {port} cannot be had: {error.strerror}",
            "give another one, or leave --port out: then the first free one is taken",
        ) from error


def serve(explorer: Explorer, port: int, held: contextlib.ExitStack, *, browser: bool) -> str:
    """Serve the page of an explorer at a port of this machine alone (0: the first free one from
    7860 on) until `held` is closed; returns its address."""
    from zerosum.exploring.page import launch, make_page

    page = make_page(explorer)
    held.callback(page.close, verbose=False)
    with _without_proxy():
        return launch(page, host=HOST, port=port or None, browser=browser)


@contextlib.contextmanager
def _without_proxy() -> Iterator[None]:
    """Inside, this machine is asked directly: Gradio asks its own server whether it answers, and a
    proxy that the environment names would be another machine."""
    before = os.environ.get("no_proxy")
    known = before if before is not None else os.environ.get("NO_PROXY", "")
    os.environ["no_proxy"] = f"{known},{HOST}".lstrip(",")
    try:
        yield
    finally:
        if before is None:
            del os.environ["no_proxy"]
        else:
            os.environ["no_proxy"] = before
