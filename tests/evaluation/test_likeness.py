"""Whether generated images are like the data at all."""

from dataclasses import replace

import pytest

from zerosum.evaluation.likeness import LEAST, OVERLAPS, likeness
from zerosum.records.logs import ScoreLine


def line(**scores: float | None) -> ScoreLine:
    of_each = {name: {"value": value, "error": None} for name, value in scores.items()}
    return ScoreLine("manual", 0, of_each, {})


def test_noise_is_not_like_the_data_whatever_its_distance() -> None:
    found = likeness(line(fid=3.0, kid=0.01, precision=LEAST, recall=0.0, coverage=0.002))
    assert found.like is False
    assert found.reason == "precision 0.010, recall 0.000, coverage 0.002"


@pytest.mark.parametrize("name", OVERLAPS)
def test_one_score_of_overlap_is_enough_to_be_like_the_data(name: str) -> None:
    nothing = dict.fromkeys(OVERLAPS, 0.0)
    assert likeness(line(fid=300.0, **{**nothing, name: 0.02})).like is True


def test_distances_alone_do_not_tell() -> None:
    found = likeness(line(fid=300.0, kid=0.5))
    assert found.like is None and "precision" in found.reason
    assert likeness(line(fid=300.0, precision=None)).like is None


def test_restored_pictures_are_like_their_originals() -> None:
    assert likeness(replace(line(precision=0.0), versions={"restored": {}})).like is True
