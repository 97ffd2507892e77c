"""Files from the web: with a time limit for silence, progress, and going on where it broke off."""

import contextlib
import hashlib
import http.client
import logging
import shutil
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock
from tqdm import tqdm

LOG = logging.getLogger(__name__)

CONNECTING = 10.0
"""Seconds within which a connection must stand, the look-up of the server's name included."""
SILENCE = 30.0
"""Seconds without a byte after which a connection is given up."""
TRIES = 3
"""Tries in a row that bring nothing, after which a download is given up."""
WAIT = 1.0
"""Seconds before another try."""
AT_ONCE = 2**18
BROKEN = (TimeoutError, ConnectionError, urllib.error.URLError, http.client.HTTPException)
"""What is raised where a connection ends too early, or none is made."""
PARTIAL_CONTENT, RANGE_NOT_SATISFIABLE = 206, 416


class DownloadError(OSError):
    """A file that could not be had; the message says why, and what is kept of it."""


class _NoConnectionError(OSError):
    """A server that was not reached; the message says why."""


@dataclass(frozen=True)
class Checksum:
    """What a file's checksum begins with, by the name of its kind: sha256, md5."""

    kind: str
    digits: str

    def is_of(self, path: Path) -> bool:
        """Whether a file has it."""
        with path.open("rb") as file:
            return hashlib.file_digest(file, self.kind).hexdigest().startswith(self.digits)


def fetch(urls: Sequence[str], target: Path, checksum: Checksum | None = None) -> None:
    """Get a file from the first of `urls` that has it, unless it is there.

    What has arrived lies beside the target until it is whole, also when the process ends, and the
    next call goes on from there. Raises DownloadError where no address has the file, and OSError
    where it cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # Of several processes that want a file, one gets it and the others wait.
    with FileLock(target.with_name(f".{target.name}.lock")):
        problems: list[str] = []
        for url in urls:
            if target.is_file():
                return
            if problems:
                LOG.warning("%s; trying another address", problems[-1])
            try:
                _fetch_one(url, target, checksum)
            except DownloadError as error:
                problems.append(str(error))
        if not target.is_file():
            raise DownloadError("; ".join(dict.fromkeys(problems)))


def _fetch_one(url: str, target: Path, checksum: Checksum | None) -> None:
    part = _Part(target.with_name(f".{target.name}.partial"), url, checksum is not None)
    size, idle, arrived = None, 0, False
    if checksum is not None and part.size() and checksum.is_of(part.path):
        size = part.size()  # an earlier call ended between the last byte and its name
    else:
        LOG.warning("downloading %s", url)
    with _progress(target.name) as bar:
        while part.size() != size:
            before = part.size()
            try:
                size = _receive(part, bar)
                problem = "the connection broke off"
            except urllib.error.HTTPError as error:
                if error.code != RANGE_NOT_SATISFIABLE or not before:
                    raise DownloadError(f"{_host(url)}: {error.code} {error.reason}") from error
                part.drop()
                continue
            except BROKEN as error:
                problem = _reason(error)
                # Who was there a moment ago may come back; who never was is not waited for.
                if _unreached(error) and not arrived:
                    idle = TRIES
            arrived = arrived or part.size() > before
            idle = 0 if part.size() > before else idle + 1
            if part.size() != size and idle >= TRIES:
                raise DownloadError(f"{_host(url)}: {problem}{_kept(part.size())}")
            if part.size() != size:
                time.sleep(WAIT)
    if checksum is not None and not checksum.is_of(part.path):
        part.drop()
        raise DownloadError(f"{_host(url)}: the file has another checksum than was published")
    part.path.replace(target)
    part.drop()


@dataclass(frozen=True)
class _Part:
    """What has arrived of a file, and of which version of it."""

    path: Path
    url: str
    checked: bool
    """Whether a checksum will tell in the end, so that the version need not be known."""

    @property
    def version_file(self) -> Path:
        return self.path.with_suffix(".version")

    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def version(self) -> str:
        """The server's name for the version of what has arrived, or ""."""
        with contextlib.suppress(OSError, UnicodeDecodeError):
            url, _, version = self.version_file.read_text(encoding="utf-8").partition("\n")
            return version if url == self.url else ""
        return ""

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        self.version_file.unlink(missing_ok=True)


def _receive(part: _Part, bar: "tqdm[None]") -> int | None:
    """Add what arrives to the part; the bytes of the whole file, or None where nobody says."""
    request = urllib.request.Request(part.url, headers={"User-Agent": "zerosum"})
    done, version = part.size(), part.version()
    if done and (version or part.checked):
        request.add_header("Range", f"bytes={done}-")
        if version:
            request.add_header("If-Range", version)  # RFC 9110, section 13.1.5
    with urllib.request.build_opener(_Web).open(request, timeout=SILENCE) as answer:
        if answer.status != PARTIAL_CONTENT:
            done = 0
        left = answer.headers.get("Content-Length")
        size = done + int(left) if left else None
        tag = answer.headers.get("ETag", "")
        version = tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified")
        part.version_file.write_text(f"{part.url}\n{version or ''}", encoding="utf-8")
        bar.total, bar.n = size, done
        with part.path.open("ab" if done else "wb") as file:
            while content := answer.read1(AT_ONCE):
                file.write(content)
                file.flush()
                bar.update(len(content))
    return part.size() if size is None else size


class _Plain(http.client.HTTPConnection):
    def connect(self) -> None:
        _connect(super().connect)


class _Secure(http.client.HTTPSConnection):
    def connect(self) -> None:
        _connect(super().connect)


class _Web(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Plain, request)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Secure, request)


def _connect(connect: Callable[[], None]) -> None:
    """Connect, or raise `_NoConnectionError` after `CONNECTING` seconds.

    In a thread of its own: the limit of a socket counts for each of a server's addresses anew, and
    the look-up of its name has none.
    """
    made: Future[None] = Future()

    def work() -> None:
        try:
            connect()
            made.set_result(None)
        except Exception as error:
            made.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        made.result(CONNECTING)
    except OSError as error:
        silent = f"no connection within {CONNECTING:g} seconds"
        raise _NoConnectionError(
            (error.strerror or str(error) or silent) if made.done() else silent
        ) from error


def _unreached(error: Exception) -> bool:
    return isinstance(error, urllib.error.URLError) and isinstance(error.reason, _NoConnectionError)


@contextlib.contextmanager
def _progress(name: str) -> Iterator["tqdm[None]"]:
    """A bar in a terminal."""
    shown = sys.stderr is not None and sys.stderr.isatty()
    width = shutil.get_terminal_size().columns
    with tqdm(
        desc=f"downloading {name}" if width > 100 else name,
        unit="B",
        unit_scale=True,
        disable=not shown,
        leave=False,
    ) as bar:
        yield bar


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return f"nothing came for {SILENCE:g} seconds"
    return str(cause) or type(cause).__name__


def _kept(size: int) -> str:
    if not size:
        return ""
    amount = f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"
    return f"; the first {amount} are kept, and the same command goes on from there"
