import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zerosum.report.chart_figure import marked_points
from zerosum.report.logged_chart import POINTS, chunk_means, column

values = st.lists(st.none() | st.floats(), max_size=400)


@given(values)
def test_chunk_means_stay_within_what_was_logged(logged: list[float | None]) -> None:
    lines = [{"loss": value, "images": 64 * place} for place, value in enumerate(logged)]
    raw = column(lines, "loss")
    images, means = chunk_means(column(lines, "images"), raw)
    assert len(images) == len(means) <= POINTS
    assert (np.diff(images) > 0).all()
    finite = raw[np.isfinite(raw)]
    if not len(finite):
        assert np.isnan(means).all()
        return
    there = means[np.isfinite(means)]
    slack = 1e-9 * np.abs(finite).max()
    assert len(there)
    assert finite.min() - slack <= there.min() and there.max() <= finite.max() + slack


def test_a_long_run_is_drawn_with_a_hundred_means_of_equal_share() -> None:
    lines = [{"loss": float(place % 10), "images": place} for place in range(1000)]
    images, means = chunk_means(column(lines, "images"), column(lines, "loss"))
    assert len(images) == 100
    assert np.allclose(means, 4.5)
    assert images[0] == 4.5


@given(values)
def test_every_point_that_no_line_reaches_carries_a_marker(logged: list[float | None]) -> None:
    raw = column([{"loss": value} for value in logged], "loss")
    marked = set(marked_points(raw))
    for place in np.flatnonzero(np.isfinite(raw)):
        beside = raw[max(0, place - 1) : place + 2]
        if np.isfinite(beside).sum() == 1:
            assert int(place) in marked
    assert all(np.isfinite(raw[place]) for place in marked)
