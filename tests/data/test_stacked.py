"""Stacked digits: three digits a picture, the same ones for ever."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.data.conftest import Settings
from tests.data.test_named_sets import write_idx
from zerosum.data import open_data
from zerosum.data.sources import find_source
from zerosum.data.sources.idx import DIGITS, DIGITS_FOR_TRAINING, read_idx
from zerosum.errors import ZerosumError


def test_forty_thousand_train_and_ten_thousand_are_held_out(
    cache: Path, settings: Settings
) -> None:
    fields = settings("stacked-digits", resolution=32, fit="pad")
    data = open_data(fields, 0, cache=cache)
    assert (len(data.train), len(data.held_out)) == (40_000, 10_000)
    assert data.test_split
    assert data.train.class_names == tuple(f"{mode:03d}" for mode in range(1000))
    assert data.train.labels is not None
    counts = np.bincount(data.train.labels[data.train.rows], minlength=1000)
    assert counts.min() >= 10 and counts.max() <= 90  # 40 each, but for chance
    assert data.train.take(np.arange(3)).shape == (3, 32, 32, 3)


def test_each_channel_is_a_digit_of_its_part_and_the_class_names_the_three() -> None:
    images, labels = (
        read_idx(DIGITS / f"{kind}-ubyte.xz") for kind in ("images-idx3", "labels-idx1")
    )
    source = find_source("stacked-digits")
    names = source.names()
    for part, rows in (
        ("train", slice(None, DIGITS_FOR_TRAINING)),
        ("test", slice(DIGITS_FOR_TRAINING, None)),
    ):
        known = {
            digit.tobytes(): label
            for digit, label in zip(images[rows], labels[rows].tolist(), strict=True)
        }
        wanted = [name for name in names if name.startswith(part)][:100]
        for file in source.read(wanted):
            header, _, content = file.content.partition(b"\n")
            assert header == b"P6 28 28 255"
            pixels = np.frombuffer(content, np.uint8).reshape(28, 28, 3)
            digits = [known[pixels[..., channel].tobytes()] for channel in range(3)]
            assert file.name.split("/")[1] == "".join(map(str, digits))


def test_the_choice_is_fixed_for_ever() -> None:
    # Another choice is another data set: scores of older runs would be compared with other images.
    names = find_source("stacked-digits").names()
    assert names[0] == "train/779/00000.ppm" and names[-1] == "test/397/09999.ppm"
    assert hashlib.sha256("\n".join(names).encode()).hexdigest()[:16] == "444788971555ec2f"


def test_any_order_of_reading_gives_the_same_pictures() -> None:
    source = find_source("stacked-digits")
    names = source.names()
    wanted = [names[0], names[-1], names[7]]
    forward = {file.name: file.content for file in source.read(wanted)}
    backward = {file.name: file.content for file in source.read(wanted[::-1])}
    assert forward == backward and len(set(forward.values())) == 3


def write_mnist(root: Path, images: int) -> None:
    """MNIST's four files with 20 labels each; the brightness of a digit is ten times its label."""
    labels = np.arange(20) % 10
    pixels = np.broadcast_to(labels[:, None, None] * 10, (20, 28, 28))[:images]
    for part in ("train", "t10k"):
        write_idx(root / "mnist" / f"{part}-images-idx3-ubyte.gz", pixels)
        write_idx(root / "mnist" / f"{part}-labels-idx1-ubyte.gz", labels)


def test_mnists_digits_are_stacked_as_the_bundled_ones_are(tmp_path: Path) -> None:
    write_mnist(tmp_path, images=20)
    source = find_source("stacked-mnist", tmp_path)
    names = source.names()
    assert len(names) == 138_000
    assert sum(name.startswith("test/") for name in names) == 10_000
    for file in source.read([names[0], names[128_000], names[-1]]):
        pixel = file.content.removeprefix(b"P6 28 28 255\n")[:3]
        assert "".join(str(value // 10) for value in pixel) == file.name.split("/")[1]


def test_a_set_with_fewer_images_than_labels_is_told_before_it_is_stacked(tmp_path: Path) -> None:
    write_mnist(tmp_path, images=19)
    source = find_source("stacked-mnist", tmp_path)
    with pytest.raises(ZerosumError, match="has fewer images than labels"):
        list(source.read(source.names()[:1]))
