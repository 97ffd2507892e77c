"""Which images train and which are held out."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.conftest import Settings
from tests.data.files import noise, write_folder, write_zip
from zerosum.data import open_data
from zerosum.data.opening import divide
from zerosum.errors import ZerosumError
from zerosum.recipe.data import DataSettings


def chosen(**fields: object) -> DataSettings:
    return DataSettings.model_validate(fields)


@given(
    st.integers(1, 300),
    st.floats(0, 0.9),
    st.integers(0, 400),
    st.integers(0, 5),
    st.sampled_from(["train", "all"]),
)
def test_limit_and_validation_never_share_an_image(
    images: int, validation: float, limit: int, seed: int, split: str
) -> None:
    settings = chosen(validation=validation, limit=limit, split=split)
    train, held_out = divide(np.zeros(images, bool), settings, seed)
    assert not set(train) & set(held_out)
    assert len(held_out) == round(validation * images)
    rest = images - len(held_out)
    assert len(train) == (min(limit, rest) if limit else rest)
    assert len(set(train)) == len(train)
    again = divide(np.zeros(images, bool), settings, seed)
    np.testing.assert_array_equal(again[0], train)


def test_a_limit_does_not_change_what_is_held_out() -> None:
    none = np.zeros(100, bool)
    whole = divide(none, chosen(validation=0.2), 0)
    few = divide(none, chosen(validation=0.2, limit=10), 0)
    np.testing.assert_array_equal(whole[1], few[1])
    assert set(few[0]) < set(whole[0])


def test_another_seed_chooses_other_images() -> None:
    none = np.zeros(100, bool)
    first, second = (divide(none, chosen(validation=0.5), seed) for seed in (0, 1))
    assert first[1].tolist() != second[1].tolist()


def test_an_own_test_split_is_kept() -> None:
    test = np.arange(100) >= 90
    train, held_out = divide(test, chosen(validation=0.5, limit=20), 0)
    assert held_out.tolist() == list(range(90, 100))
    assert len(train) == 20
    assert max(train) < 90


def test_the_test_split_may_be_trained_on() -> None:
    test = np.arange(100) >= 90
    train, held_out = divide(test, chosen(validation=0.2, split="test"), 0)
    assert sorted([*train, *held_out]) == list(range(90, 100))
    assert len(held_out) == 2


def test_all_means_training_and_test_images_together() -> None:
    test = np.arange(100) >= 90
    train, held_out = divide(test, chosen(validation=0.2, split="all"), 0)
    assert sorted([*train, *held_out]) == list(range(100))


def test_a_missing_test_split_is_told() -> None:
    with pytest.raises(ZerosumError, match="photos has no test images of its own"):
        divide(np.zeros(10, bool), chosen(source="photos", split="test"), 0)


def test_labels_belong_to_their_images(tmp_path: Path, cache: Path, settings: Settings) -> None:
    files = {
        f"{kind}/{i}.png": noise(i + 50 * (kind == "dog"))
        for kind in ("cat", "dog")
        for i in range(20)
    }
    data = open_data(settings(write_zip(tmp_path / "set.zip", files)), 3, cache=cache)
    assert data.train.class_names == ("cat", "dog")
    by_name = {name: index for index, name in enumerate(files)}
    assert data.train.labels is not None
    for row in data.train.rows:
        name = next(name for name, index in by_name.items() if index == row)
        assert data.train.class_names[data.train.labels[row]] == name.split("/")[0]


def test_take_gives_the_images_at_positions(
    tmp_path: Path, cache: Path, settings: Settings, pictures: dict[str, bytes]
) -> None:
    data = open_data(settings(write_folder(tmp_path / "set", pictures)), 0, cache=cache)
    taken = data.train.take(np.array([3, 0]))
    np.testing.assert_array_equal(taken, data.train.pixels[data.train.rows[[3, 0]]])
    assert taken.flags.writeable


def test_too_many_bad_files_stop_with_their_names(
    tmp_path: Path, cache: Path, settings: Settings, pictures: dict[str, bytes]
) -> None:
    folder = write_folder(tmp_path / "set", {**pictures, "all/bad.png": b"<html>"})
    with pytest.raises(ZerosumError) as told:
        open_data(settings(folder), 0, cache=cache)
    assert "1 of 31 image files" in told.value.what
    assert "all/bad.png: not an image" in told.value.what
    assert f"zerosum data check {folder}" in told.value.remedy
    assert told.value.remedy.endswith("--data.max_bad 0.04")
    accepted = open_data(settings(folder, max_bad=0.04), 0, cache=cache)
    assert (accepted.bad, len(accepted.train) + len(accepted.held_out)) == (1, 30)


def test_a_source_of_bad_files_alone_is_told(
    tmp_path: Path, cache: Path, settings: Settings
) -> None:
    folder = write_folder(tmp_path / "set", {"1.png": b"<html>"})
    with pytest.raises(ZerosumError, match=r"no usable image in .*: 1 of 1 image files") as told:
        open_data(settings(folder, max_bad=1.0), 0, cache=cache)
    assert "max_bad" not in told.value.remedy


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "counts", "classes"),
    [
        ("cifar10.zip", (10_000, 2_000), 10),
        ("cifar10.zip/test", (1_600, 400), 10),
        ("bedroom-original.zip", (640, 160), 0),
    ],
)
def test_real_archives_are_divided_as_their_folders_say(
    name: str,
    counts: tuple[int, int],
    classes: int,
    real_data: Path,
    cache: Path,
    settings: Settings,
) -> None:
    data = open_data(settings(real_data / name, resolution=32), 0, cache=cache)
    assert (len(data.train), len(data.held_out)) == counts
    assert len(data.train.class_names) == classes
    assert data.bad == 0
