"""Downloads end, one way or the other, and go on where they broke off."""

import hashlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.web import serving
from zerosum.download import Checksum, DownloadError, fetch

CONTENT = np.random.default_rng(0).bytes(100_000)
SHA256 = Checksum("sha256", hashlib.sha256(CONTENT).hexdigest()[:8])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zerosum.download.WAIT", 0)
    monkeypatch.setattr("zerosum.download.SILENCE", 0.3)


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


@pytest.mark.parametrize("checksum", [SHA256, None])
@pytest.mark.parametrize("lengths", [True, False])
def test_a_file_arrives(tmp_path: Path, checksum: Checksum | None, lengths: bool) -> None:
    with serving(file=CONTENT) as web:
        web.lengths = lengths
        fetch([web.url("file")], tmp_path / "sub" / "file", checksum)
        fetch([web.url("file")], tmp_path / "sub" / "file", checksum)
    assert (tmp_path / "sub" / "file").read_bytes() == CONTENT
    assert web.asked == [""]  # once
    assert [path.name for path in (tmp_path / "sub").iterdir() if "lock" not in path.name] == [
        "file"
    ]


@pytest.mark.parametrize("checksum", [SHA256, None])
@pytest.mark.parametrize("stalls", [True, False], ids=["stalls", "breaks off"])
def test_a_connection_that_ends_early_is_taken_up_where_it_was(
    tmp_path: Path, checksum: Checksum | None, stalls: bool
) -> None:
    with serving(file=CONTENT) as web:
        web.breaks_after, web.stalls = [30_000, 20_000], stalls
        fetch([web.url("file")], tmp_path / "file", checksum)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert web.asked == ["", "bytes=30000-", "bytes=50000-"]


@pytest.mark.parametrize("stalls", [True, False], ids=["stalls", "breaks off"])
def test_a_later_call_goes_on_where_an_earlier_one_gave_up(tmp_path: Path, stalls: bool) -> None:
    with serving(file=CONTENT) as web:
        web.breaks_after, web.stalls = [30_000, 0, 0, 0], stalls
        with pytest.raises(DownloadError) as told:
            fetch([web.url("file")], tmp_path / "file", SHA256)
        assert "nothing came for 0.3 seconds" in str(told.value) or not stalls
        assert "the first 30.0 kB are kept" in str(told.value)
        assert visible(tmp_path) == []
        fetch([web.url("file")], tmp_path / "file", SHA256)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert web.asked[-1] == "bytes=30000-"


def test_a_server_that_changed_its_file_meanwhile_sends_it_whole(tmp_path: Path) -> None:
    newer = CONTENT[::-1]
    with serving(file=CONTENT) as web:
        web.breaks_after = [30_000, 0, 0, 0]
        with pytest.raises(DownloadError):
            fetch([web.url("file")], tmp_path / "file")
        web.files["file"], web.version = newer, '"2"'
        fetch([web.url("file")], tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == newer


def test_a_server_without_ranges_is_read_from_the_start(tmp_path: Path) -> None:
    with serving(file=CONTENT) as web:
        web.ranges, web.breaks_after = False, [30_000]
        fetch([web.url("file")], tmp_path / "file", SHA256)
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_what_was_whole_already_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / ".file.partial").write_bytes(CONTENT)
    with serving(file=CONTENT) as web:
        fetch([web.url("file")], tmp_path / "file", SHA256)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert web.asked == []


def test_remains_that_are_longer_than_the_file_are_thrown_away(tmp_path: Path) -> None:
    (tmp_path / ".file.partial").write_bytes(CONTENT + b"more")
    with serving(file=CONTENT) as web:
        fetch([web.url("file")], tmp_path / "file", SHA256)
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_another_content_is_refused_and_not_kept(tmp_path: Path) -> None:
    with serving(file=CONTENT[:-1] + b"x") as web, pytest.raises(DownloadError, match="checksum"):
        fetch([web.url("file")], tmp_path / "file", SHA256)
    assert not (tmp_path / "file").exists()
    assert not (tmp_path / ".file.partial").exists()


def test_nobody_there_is_told_at_once(tmp_path: Path) -> None:
    with serving() as web:
        pass
    with pytest.raises(DownloadError, match="refused"):
        fetch([web.url("file")], tmp_path / "file", SHA256)


def test_a_server_that_never_answered_is_asked_once_and_then_another(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving() as gone:
        pass
    with serving(file=CONTENT) as web:
        fetch([gone.url("file"), web.url("file")], tmp_path / "file", SHA256)
    assert caplog.messages == [
        f"downloading {gone.url('file')}",
        f"127.0.0.1:{gone.port}: Connection refused; trying another address",
        f"downloading {web.url('file')}",
    ]


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_connection_that_is_never_made_has_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mute: int
) -> None:
    monkeypatch.setattr("zerosum.download.CONNECTING", 0.2)
    monkeypatch.setattr("zerosum.download.SILENCE", 60)
    with pytest.raises(DownloadError, match=r"^127.0.0.1:\d+: no connection within 0.2 seconds$"):
        fetch([f"https://127.0.0.1:{mute}/file"], tmp_path / "file", SHA256)


def test_a_name_that_nobody_looks_up_has_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    monkeypatch.setattr("zerosum.download.CONNECTING", 0.2)

    def look_up(*_: object, **__: object) -> None:
        over.wait(60)
        raise socket.gaierror

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    try:
        with pytest.raises(DownloadError, match="no connection within"):
            fetch(["http://example.org/file"], tmp_path / "file", SHA256)
    finally:
        over.set()


def test_a_connection_that_was_there_is_made_again(tmp_path: Path) -> None:
    with serving(file=CONTENT) as web:
        web.breaks_after = [30_000]
        made = []

        def connect(make: Callable[[], None]) -> None:
            made.append(1)
            if len(made) == 2:
                raise ConnectionRefusedError(111, "Connection refused")
            make()

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(
                "http.client.HTTPConnection.connect",
                lambda self, original=http.client.HTTPConnection.connect: connect(
                    lambda: original(self)
                ),
            )
            fetch([web.url("file")], tmp_path / "file", SHA256)
    assert (tmp_path / "file").read_bytes() == CONTENT and len(made) == 3


def test_two_that_want_the_same_file_fetch_it_once(tmp_path: Path) -> None:
    with serving(file=CONTENT) as web:
        words = ([web.url("file")], tmp_path / "file", SHA256)
        threads = [threading.Thread(target=fetch, args=words) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert web.asked == [""]


def test_a_line_tells_of_the_address(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with serving(file=CONTENT) as web:
        fetch([web.url("file")], tmp_path / "file", SHA256)
    assert caplog.messages == [f"downloading {web.url('file')}"]
