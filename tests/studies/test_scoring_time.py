"""The first lines of a study say how long its scores will take, where that is long."""

from pathlib import Path
from typing import Any

import pytest

from tests.studies.tiny import tiny_study
from zerosum import api_studies
from zerosum.studies import scoring_time as module
from zerosum.studies.attempt import Means
from zerosum.studies.cells import cells_of
from zerosum.studies.runner import StudyListener
from zerosum.studies.scoring_time import ScoringTime, scoring_time

MEANS = Means(1, "cpu")
SCORED = {"evaluation.images": 2_000}


@pytest.fixture
def tenth(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A network that takes a tenth of a second for an image; what was measured."""
    measured: list[str] = []

    def computing(*_: Any) -> float:
        measured.append("network")
        return 0.1

    monkeypatch.setattr(module, "seconds_to_compute", computing)
    monkeypatch.setattr(module, "seconds_to_read", lambda *_: 0.0)
    return measured


def test_the_time_is_that_of_the_pictures_of_all_cells_and_of_real_images_once(
    tenth: list[str],
) -> None:
    cells = cells_of(tiny_study(settings=SCORED, seeds=(0, 1)))
    one, two = (scoring_time(cells, MEANS, jobs) for jobs in (1, 2))
    assert one.extractor == "digits" and one.generated == 4 * 2_000
    assert one.floor and "real against real" in one.for_floor
    assert one.seconds == pytest.approx(0.1 * (one.real + one.generated))
    assert two.seconds == pytest.approx(0.1 * (one.real + one.generated / 2))
    assert len(tenth) == 2 * 2, "cells that differ in the seed alone cost the same"


def test_checkpoints_that_are_compared_count() -> None:
    cells = cells_of(tiny_study(settings={**SCORED, "schedule.evaluate_every": 160}))
    # 320 images: two comparisons on a fourth of the pictures.
    assert scoring_time(cells, MEANS, 1).generated == 2 * (2_000 + 2 * 500)


def test_what_is_not_scored_takes_no_time() -> None:
    assert scoring_time(cells_of(tiny_study()), MEANS, 1) == ScoringTime()


def test_more_than_two_minutes_are_told_with_what_is_shorter() -> None:
    told = ScoringTime("inception", 10_000, 50_000, 7_300.0).lines(10_000)
    assert told == [
        "scoring will take about 2 hours in all: inception features of 10,000 real and 50,000 "
        "generated images, without the training",
        "  shorter: --evaluation.images 2000 (in another folder: --out)",
    ]
    assert ScoringTime("digits", 0, 50_000, 100.0).lines(10_000) == []


class BegunError(Exception):
    """The first cell would begin."""


def test_it_is_said_before_the_first_cell_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    class Hearing(StudyListener):
        def message(self, text: str) -> None:
            said.append(text)

    def begun(*_: Any, **__: Any) -> None:
        raise BegunError

    monkeypatch.setattr(api_studies, "run_study", begun)
    monkeypatch.setattr(
        api_studies, "scoring_time", lambda *_: ScoringTime("inception", 0, 4_000, 3_600.0)
    )
    with pytest.raises(BegunError):
        api_studies.study(
            tiny_study(settings=SCORED), tmp_path / "study", listener=Hearing(), device="cpu"
        )
    assert said[0].startswith("scoring will take about 60 minutes") and "400" in said[1]
