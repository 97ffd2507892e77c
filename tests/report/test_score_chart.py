"""The chart of scores: what may stand on one axis stands there, and nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import matplotlib.colors
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from zerosum.evaluation.protocol import Protocol
from zerosum.records.logs import ScoreLine, Value
from zerosum.records.run import RunFolder
from zerosum.report.charts import png, write_charts
from zerosum.report.score_chart import score_lines, scores_figure
from zerosum.report.summary import write_summary

PROTOCOL = Protocol(
    name="digits",
    fakes=10_000,
    reals=2000,
    real_data="digits",
    real_part="held out",
    real_fingerprint="02f4",
    resolution=32,
    channels=1,
    extractor="digits",
    weights="f645",
    resize="none",
    precision="float32",
    approximate=False,
    source="demo",
)


def line(images: int, kind: str, fid: float, recall: float = 0.5, **parts: Any) -> ScoreLine:
    """A line of scores.jsonl; `parts` are of its protocol."""
    fakes = 2500 if kind == "selection" else 10_000
    scores: dict[str, Value] = {
        "fid": {"value": fid, "error": 0.5},
        "recall": {"value": recall, "error": None},
    }
    return ScoreLine(kind, images, scores, PROTOCOL.as_dict() | {"fakes": fakes} | parts)


TRAINING = [
    line(20_000, "selection", 30.0),
    line(40_000, "selection", 10.0),
    line(60_000, "selection", 12.0),
    replace(
        line(40_000, "final", 11.0),
        floor={"fid": {"value": 1.5, "error": None}},
        floor_size="",
    ),
]


def curves(axes: Axes) -> list[Line2D]:
    """The curves with error bars, in the order of drawing."""
    containers = [item for item in axes.containers if isinstance(item, ErrorbarContainer)]
    found = [container.lines[0] for container in containers]
    assert all(isinstance(curve, Line2D) for curve in found)
    return [curve for curve in found if curve is not None]


def drawn(axes: Axes) -> list[list[tuple[float, float]]]:
    """Their points."""
    return [
        [(float(x), float(y)) for x, y in np.asarray(curve.get_xydata())] for curve in curves(axes)
    ]


def chart(lines: Sequence[ScoreLine]) -> Figure:
    """The figure of lines of which there are enough."""
    figure = scores_figure(lines, "Scores of demo")
    assert figure is not None
    return figure


def legend_of(figure: Figure) -> list[str]:
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_compared_checkpoints_are_a_curve_and_the_result_is_a_diamond() -> None:
    figure = chart(TRAINING)
    fid, recall = figure.axes
    curve, result = drawn(fid)
    assert curve == [(20_000, 30), (40_000, 10), (60_000, 12)] and result == [(40_000, 11)]
    diamond = curves(fid)[1]
    assert diamond.get_marker() == "D" and diamond.get_linestyle() == "None"
    assert (fid.get_ylabel(), recall.get_ylabel()) == ("FID (digits)", "recall")
    assert recall.get_ylim() == (-0.02, 1.02)
    assert recall.get_xlabel() == "images seen in training"
    assert len(legend_of(figure)) == 3
    assert png(figure).startswith(b"\x89PNG")


def test_real_against_real_is_a_line_where_it_was_measured() -> None:
    fid, recall = chart(TRAINING).axes
    floors = [item for item in fid.lines if item.get_label() == "real against real"]
    assert [list(item.get_ydata()) for item in floors] == [[1.5, 1.5]]  # type: ignore[arg-type]
    assert not [item for item in recall.lines if item.get_label() == "real against real"]


@pytest.mark.parametrize(
    "part",
    [
        {"extractor": "inception-2048"},
        {"weights": "0000"},
        {"real_fingerprint": "other"},
        {"reals": 100},
        {"resize": "clean"},
        {"precision": "bf16"},
    ],
)
@pytest.mark.parametrize("kind", ["selection", "manual"])
def test_another_protocol_has_no_place_on_the_axes(kind: str, part: dict[str, Any]) -> None:
    other = line(50_000, kind, 99.0, **part)
    assert other not in score_lines([other, *TRAINING])
    assert len(score_lines([other, *TRAINING])) == len(TRAINING)


def test_an_evaluation_that_was_asked_for_takes_no_curve_away() -> None:
    asked = line(60_000, "manual", 80.0, extractor="inception-2048")
    assert score_lines([*TRAINING, asked]) == score_lines(TRAINING)
    assert score_lines([asked]) == [asked]


def test_results_of_other_numbers_of_images_are_not_laid_beside_each_other() -> None:
    few = line(60_000, "manual", 40.0, fakes=100)
    same = line(60_000, "manual", 12.5)
    shown = score_lines([*TRAINING, few, same])
    assert few not in shown and same in shown
    # Checkpoints are compared by fewer, all by as many.
    other = line(10_000, "selection", 50.0, fakes=50)
    assert other not in score_lines([other, *TRAINING])


def test_another_checkpoint_average_or_seed_of_the_run_is_no_other_protocol() -> None:
    other = line(20_000, "manual", 31.0, seed=7, generator="last", checkpoint="000020000")
    assert other in score_lines([*TRAINING, other])


def test_lines_are_drawn_in_the_order_of_the_images_seen() -> None:
    shuffled = [TRAINING[2], TRAINING[0], TRAINING[1]]
    curve = drawn(chart(shuffled).axes[0])[0]
    assert [images for images, _ in curve] == [20_000, 40_000, 60_000]


def test_a_score_that_only_the_result_has_is_no_panel_of_one_dot() -> None:
    result = line(60_000, "final", 11.0)
    own = {"fid": result.scores["fid"], "density": {"value": 0.7, "error": None}}
    figure = chart([*TRAINING[:3], replace(result, scores=own)])
    assert [axes.get_ylabel() for axes in figure.axes] == ["FID (digits)", "recall"]
    assert "result, on images of its own" in legend_of(figure)


def test_scores_of_different_checkpoints_lie_within_their_panels() -> None:
    lines = [line(images, "manual", 5.0) for images in (1_000, 2_000, 3_000)]
    fid = lines[0].scores["fid"]
    own = ({"kid": fid}, {"kid": fid, "fid": fid}, {"fid": fid})
    figure = chart([replace(each, scores=own[place]) for place, each in enumerate(lines)])
    assert len(figure.axes) == 2
    for axes in figure.axes:
        assert axes.get_xlim() == pytest.approx((0, 3150))


@pytest.mark.parametrize(
    "lines", [[], [line(1_000, "manual", 5.0)],
              [line(1_000, "selection", 6.0), line(1_000, "final", 5.0)]]
)  # fmt: skip
def test_fewer_than_two_scored_checkpoints_make_no_chart(lines: list[ScoreLine]) -> None:
    assert scores_figure(lines, "Scores of demo") is None


def test_curve_and_result_are_told_apart_without_colour() -> None:
    fid = chart(TRAINING).axes[0]
    curve, diamond = curves(fid)
    assert curve.get_marker() != diamond.get_marker()
    lightness = [sum(matplotlib.colors.to_rgb(item.get_color())) / 3 for item in (curve, diamond)]
    assert abs(lightness[0] - lightness[1]) > 0.15


def test_a_run_with_scores_gets_the_chart(
    make_run: Callable[..., RunFolder], log_lines: Callable[..., list[dict[str, Any]]]
) -> None:
    run = make_run(log_lines(5))
    for scored in TRAINING:
        run.add_scores(scored)
    assert run.charts / "scores.png" in write_charts(run)


def test_a_run_with_one_score_has_no_chart_of_it_nor_one_that_is_out_of_date(
    make_run: Callable[..., RunFolder], log_lines: Callable[..., list[dict[str, Any]]]
) -> None:
    run = make_run(log_lines(5))
    run.add_scores(TRAINING[-1])
    run.charts.mkdir(exist_ok=True)
    (run.charts / "scores.png").write_bytes(b"of before")
    assert run.charts / "scores.png" not in write_charts(run)
    assert not (run.charts / "scores.png").exists()
    assert "scores.png" not in write_summary(run).read_text()
