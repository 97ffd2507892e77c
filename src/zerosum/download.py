"""Files from the web: with a time limit for silence, progress, and going on where it broke off."""

import contextlib
import hashlib
import http.client
import logging
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock
from tqdm import tqdm

LOG = logging.getLogger(__name__)

SILENCE = 30.0
"""Seconds without a byte after which a connection is given up."""
TRIES = 3
"""Tries in a row that bring nothing, after which a download is given up."""
WAIT = 1.0
"""Seconds before another try."""
AT_ONCE = 2**18
PARTIAL_CONTENT, RANGE_NOT_SATISFIABLE = 206, 416


class DownloadError(OSError):
    """A file that could not be had; the message says why, and what is kept of it."""


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
        problems = []
        for url in urls:
            if target.is_file():
                return
            try:
                _fetch_one(url, target, checksum)
            except DownloadError as error:
                problems.append(str(error))
        if not target.is_file():
            raise DownloadError("; ".join(dict.fromkeys(problems)))


def _fetch_one(url: str, target: Path, checksum: Checksum | None) -> None:
    part = _Part(target.with_name(f".{target.name}.partial"), url, checksum is not None)
    size, idle = None, 0
    if checksum is not None and part.size() and checksum.is_of(part.path):
        size = part.size()  # an earlier call ended between the last byte and its name
    with _progress(target.name, url) as bar:
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
            except (TimeoutError, urllib.error.URLError, http.client.HTTPException) as error:
                problem = _reason(error)
            except ConnectionError as error:
                problem = _reason(error)
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
    with urllib.request.urlopen(request, timeout=SILENCE) as answer:
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


@contextlib.contextmanager
def _progress(name: str, url: str) -> Iterator["tqdm[None]"]:
    """A bar in a terminal, a line elsewhere."""
    shown = sys.stderr is not None and sys.stderr.isatty()
    if not shown:
        LOG.warning("downloading %s from %s", name, _host(url))
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
