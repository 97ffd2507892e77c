"""The chart of compared scores has a column of minutes only where these say something."""

from pathlib import Path

import pytest

from tests.report.conftest import lines_of
from tests.report.page_runs import bare_run, score_line
from zerosum.comparing.sides import Side
from zerosum.records.lines import append_line
from zerosum.records.logs import ScoreLine
from zerosum.report.comparison.charts import scores_figure


@pytest.mark.parametrize(
    ("seconds", "columns"),
    [((), 1), ((60.0,), 1), ((60.0, 61.0), 1), ((60.0, 600.0), 2)],
    ids=["not logged", "known of one", "the same", "others"],
)
def test_minutes_are_drawn_where_they_differ(
    tmp_path: Path, seconds: tuple[float, ...], columns: int
) -> None:
    sides, lines = [], []
    for number, name in enumerate("ab"):
        run = bare_run(tmp_path / name)
        if number < len(seconds):
            line = lines_of(1)[0] | {"images": 80_000, "seconds": seconds[number]}
            append_line(run.metrics_file, line)
        sides.append(Side(name, name, run))
        lines.append((name, ScoreLine.from_dict(score_line(80_000, 3.0 + number))))
    figure, _ = scores_figure(sides, lines)
    assert figure is not None
    assert len(figure.axes) == 2 * columns, "FID and recall"
    assert all(axes.has_data() for axes in figure.axes)
