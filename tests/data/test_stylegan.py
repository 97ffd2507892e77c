"""Sets as StyleGAN's dataset tool writes them: dataset.json tells the classes, not the folders."""

import json
from pathlib import Path

import pytest

from tests.data.conftest import Settings
from tests.data.files import noise, write_folder, write_zip
from zerosum.data import open_data
from zerosum.errors import ZerosumError

NAMES = [f"{number // 4:05d}/img{number:08d}.png" for number in range(12)]
IMAGES = {name: noise(number) for number, name in enumerate(NAMES)}


def with_labels(labels: object) -> dict[str, bytes]:
    return {**IMAGES, "dataset.json": json.dumps({"labels": labels}).encode()}


@pytest.mark.parametrize("top", ["", "ffhq/"])
@pytest.mark.parametrize("write", [write_zip, write_folder])
def test_the_labels_of_the_file_are_the_classes(
    top: str, write: object, tmp_path: Path, settings: Settings
) -> None:
    assert callable(write)
    labels = [[name, 7 + number % 3] for number, name in enumerate(NAMES)]
    files = {top + name: content for name, content in with_labels(labels).items()}
    found = open_data(settings(write(tmp_path / "set.zip", files), validation=0), 0).train
    assert found.class_names == ("7", "8", "9")
    assert found.labels is not None
    assert found.labels.tolist() == [number % 3 for number in range(12)]


@pytest.mark.parametrize(
    "labels", [None, [[name, [0.5, 1.0]] for name in NAMES], [[name, 1] for name in NAMES[:5]]]
)
def test_numbered_folders_are_no_classes(
    labels: object, tmp_path: Path, settings: Settings
) -> None:
    archive = write_zip(tmp_path / "set.zip", with_labels(labels))
    found = open_data(settings(archive, validation=0), 0).train
    assert (found.class_names, found.labels) == ((), None)


@pytest.mark.parametrize("content", [b"[1, 2]", b'{"images": []}', b'{"labels": [1, 2]}'])
def test_a_file_of_another_program_changes_nothing(
    content: bytes, tmp_path: Path, settings: Settings
) -> None:
    archive = write_zip(tmp_path / "set.zip", IMAGES | {"dataset.json": content})
    found = open_data(settings(archive, validation=0), 0).train
    assert found.class_names == ("00000", "00001", "00002")


def test_a_damaged_file_is_named(tmp_path: Path, settings: Settings) -> None:
    archive = write_zip(tmp_path / "set.zip", IMAGES | {"dataset.json": b'{"labels": [['})
    with pytest.raises(ZerosumError, match=r"dataset.json in set is damaged"):
        open_data(settings(archive), 0)
