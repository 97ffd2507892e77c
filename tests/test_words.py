"""Counts with their nouns."""

import pytest

from zerosum.words import counted


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (counted(1, "unreadable file"), "1 unreadable file"),
        (counted(2, "unreadable file"), "2 unreadable files"),
        (counted(0, "step"), "0 steps"),
        (counted(1_200, "image"), "1,200 images"),
        (counted(1, "process", "processes"), "1 process"),
        (counted(3, "process", "processes"), "3 processes"),
    ],
)
def test_one_thing_is_one_and_all_others_are_several(said: str, expected: str) -> None:
    assert said == expected
