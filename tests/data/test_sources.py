"""Whatever people have their images in, the same images come out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.data.conftest import Settings
from tests.data.files import noise, write_folder, write_tar, write_zip
from zerosum.data import open_data
from zerosum.data.sources import NAMES, find_source
from zerosum.errors import ZerosumError


@pytest.mark.parametrize(
    "write",
    [
        lambda place, files: write_folder(place / "set", files),
        lambda place, files: write_zip(place / "set.zip", files),
        lambda place, files: write_tar(place / "set.tar", files, "w"),
        lambda place, files: write_tar(place / "set.tgz", files, "w:gz"),
        lambda place, files: write_tar(place / "set.tar.xz", files, "w:xz"),
    ],
)
def test_every_container_gives_the_same_images(
    write: Callable[[Path, dict[str, bytes]], Path],
    tmp_path: Path,
    cache: Path,
    settings: Settings,
    pictures: dict[str, bytes],
) -> None:
    plain = write_folder(tmp_path / "plain", pictures)
    expected = open_data(settings(plain), 0, cache=cache)
    found = open_data(settings(write(tmp_path, pictures)), 0, cache=cache)
    assert found.name == "set"
    assert found.fingerprint == expected.fingerprint
    np.testing.assert_array_equal(found.train.pixels, expected.train.pixels)


@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_a_folder_inside_an_archive_is_a_source(kind: str, tmp_path: Path) -> None:
    files = {"top/a/1.png": noise(1), "top/a/deep/2.png": noise(2), "top/b/3.png": noise(3)}
    source = {
        "folder": lambda: write_folder(tmp_path / "set", files),
        "zip": lambda: write_zip(tmp_path / "set.zip", files),
        "tar": lambda: write_tar(tmp_path / "set.tar.gz", files),
    }[kind]()
    found = find_source(f"{source}/top/a")
    assert sorted(found.names()) == ["1.png", "deep/2.png"]
    contents = {file.name: file.content for file in found.read(found.names())}
    assert contents == {"1.png": noise(1), "deep/2.png": noise(2)}


def test_names_are_short_and_safe(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "My Faces.v2.zip", {"train/1.png": noise(1)})
    assert find_source(str(archive)).name == "my-faces-v2"
    assert find_source(f"{archive}/train").name == "my-faces-v2-train"


def test_system_files_are_no_images(tmp_path: Path, cache: Path, settings: Settings) -> None:
    files = {"1.png": noise(1), "2.png": noise(2), ".DS_Store": b"\1", "notes.txt": b"hello"}
    files |= {"__MACOSX/._1.png": b"\0", "Thumbs.db": b"\1", "README": b"no image"}
    data = open_data(settings(write_folder(tmp_path / "set", files), validation=0), 0, cache=cache)
    assert (len(data.train), data.bad) == (2, 0)


def test_a_file_without_an_ending_may_be_an_image(
    tmp_path: Path, cache: Path, settings: Settings
) -> None:
    folder = write_folder(tmp_path / "set", {"000001": noise(1), "000002": noise(2)})
    assert len(open_data(settings(folder, validation=0), 0, cache=cache).train) == 2


def test_linked_folders_are_followed_once(tmp_path: Path) -> None:
    real = write_folder(tmp_path / "real", {"1.png": noise(1)})
    folder = write_folder(tmp_path / "set", {"2.png": noise(2)})
    (folder / "link").symlink_to(real)
    (folder / "circle").symlink_to(folder)
    (folder / "nowhere.png").symlink_to(tmp_path / "missing")
    source = find_source(str(folder))
    assert source.names() == ["2.png", "link/1.png", "nowhere.png"]
    problems = {file.name: file.problem for file in source.read(source.names())}
    assert "no such file" in problems["nowhere.png"]
    assert not problems["2.png"]


def test_an_unreadable_entry_of_a_zip_is_one_bad_file(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "set.zip", {"1.png": noise(1), "2.png": noise(2)})
    content = bytearray(archive.read_bytes())
    content[content.index(noise(1)) + 50] ^= 0xFF
    archive.write_bytes(content)
    source = find_source(str(archive))
    problems = {file.name: file.problem for file in source.read(source.names())}
    assert problems["1.png"].startswith("damaged inside the archive")
    assert problems["2.png"] == ""


@pytest.mark.parametrize("ending", [".tar.gz", ".zip"])
def test_a_cut_archive_is_told(
    ending: str, tmp_path: Path, cache: Path, settings: Settings, pictures: dict[str, bytes]
) -> None:
    write = write_zip if ending == ".zip" else write_tar
    archive = write(tmp_path / f"set{ending}", pictures)
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    with pytest.raises(ZerosumError) as told:
        open_data(settings(archive), 0, cache=cache)
    assert f"set{ending}" in told.value.what


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("digts", "did you mean digits?"),
        ("mnst", "did you mean mnist?"),
        ("", "digits, stacked-digits, mnist"),
    ],
)
def test_a_mistyped_name_gets_the_nearest(given: str, expected: str) -> None:
    with pytest.raises(ZerosumError) as told:
        find_source(given)
    assert expected in told.value.remedy


def test_a_mistyped_path_gets_its_neighbour(tmp_path: Path) -> None:
    write_folder(tmp_path, {"photos/1.png": noise(1)})
    with pytest.raises(ZerosumError) as told:
        find_source(str(tmp_path / "fotos"))
    assert told.value.remedy == f"in {tmp_path}: did you mean photos?"


def test_a_single_file_is_no_source(tmp_path: Path) -> None:
    path = tmp_path / "one.png"
    path.write_bytes(noise(1))
    with pytest.raises(ZerosumError, match="neither a folder nor a zip or tar"):
        find_source(str(path))


@pytest.mark.parametrize("files", [{}, {"notes.txt": b"hello"}])
def test_a_source_without_images_is_told(
    files: dict[str, bytes], tmp_path: Path, cache: Path, settings: Settings
) -> None:
    folder = write_folder(tmp_path / "empty", files)
    with pytest.raises(ZerosumError, match="has no images"):
        open_data(settings(folder), 0, cache=cache)
    assert not list((cache / "packs").glob("*.partial"))


def test_archives_in_an_otherwise_empty_folder_are_pointed_to(
    tmp_path: Path, cache: Path, settings: Settings
) -> None:
    write_zip(tmp_path / "faces.zip", {"1.png": noise(1)})
    write_zip(tmp_path / "more.zip", {"1.png": noise(1)})
    with pytest.raises(ZerosumError) as told:
        open_data(settings(tmp_path), 0, cache=cache)
    assert "faces.zip" in told.value.remedy


def test_the_names_are_those_of_the_help() -> None:
    assert list(NAMES) == [
        "digits",
        "stacked-digits",
        "mnist",
        "stacked-mnist",
        "fashion-mnist",
        "cifar10",
        "celeba",
        "lsun-bedroom",
    ]
