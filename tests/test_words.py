"""Counts with their nouns."""

import pytest

from zerosum.words import counted, roughly


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


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.2, "0 s"),
        (89, "89 s"),
        (90, "2 min"),
        (3_569, "59 min"),
        (3_571, "1 h 00 min"),
        (7_800, "2 h 10 min"),
        (200_000, "2 days"),
    ],
)
def test_an_estimate_is_said_in_the_unit_it_deserves(seconds: float, expected: str) -> None:
    assert roughly(seconds) == expected
