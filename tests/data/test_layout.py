"""Classes and splits are read off folders only where the folders really say so."""

import pytest

from zerosum.data.layout import layout, question


def test_class_folders_give_labels() -> None:
    found = layout(["cat/1.png", "dog/2.png", "cat/3.png"])
    assert found.labels is not None
    assert (found.labels.tolist(), found.class_names) == ([0, 1, 0], ("cat", "dog"))
    assert not found.test.any()


def test_numbered_classes_are_ordered_by_number() -> None:
    assert layout(["10/a.png", "9/b.png", "x/c.png"]).class_names == ("9", "10", "x")


def test_an_order_that_the_source_knows_is_kept() -> None:
    names = ["dog/1.png", "bird/2.png", "cat/3.png"]
    assert layout(names, ("dog", "cat", "emu")).class_names == ("dog", "cat", "bird")


@pytest.mark.parametrize(
    "names",
    [
        ["1.png", "2.png"],
        ["all/1.png", "all/2.png"],
        ["cat/1.png", "dog/2.png", "3.png"],
        ["bedroom/a/3/f/x.jpg", "bedroom/b/2/e/y.jpg"],  # LSUN's folders mean nothing
        [],
    ],
)
def test_other_folders_give_none(names: list[str]) -> None:
    found = layout(names)
    assert (found.labels, found.class_names) == (None, ())


@pytest.mark.parametrize("top", ["", "archive/", "archive/images/"])
def test_a_test_folder_is_a_split(top: str) -> None:
    names = ["train/cat/1.png", "Test/cat/2.png", "train/dog/3.png"]
    found = layout([top + name for name in names])
    assert found.test.tolist() == [False, True, False]
    assert found.class_names == ("cat", "dog")


def test_a_validation_folder_is_held_out_where_there_is_no_test_folder() -> None:
    assert layout(["train/1.png", "val/2.png"]).test.tolist() == [False, True]
    assert layout(["train/1.png", "val/2.png", "test/3.png"]).test.tolist() == [False, False, True]


def test_a_test_folder_beside_other_folders_is_no_split() -> None:
    found = layout(["train/1.png", "test/2.png", "ship/3.png"])
    assert not found.test.any()
    assert found.class_names == ("ship", "test", "train")


PAIRS = [f"{folder}/{number}.png" for folder in ("images", "masks") for number in range(5)]


@pytest.mark.parametrize(
    "names",
    [
        PAIRS,
        [f"set/{name}" for name in PAIRS],
        [f"{part}/{name}" for part in ("train", "test") for name in PAIRS],
        [name.replace(".png", "/1.png") for name in PAIRS],
        ["photos/1.jpg", "photos/2.jpg", "GT/1.png", "other/x.png"],
    ],
)
def test_masks_beside_images_are_a_question_and_not_a_class(names: list[str]) -> None:
    asked = question(names)
    assert asked is not None
    assert "images and their masks, or two classes?" in asked[0]


@pytest.mark.parametrize(
    "names",
    [
        ["cats/1.png", "cats/2.png", "dogs/1.png", "dogs/2.png"],
        ["images/1.png", "images/2.png", "masks/3.png", "masks/4.png"],
        ["masks/1.png", "masks/2.png"],
        ["depth.png", "labels"],
        [],
    ],
)
def test_other_folders_are_no_question(names: list[str]) -> None:
    assert question(names) is None


def test_classes_that_are_told_go_before_folders() -> None:
    names = ["0/1.png", "0/2.png", "1/3.png"]
    found = layout(names, (), {"0/1.png": "b", "0/2.png": "a", "1/3.png": "b"})
    assert found.class_names == ("a", "b")
    assert found.labels is not None
    assert found.labels.tolist() == [1, 0, 1]
    assert layout(names, (), {}).labels is None
