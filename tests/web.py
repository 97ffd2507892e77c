"""A web server of this machine that answers as badly as it is told to."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Web:
    """What a server has, by name, and how it behaves."""

    files: dict[str, bytes]
    port: int = 0
    breaks_after: list[int] = field(default_factory=list)
    """Bytes after which each of the next answers ends; those beyond the list are whole."""
    stalls: bool = False
    """Whether an answer that ends early keeps the connection open, and silent."""
    ranges: bool = True
    lengths: bool = True
    version: str = '"1"'
    asked: list[str] = field(default_factory=list)
    """The Range of each request, "" where there was none."""
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"


@contextlib.contextmanager
def serving(**files: bytes) -> Iterator[Web]:
    """A server of these files while the block lasts."""
    web = Web(files)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            answer(self, web)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    web.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield web
    finally:
        web.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def answer(request: BaseHTTPRequestHandler, web: Web) -> None:
    wanted = request.headers.get("Range", "")
    web.asked.append(wanted)
    content = web.files.get(request.path.strip("/"))
    if content is None:
        request.send_error(404)
        return
    start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and web.ranges else 0
    if request.headers.get("If-Range", web.version) != web.version:
        start = 0
    if start and start >= len(content):
        request.send_error(416)
        return
    request.send_response(206 if start else 200)
    request.send_header("ETag", web.version)
    if web.lengths:
        request.send_header("Content-Length", str(len(content) - start))
    request.end_headers()
    limit = web.breaks_after.pop(0) if web.breaks_after else len(content)
    with contextlib.suppress(ConnectionError):
        request.wfile.write(content[start : start + limit])
        request.wfile.flush()
        if web.stalls and start + limit < len(content):
            web.over.wait(20)
