"""The sets known by name: bundled, found below the data root, downloaded, or asked for."""

import gzip
import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.data.conftest import Settings
from tests.data.files import noise, write_folder, write_zip
from tests.web import serving
from zerosum.data import open_data
from zerosum.data.inspection import inspect
from zerosum.data.sources import cifar, find_source, idx, named
from zerosum.data.sources.named import FASHION
from zerosum.errors import ZerosumError


def test_bundled_digits_are_small_labelled_and_divided(cache: Path, settings: Settings) -> None:
    data = open_data(settings("digits", resolution=32, channels=1, fit="pad"), seed=7, cache=cache)
    assert (len(data.train), len(data.held_out)) == (8_000, 2_000)
    assert data.train.class_names == tuple("0123456789")
    assert data.train.labels is not None
    counts = np.bincount(data.train.labels[data.train.rows])
    assert counts.min() > 600  # balanced as they fall: MNIST's rarest class is 9 % of it
    pixels = data.train.take(np.arange(100))
    assert pixels.shape == (100, 32, 32, 1)
    margin = np.ones((32, 32), bool)
    margin[2:30, 2:30] = False
    assert pixels[:, margin].max() == 0
    assert pixels.max() == 255
    size = sum(file.stat().st_size for file in idx.DIGITS.iterdir())
    assert size < 2_000_000


def write_idx(path: Path, array: NDArray[Any]) -> None:
    header = np.array([0x800 + array.ndim, *array.shape], ">u4").tobytes()
    content = header + array.astype(np.uint8).tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.mark.parametrize(
    ("folder", "ending"),
    [("fashion-mnist", ".gz"), ("FashionMNIST/raw", ""), ("FashionMNIST/raw", ".gz")],
)
def test_idx_files_are_read_where_people_have_them(
    folder: str, ending: str, tmp_path: Path, cache: Path, settings: Settings
) -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (30, 28, 28))
    labels = np.arange(30) % 10
    for part, rows in (("train", slice(0, 20)), ("t10k", slice(20, 30))):
        write_idx(tmp_path / folder / f"{part}-images-idx3-ubyte{ending}", images[rows])
        write_idx(tmp_path / folder / f"{part}-labels-idx1-ubyte{ending}", labels[rows])
    fields = settings("fashion-mnist", resolution=32, channels=1, fit="pad")
    data = open_data(fields, 0, data_root=tmp_path, cache=cache)
    assert (len(data.train), len(data.held_out)) == (20, 10)
    assert data.train.class_names == FASHION
    assert data.train.labels is not None
    np.testing.assert_array_equal(data.train.labels[data.train.rows], labels[:20])
    np.testing.assert_array_equal(
        data.train.take(np.arange(20))[:, 2:30, 2:30, 0], images[:20].astype(np.uint8)
    )


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t10k-labels-idx1-ubyte", np.array([1, 10, 2]), "labels are no digits"),
        ("t10k-labels-idx1-ubyte", np.zeros((1, 2, 2)), "labels are no digits"),
        ("t10k-images-idx3-ubyte", np.zeros(3), "fewer images than labels"),
        ("t10k-images-idx3-ubyte", np.zeros((2, 28, 28)), "fewer images than labels"),
    ],
)
def test_idx_files_that_do_not_belong_together_are_told(
    name: str, content: NDArray[Any], told: str, tmp_path: Path
) -> None:
    for part in ("train", "t10k"):
        write_idx(tmp_path / "mnist" / f"{part}-images-idx3-ubyte", np.zeros((3, 28, 28)))
        write_idx(tmp_path / "mnist" / f"{part}-labels-idx1-ubyte", np.array([1, 9, 2]))
    write_idx(tmp_path / "mnist" / name, content)
    with pytest.raises(ZerosumError, match=told) as error:
        inspect(find_source("mnist", tmp_path))
    assert str(tmp_path / "mnist" / name) in error.value.what


def write_cifar(path: Path, a_batch: int) -> NDArray[np.uint8]:
    """The binary archive with `a_batch` images in each of its six files; returns the records."""
    random = np.random.default_rng(0)
    records = random.integers(0, 256, (6 * a_batch, cifar.RECORD), dtype=np.uint8)
    records[:, 0] = np.arange(len(records)) % 10
    path.parent.mkdir(parents=True, exist_ok=True)
    names = [name for part in ("train", "test") for name in cifar.PARTS[part]]
    with tarfile.open(path, "w:gz") as archive:
        for name, batch in zip(names, np.split(records, 6), strict=True):
            entry = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            entry.size = batch.nbytes
            archive.addfile(entry, io.BytesIO(batch.tobytes()))
    return records


def test_cifar_is_read_from_its_binary_archive(
    tmp_path: Path, cache: Path, settings: Settings
) -> None:
    records = write_cifar(tmp_path / "cifar10" / cifar.ARCHIVE, a_batch=4)
    data = open_data(settings("cifar10", resolution=32), 0, data_root=tmp_path, cache=cache)
    assert (len(data.train), len(data.held_out)) == (20, 4)
    assert data.train.class_names == cifar.CLASSES
    assert data.train.labels is not None
    np.testing.assert_array_equal(data.train.labels, records[:, 0])
    planes = records[:, 1:].reshape(-1, 3, 32, 32)
    np.testing.assert_array_equal(data.train.pixels, planes.transpose(0, 2, 3, 1))


def test_a_part_of_cifar_is_not_taken_for_all_of_it(tmp_path: Path) -> None:
    write_zip(tmp_path / "cifar10.zip", {"train/cat/1.png": noise(1)})
    with pytest.raises(ZerosumError, match="has 1 files, CIFAR-10 has 60,000") as told:
        find_source("cifar10", tmp_path)
    assert f"--data {tmp_path / 'cifar10.zip'}" in told.value.remedy


@pytest.mark.parametrize("name", ["celeba", "lsun-bedroom"])
def test_what_cannot_be_downloaded_says_what_to_put_where(name: str, tmp_path: Path) -> None:
    with pytest.raises(ZerosumError) as told:
        find_source(name, tmp_path)
    assert str(tmp_path / name) in told.value.remedy
    assert ".zip" in told.value.remedy


def test_celeba_keeps_its_official_test_images(
    tmp_path: Path, cache: Path, settings: Settings
) -> None:
    files = {f"img_align_celeba/{index:06d}.jpg": noise(index) for index in range(10)}
    folder = write_folder(tmp_path / "celeba", {})
    write_zip(folder / "img_align_celeba.zip", files)
    whole = open_data(settings("celeba"), 0, data_root=tmp_path, cache=cache)
    assert (len(whole.train), len(whole.held_out)) == (8, 2)
    lines = [f"{index:06d}.jpg {min(2, index // 4)}" for index in range(10)]
    (folder / "list_eval_partition.txt").write_text("\n".join(lines))
    divided = open_data(settings("celeba"), 0, data_root=tmp_path, cache=cache)
    assert divided.held_out.rows.tolist() == [8, 9]
    assert len(divided.train) == 8
    assert divided.train.labels is None


def test_lsun_may_be_a_folder_of_pictures(tmp_path: Path) -> None:
    write_folder(tmp_path / "lsun-bedroom", {"a/3/f/1.webp": noise(1)})
    assert find_source("lsun-bedroom", tmp_path).names() == ["a/3/f/1.webp"]


def plain_files(folder: Path) -> list[str]:
    """What lies there but for hidden files, such as a lock."""
    return [path.name for path in folder.iterdir() if path.name[0] != "."]


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def test_a_download_tries_the_mirrors_and_checks(tmp_path: Path) -> None:
    with serving(wrong=b"wrong", right=b"content") as server:
        urls = [server.url(name) for name in ("missing", "wrong", "right")]
        named.download(urls, tmp_path / "sub" / "file.gz", md5(b"content"))
    assert (tmp_path / "sub" / "file.gz").read_bytes() == b"content"
    assert plain_files(tmp_path / "sub") == ["file.gz"]


def test_a_failed_download_leaves_nothing_and_says_what_to_put_where(tmp_path: Path) -> None:
    with serving(wrong=b"wrong") as server, pytest.raises(ZerosumError) as told:
        urls = [server.url(name) for name in ("missing", "wrong")]
        named.download(urls, tmp_path / "file.gz", md5(b"content"))
    assert str(tmp_path / "file.gz") in told.value.remedy
    assert "another checksum" in told.value.what and "404" in told.value.what
    assert plain_files(tmp_path) == []


@pytest.mark.real
def test_mnist_is_read_in_its_standard_files(real_data: Path) -> None:
    names = find_source("mnist", real_data).names()
    assert len(names) == 70_000
    assert sum(name.startswith("test/") for name in names) == 10_000


@pytest.mark.real
def test_the_bundled_digits_are_mnists_training_digits(real_data: Path) -> None:
    whole, bundled = find_source("mnist", real_data), find_source("digits")
    training = [name for name in whole.names() if name.startswith("train/")]
    known = {file.content: file.name.split("/")[1] for file in whole.read(training)}
    for file in bundled.read(bundled.names()):
        assert known[file.content] == file.name.split("/")[1]
