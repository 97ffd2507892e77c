"""Sets in files that hold many images: idx files, CIFAR-10's batches, an archive in a folder."""

import gzip
import logging
from pathlib import Path

import numpy as np
import pytest

from tests.data.conftest import Settings
from tests.data.files import noise, write_folder, write_tar, write_zip
from zerosum.data import open_data
from zerosum.data.sources import find_source
from zerosum.errors import ZerosumError
from zerosum.records.run import tell_once

KINDS = {"images": 0x803, "labels": 0x801}


@pytest.fixture(autouse=True)
def nothing_was_told() -> None:
    tell_once.cache_clear()


def idx(kind: str, *values: int) -> bytes:
    """An idx file of black 28-pixel images, one for each value, or of the values as labels."""
    head = KINDS[kind].to_bytes(4) + len(values).to_bytes(4)
    if kind == "labels":
        return head + bytes(values)
    return head + (28).to_bytes(4) * 2 + b"".join(bytes([value]) * 28 * 28 for value in values)


def standard(train: str, test: str, form: str = "{}-idx{}-ubyte") -> dict[str, bytes]:
    """Six training and two test images with their labels, under the names of a set."""
    files = {}
    for prefix, values in ((train, (0, 1, 2, 3, 4, 5)), (test, (6, 7))):
        files[f"{prefix}-" + form.format("images", 3)] = idx("images", *values)
        files[f"{prefix}-" + form.format("labels", 1)] = idx("labels", *values)
    return files


USUAL = {
    "as published": {f"{n}.gz": gzip.compress(c) for n, c in standard("train", "t10k").items()},
    "unpacked": standard("train", "t10k"),
    "both": standard("train", "t10k")
    | {f"{name}.gz": gzip.compress(content) for name, content in standard("train", "t10k").items()},
    "Kaggle's": standard("train", "t10k", "{}.idx{}-ubyte"),
    "Kaggle's folders": {
        f"{name}/{name}": content for name, content in standard("train", "t10k").items()
    },
    "torchvision's": {f"MNIST/raw/{n}": c for n, c in standard("train", "t10k").items()},
    "EMNIST's": standard("emnist-digits-train", "emnist-digits-test"),
}


@pytest.mark.parametrize("files", USUAL.values(), ids=USUAL)
def test_idx_files_in_a_folder_are_images_with_classes_and_a_test_split(
    files: dict[str, bytes], tmp_path: Path, cache: Path, settings: Settings
) -> None:
    data = open_data(settings(write_folder(tmp_path / "mnist", files)), 0, cache=cache)
    assert (len(data.train), len(data.held_out), data.test_split) == (6, 2, True)
    assert data.train.labels is not None
    labels = data.train.labels[data.train.rows]
    assert [data.train.class_names[label] for label in labels] == list("012345")
    pixels = data.train.take(np.arange(6))
    assert pixels.reshape(6, -1).max(1).tolist() == [0, 1, 2, 3, 4, 5]


def test_idx_files_in_an_archive_and_a_path_with_a_slash_or_home_are_found_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_zip(tmp_path / "archive.zip", standard("train", "t10k"))
    write_folder(tmp_path / "mnist", standard("train", "t10k"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for text in (f"{tmp_path}/archive.zip", f"{tmp_path}/mnist/", "~/mnist", "~/mnist/"):
        assert len(find_source(text).names()) == 8


def test_a_training_file_brings_its_labels_and_its_test_images(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_folder(tmp_path / "mnist", standard("train", "t10k"))
    with caplog.at_level(logging.WARNING, logger="zerosum"):
        source = find_source(str(folder / "train-images-idx3-ubyte"))
    assert source.name == "mnist"
    assert source.names()[::7] == ["train/0/00000.pgm", "test/7/00001.pgm"]
    assert "test images, which lie beside it, are held out" in caplog.text


@pytest.mark.parametrize("file", ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
def test_the_test_file_and_labels_may_be_named_as_well(file: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mnist", standard("train", "t10k"))
    assert find_source(str(folder / file)).names() == ["test/6/00000.pgm", "test/7/00001.pgm"]


def test_images_without_labels_are_of_no_classes(
    tmp_path: Path, cache: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    write_folder(tmp_path / "mine", {"my-images-idx3-ubyte": idx("images", *range(8))})
    with caplog.at_level(logging.WARNING, logger="zerosum"):
        data = open_data(settings(tmp_path / "mine" / "my-images-idx3-ubyte"), 0, cache=cache)
    assert len(data.all) == 8 and not data.all.class_names
    assert "no labels lie beside" in caplog.text


def test_several_sets_in_one_folder_are_asked_about(tmp_path: Path) -> None:
    files = {f"{kind}/raw/{n}": c for kind in "AB" for n, c in standard("train", "t10k").items()}
    folder = write_folder(tmp_path / "root", files)
    with pytest.raises(ZerosumError, match="several sets of idx files: A/raw, B/raw"):
        find_source(str(folder))
    assert len(find_source(str(folder / "A")).names()) == 8


def test_labels_alone_and_damaged_files_are_told(
    tmp_path: Path, cache: Path, settings: Settings
) -> None:
    write_folder(tmp_path / "labels", {"train-labels-idx1-ubyte": idx("labels", 1, 2)})
    with pytest.raises(ZerosumError, match="labels in idx files, and no images"):
        find_source(str(tmp_path / "labels"))
    torn = {name: content[:-3] for name, content in standard("train", "t10k").items()}
    write_folder(tmp_path / "torn", torn)
    with pytest.raises(ZerosumError, match="is damaged"):
        open_data(settings(tmp_path / "torn"), 0, cache=cache)


def _cifar() -> dict[str, bytes]:
    batches = [*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"]
    record = bytes([3]) + bytes(range(256)) * 12
    files = {f"cifar-10-batches-bin/{name}": record for name in batches}
    return files | {"cifar-10-batches-bin/batches.meta.txt": b"airplane\n"}


@pytest.mark.parametrize("kind", ["folder", "tar", "batches"])
def test_cifars_binary_version_is_read_extracted_or_not(kind: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "cifar", _cifar())
    places = {
        "folder": folder,
        "batches": folder / "cifar-10-batches-bin",
        "tar": write_tar(tmp_path / "cifar-10-binary.tar.gz", _cifar()),
    }
    names = find_source(str(places[kind])).names()
    assert [name.rpartition("/")[0] for name in names] == ["train/cat"] * 5 + ["test/cat"]


def test_cifars_pickled_version_is_refused_with_the_way_to_the_other(tmp_path: Path) -> None:
    write_folder(tmp_path / "cifar-10-batches-py", {"data_batch_1": b"\x80\x02", "test_batch": b""})
    with pytest.raises(ZerosumError, match=r"pickled[^\n]*\n.*data.?.cifar10"):
        find_source(str(tmp_path / "cifar-10-batches-py"))


def test_the_only_archive_in_a_folder_is_opened(tmp_path: Path) -> None:
    write_folder(tmp_path / "faces", {})
    write_zip(tmp_path / "faces" / "faces.zip", {"1.png": noise(1)})
    assert find_source(str(tmp_path / "faces")).names() == ["1.png"]
