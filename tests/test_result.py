"""One result of a run, whatever else is measured later."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerosum.records.logs import ScoreLine, result_of, results_of


def line(kind: str, images: int = 200, **parts: Any) -> ScoreLine:
    """A line of scores.jsonl; `parts` are of its protocol."""
    protocol = {"fakes": 1000, "extractor": "digits", "version": "1"} | parts
    return ScoreLine(kind, images, {}, protocol)


OWN = line("final")
WAY = [line("selection", 100, fakes=250), line("selection", 200, fakes=250)]
ASKED = [
    line("manual", 200, extractor="inception-2048"),
    line("manual", 200, fakes=500),
    line("manual", 100),
]

kinds = st.sampled_from(["selection", "final", "manual"])
many = st.lists(st.builds(line, kinds, st.integers(0, 3), fakes=st.sampled_from([500, 1000])))


def test_what_a_training_reports_is_its_result() -> None:
    assert result_of([*WAY, OWN]) is OWN
    longer = line("final", 400)
    assert result_of([*WAY, OWN, *WAY, longer]) is longer


@given(many, st.lists(st.sampled_from(ASKED)))
def test_nothing_that_is_asked_for_later_changes_what_was_reported(
    lines: list[ScoreLine], asked: list[ScoreLine]
) -> None:
    before = [*lines, OWN]
    assert result_of([*before, *asked]) is OWN
    assert results_of([*before, *asked])[0] is OWN


def test_of_a_run_that_reported_nothing_the_first_score_of_the_newest_checkpoint_counts() -> None:
    early, first, again = line("manual", 100), line("manual", 200), line("manual", 200, fakes=500)
    assert result_of([*WAY, early, first, again, early]) is first


def test_of_a_run_that_reported_nothing_a_score_of_few_images_gives_way_to_one_of_many() -> None:
    few, many, later = (line("manual", fakes=count) for count in (50, 10_000, 10_000))
    assert result_of([*WAY, few, many, later]) is many
    assert result_of([many, few]) is many


@pytest.mark.parametrize("lines", [[], WAY])
def test_compared_checkpoints_are_no_result(lines: list[ScoreLine]) -> None:
    assert result_of(lines) is None
    assert results_of(lines) == lines[-1:]


def test_what_else_was_measured_comes_after_the_result_the_newest_first() -> None:
    assert results_of([*WAY, OWN, *ASKED]) == [OWN, *reversed(ASKED)]


def test_the_same_measurement_is_told_once() -> None:
    same = line("manual", version="2", name="custom")
    assert results_of([OWN, same, ASKED[0], ASKED[0]]) == [OWN, ASKED[0]]
    assert results_of([OWN, line("manual", seed=1)]) == [OWN, line("manual", seed=1)]


def test_other_scores_of_the_same_measurement_are_told_too() -> None:
    fid, kid = (
        replace(OWN, kind="manual", scores={name: {"value": 1.0}}) for name in ("fid", "kid")
    )
    assert results_of([fid, kid]) == [fid, kid]
    assert results_of([fid, kid, fid]) == [fid, kid]


@given(many)
def test_no_line_is_invented(lines: list[ScoreLine]) -> None:
    assert all(any(each is line for line in lines) for each in results_of(lines))


@pytest.mark.parametrize(
    ("earlier", "kind"), [("compared", "selection"), ("reported", "final"), ("asked", "manual")]
)
def test_the_kinds_that_earlier_runs_wrote_are_read_as_those_of_today(
    earlier: str, kind: str
) -> None:
    today = line(kind)
    assert ScoreLine.from_dict(today.as_dict() | {"kind": earlier}) == today
