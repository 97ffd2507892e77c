"""Which scores are laid side by side, and when one of them is called the best."""

import math
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from zerosum.evaluation.protocol import DECISIVE, Protocol
from zerosum.report.comparison.ranking import (
    SURE,
    best_of,
    choose_lines,
    comparable,
    difference_words,
    groups,
    result_lines,
)
from zerosum.report.comparison.score_tables import score_table

PROTOCOL: dict[str, Any] = {
    "name": "custom",
    "fakes": 1000,
    "reals": 2000,
    "real_data": "digits",
    "real_part": "held out",
    "real_fingerprint": "aa",
    "resolution": 32,
    "channels": 1,
    "extractor": "digits",
    "weights": "bb",
    "resize": "none",
    "precision": "float32",
    "approximate": False,
    "source": "demo",
    "fit": "pad",
    "checkpoint": "000001000",
    "generator": "last",
}


def line(
    fid: float = 3.0, error: float | None = 0.1, kind: str = "asked", **protocol: object
) -> dict[str, Any]:
    """A line of scores.jsonl."""
    return {
        "images": 1000,
        "kind": kind,
        "scores": {"fid": {"value": fid, "error": error}},
        "protocol": PROTOCOL | protocol,
        "floor": {},
        "floor_words": "",
        "notes": [],
    }


numbers = st.floats(-100, 100)
errors = st.none() | st.floats(0, 10)
values = st.lists(
    st.none() | st.fixed_dictionaries({"value": st.none() | numbers, "error": errors}), max_size=6
)
lines = st.lists(
    st.none()
    | st.builds(
        line,
        numbers,
        errors,
        fakes=st.sampled_from([1000, 2000]),
        real_fingerprint=st.sampled_from(["aa", "cc"]),
        fit=st.sampled_from(["pad", "crop", ""]),
    ),
    max_size=6,
)


@given(values, st.sampled_from(["lower", "higher"]))
def test_a_best_is_ahead_of_every_other_beyond_twice_both_errors(
    scores: Sequence[dict[str, float | None] | None], better: str
) -> None:
    best = best_of(scores, better)
    if best is None:
        return
    first = scores[best]
    others = [each for place, each in enumerate(scores) if each is not None and place != best]
    assert first is not None and others, "one alone is no best"
    sign = 1 if better == "lower" else -1
    for other in others:
        assert first["error"] is not None and other["error"] is not None
        ahead = sign * (as_number(other) - as_number(first))
        assert ahead > SURE * math.hypot(first["error"], other["error"])


def as_number(score: dict[str, float | None]) -> float:
    value = score["value"]
    return math.inf if value is None else value


def test_a_best_is_named_where_the_errors_allow_it() -> None:
    near, far = {"value": 3.0, "error": 0.1}, {"value": 4.0, "error": 0.1}
    assert best_of([far, near], "lower") == 1
    assert best_of([far, near], "higher") == 0
    assert best_of([far, {"value": 3.8, "error": 0.1}], "lower") is None, "within the errors"
    assert best_of([near, near], "lower") is None
    assert best_of([far, None, near], "lower") == 2
    assert best_of([far, near | {"error": None}], "lower") is None, "its error is not known"
    assert best_of([near], "lower") is None


@given(lines)
def test_groups_hold_every_line_once_and_comparable_ones_alone(
    scored: Sequence[dict[str, Any] | None],
) -> None:
    found = groups(scored)
    places = [place for group in found for place in group]
    assert sorted(places) == [place for place, each in enumerate(scored) if each is not None]
    for group in found:
        for place in group:
            for other in group:
                one, two = scored[place], scored[other]
                assert one is not None and two is not None and comparable(one, two)


@given(lines)
def test_a_best_is_never_marked_across_protocols(scored: Sequence[dict[str, Any] | None]) -> None:
    for group in groups(scored):
        own = [(str(place), each) for place in group if (each := scored[place]) is not None]
        table = score_table(own)
        assert len(table.rows) == len(group)
        assert not table.best or len(group) > 1


def test_the_largest_group_comes_first() -> None:
    assert groups([line(fakes=10), line(), None, line()]) == [[1, 3], [0]]


@given(st.lists(st.lists(st.builds(line, numbers, errors, fakes=st.sampled_from([1, 2, 3])))))
def test_chosen_lines_are_the_runs_own(scored: list[list[dict[str, Any]]]) -> None:
    chosen = choose_lines(scored)
    for own, each in zip(scored, chosen, strict=True):
        assert each in own if own else each is None


def test_the_newest_lines_are_chosen_and_older_ones_where_only_these_are_alike() -> None:
    first, second = [line(3.0), line(4.0)], [line(5.0)]
    assert choose_lines([first, second, []]) == [first[0], second[0], None]
    first = [line(3.0, fakes=500), line(4.0)]
    assert choose_lines([first, second]) == [first[1], second[0]]
    # The scores of an older checkpoint are not those of the run now.
    first = [line(3.0, fakes=500), line(4.0, checkpoint="000000500")]
    assert choose_lines([first, second]) == [first[0], second[0]]


def test_compared_checkpoints_stand_for_a_run_only_where_nothing_was_reported() -> None:
    compared, reported = line(2.0, kind="compared"), line(3.0, kind="reported")
    assert result_lines([compared, reported, compared]) == [reported]
    assert result_lines([compared]) == [compared]
    assert result_lines([reported], checkpoint="000000500") == []


@given(st.sampled_from(DECISIVE))
def test_what_differs_is_said_in_words(part: str) -> None:
    one = Protocol.from_dict(PROTOCOL | {"damage": "noise 1 (1 to 2); seed 0"})
    value = getattr(one, part)
    other = Protocol.from_dict(one.as_dict() | {part: value + 1 if value == 1 else "other"})
    words = difference_words(one, other)
    assert words and "_" not in words
    assert "here" in words or "not the same ones" in words
    assert not difference_words(one, one)


def test_of_damage_that_differs_in_the_seed_only_that_is_said() -> None:
    one, other = (
        Protocol.from_dict(PROTOCOL | {"damage": f"noise 1 (1 to 2); seed {seed}"})
        for seed in (0, 1)
    )
    assert difference_words(one, other) == "seed of the damage: 0 here, 1 there"
