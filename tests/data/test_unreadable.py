"""What cannot be read is named with its reason; what is no regular file is never opened."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.data.conftest import Settings
from tests.data.files import noise, write_folder, write_zip
from tests.permissions import closed, ordinary_user
from zerosum.cli.data import data
from zerosum.data import open_data
from zerosum.data.sources import find_source
from zerosum.errors import ZerosumError
from zerosum.evaluation.opening import open_images
from zerosum.reading import read_regular


def check(source: Path, *options: str) -> Result:
    return CliRunner().invoke(data, ["check", str(source), *options], standalone_mode=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {f"{kind}/{number}.png": noise(number) for kind in "ab" for number in range(10)}
    return write_folder(tmp_path / "set", files)


def test_a_subfolder_without_permission_is_named_and_refused(
    folder: Path, settings: Settings
) -> None:
    with closed(folder / "b"):
        told = check(folder)
        assert told.return_value == 1
        assert "folders that cannot be read, permission denied: 1\n  b/\n" in told.output
        assert "training refuses it" in told.output
        with pytest.raises(ZerosumError, match="b/: permission denied"):
            open_data(settings(folder), 0)
        allowed = open_data(settings(folder, max_bad=1, validation=0), 0)
        assert check(folder, "--max-bad", "1").return_value == 0
        images = open_images(str(folder))
    assert len(allowed.train) == 10
    assert any("1 unreadable folder of set left out: b/" in note for note in images.notes)
    assert len(open_data(settings(folder, validation=0), 0).train) == 20


def test_a_folder_that_may_be_listed_but_not_entered_has_bad_files(
    folder: Path, settings: Settings
) -> None:
    (folder / "b").chmod(0o444)
    with ordinary_user():
        told = check(folder)
        with pytest.raises(ZerosumError, match=r"b/0.png: cannot be read: permission denied"):
            open_data(settings(folder), 0)
    (folder / "b").chmod(0o755)
    assert "b/9.png: cannot be read: permission denied\n" in told.output
    assert "20 image files: 10 usable (0 converted), 10 bad" in told.output


@pytest.mark.parametrize("named", ["", "/a", "/a/0.png"])
def test_an_unreadable_folder_is_named_with_its_reason(named: str, folder: Path) -> None:
    with closed(folder), pytest.raises(ZerosumError) as told:
        find_source(f"{folder}{named}")
    assert str(folder) in told.value.what
    assert "cannot be read: permission denied" in told.value.what


def test_an_unreadable_archive_is_named_with_its_reason(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "set.zip", {"1.png": noise(1)})
    with closed(archive), pytest.raises(ZerosumError) as told:
        find_source(str(archive))
    assert told.value.what == f"{archive} cannot be read: permission denied"


def test_an_unreadable_data_root_is_named(tmp_path: Path) -> None:
    root = write_folder(tmp_path / "root", {"celeba/1.jpg": noise(1)})
    with closed(root), pytest.raises(ZerosumError, match="cannot be read: permission denied"):
        find_source("celeba", root)


@pytest.fixture
def special(tmp_path: Path) -> Iterator[Path]:
    """Two images, and a pipe, a socket and endless devices called like images."""
    folder = write_folder(tmp_path / "set", {"1.png": noise(1), "2.png": noise(2)})
    os.mkfifo(folder / "pipe.png")
    os.mkfifo(folder / "pipe")
    (folder / "zero.png").symlink_to("/dev/zero")
    (folder / "zero").symlink_to("/dev/zero")
    listening = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(folder)  # the name of a socket may have few letters
    listening.bind("socket.jpg")
    os.chdir(here)
    yield folder
    listening.close()


@pytest.mark.timeout(30)
def test_pipes_devices_and_sockets_are_named_and_never_read(
    special: Path, settings: Settings
) -> None:
    told = check(special, "--max-bad", "0.9").output
    assert "  pipe.png: cannot be read: it is a named pipe, no regular file\n" in told
    assert "  zero.png: cannot be read: it is a device, no regular file\n" in told
    assert "  socket.jpg: cannot be read: it is a socket, no regular file\n" in told
    assert "left out, a named pipe: 1\n  pipe\n" in told
    assert "left out, a device: 1\n  zero\n" in told
    found = open_data(settings(special, max_bad=0.9, validation=0), 0)
    assert (len(found.train), found.bad) == (2, 3)


@pytest.mark.timeout(30)
def test_a_pipe_or_device_is_no_source(special: Path) -> None:
    for name, kind in (("pipe", "a named pipe"), ("zero", "a device")):
        with pytest.raises(ZerosumError, match=f"is {kind}, neither a file nor a folder"):
            find_source(str(special / name))


@pytest.mark.timeout(30)
def test_a_file_is_read_up_to_a_bound(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert read_regular(file, 5) == b"12345"
    with pytest.raises(OSError, match="larger than 0 MiB"):
        read_regular(file, 4)


@pytest.mark.timeout(30)
def test_a_pipe_that_takes_the_place_of_a_file_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    regular = Path(__file__).stat()
    monkeypatch.setattr(Path, "stat", lambda _: regular)
    with pytest.raises(OSError, match="named pipe"):
        read_regular(tmp_path / "pipe")


def test_a_file_that_tells_no_size_is_read() -> None:
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("no /proc here")
    assert read_regular(status).startswith(b"Name:")


def test_names_that_are_no_utf8_are_read_and_told(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    files = {os.fsdecode(b"r\xe9d/\xff.png"): noise(1), "blue/1.png": noise(2)}
    files[os.fsdecode(b"blue/\xfe.png")] = b"no image"
    try:
        write_folder(folder, files)
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    told = check(folder)
    assert "  blue/\\xfe.png: not an image\n" in told.output
    assert "2 classes: blue, r\\xe9d" in told.output
    found = open_data(settings(folder, max_bad=0.9, validation=0), 0)
    assert found.train.class_names == ("blue", "r\\xe9d")
    assert len(found.train) == 2


def test_control_characters_in_names_do_nothing_to_the_terminal(
    tmp_path: Path, settings: Settings
) -> None:
    nasty = "\x1b[2Jgone\nzerosum: all is well\u202e.png"
    folder = write_folder(tmp_path / "set", {"a/1.png": noise(1), f"b\x1b]0;x\a/{nasty}": b"?"})
    write_folder(folder, {"b\x1b]0;x\a/2.png": noise(2)})
    told = check(folder)
    assert "\\x1b[2Jgone\\nzerosum: all is well\\u202e.png: not an image" in told.output
    assert "2 classes: a, b\\x1b]0;x\\x07" in told.output
    with pytest.raises(ZerosumError) as refused:
        open_data(settings(folder), 0)
    for text in (told.output, refused.value.what, str(refused.value)):
        assert text.isprintable() or not set(text) & {"\x1b", "\a", "\u202e"}
    with pytest.raises(ZerosumError, match=r"nothing at .*\\x1b"):
        find_source(str(tmp_path / "\x1b[2J"))


def test_a_tilde_may_begin_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_folder(tmp_path / "~tilde", {"1.png": noise(1)})
    assert find_source("~tilde").names() == ["1.png"]
    with pytest.raises(ZerosumError, match="there is nothing at ~nobody-of-that-name"):
        find_source("~nobody-of-that-name")
    monkeypatch.setenv("HOME", str(tmp_path / "~tilde"))
    assert find_source("~").names() == ["1.png"]


def test_names_of_255_bytes_are_read_and_shortened(tmp_path: Path, settings: Settings) -> None:
    names = ["日" * 85, "x" * 255, "x" * 254 + "y"]
    sources = []
    for name in names:
        folder = write_folder(tmp_path / name, {"z" * 251 + ".png": noise(1)})
        found = open_data(settings(folder, validation=0), 0)
        assert len(found.train) == 1
        sources.append(found.name)
    assert max(len(name.encode()) for name in sources) <= 100
    assert len(set(sources)) == 3
    with pytest.raises(ZerosumError, match="name too long"):
        find_source(str(tmp_path / ("x" * 256)))
