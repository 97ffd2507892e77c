import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from zerosum.errors import ZerosumError
from zerosum.recipe.load import load_recipe
from zerosum.records.run import RunFolder
from zerosum.report import write_charts
from zerosum.report.charts import discriminator_figure, gradients_figure, losses_figure, png
from zerosum.report.page.chart_data import tick_names
from zerosum.report.run_charts import training_charts

MakeRun = Callable[..., RunFolder]
LogLines = Callable[..., list[dict[str, Any]]]


GAN, SATURATING, WASSERSTEIN, HINGE = (
    load_recipe("digits", {"objective.loss": loss})
    for loss in ("non-saturating", "saturating", "wasserstein", "hinge")
)


def grey(content: bytes) -> NDArray[np.uint8]:
    """A PNG's pixels in grey, (H, W) uint8."""
    return np.asarray(Image.open(io.BytesIO(content)).convert("L"))


def words(figure: Figure) -> str:
    """The titles, axis labels and legends of a figure."""
    found = [figure.get_suptitle()]
    for axes in figure.axes:
        found += [axes.get_xlabel(), axes.get_ylabel()]
        found += [text.get_text() for text in axes.texts]
        legend = axes.get_legend()
        found += [text.get_text() for text in legend.get_texts()] if legend else []
    return "\n".join(found)


def pixel_of(figure: Figure, images: float, value: float) -> tuple[int, int]:
    """The column and row of a point of the first axes in the drawn PNG."""
    across, up = figure.axes[0].transData.transform((images, value))
    return int(across), int(figure.bbox.height - up)


def changed(lines: Sequence[dict[str, Any]], **fields: Sequence[float]) -> list[dict[str, Any]]:
    """The lines with whole columns replaced."""
    rows = [dict(zip(fields, row, strict=True)) for row in zip(*fields.values(), strict=True)]
    return [{**line, **row} for line, row in zip(lines, rows, strict=True)]


def test_a_classifier_has_its_losses_and_a_chart_of_how_often_it_is_right(
    log_lines: LogLines,
) -> None:
    fields = {"network.discriminator.classes": "classifier", "data.classes": ("even", "odd")}
    recipe = load_recipe("digits-classes", fields)
    named = {"classified_real": 0.9, "classified_fake": 0.6, "loss_classifier_real": 0.3}
    lines = [line | named for line in log_lines(20)]
    charts = {chart.key: chart for chart in training_charts(lines, recipe)}
    curves = [each.label for each in charts["classifier"].series]
    assert curves == ["real images", "generated images"]
    assert [level.value for level in charts["classifier"].levels] == [0.5]
    assert "classifier's loss, real images" in [each.label for each in charts["losses"].series]
    assert "classes named" in words(discriminator_figure(lines, recipe, "run"))


def test_a_run_gets_three_charts_with_curves_in_them(
    make_run: MakeRun, log_lines: LogLines
) -> None:
    run = make_run(log_lines(300))
    paths = write_charts(run)
    assert [path.relative_to(run.path) for path in paths] == [
        Path("charts/losses.png"),
        Path("charts/discriminator.png"),
        Path("charts/gradients.png"),
    ]
    for path in paths:
        pixels = grey(path.read_bytes())
        assert pixels.shape[0] > 400 and pixels.shape[1] > 800
        assert len(np.unique(pixels)) > 60
        # Dark ink over a third of the columns below the legend: a curve, not only a frame.
        curve = (pixels[120:, 100:] < 90).any(axis=0)
        assert curve.mean() > 0.33
    assert sorted(path.name for path in run.charts.iterdir()) == sorted(p.name for p in paths)


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("loss", ["non-saturating", "wasserstein"])
def test_a_run_that_has_hardly_begun_gets_its_charts_too(
    make_run: MakeRun, count: int, loss: str, log_lines: LogLines
) -> None:
    for path in write_charts(make_run(log_lines(count, distance=1.5), loss=loss, state={})):
        assert grey(path.read_bytes()).min() < 90


def test_one_log_line_shows_as_points(log_lines: LogLines) -> None:
    figure = discriminator_figure(log_lines(1), SATURATING, "t")
    pixels = grey(png(figure))
    for score in (0.7, 0.3, 0.2):
        column, row = pixel_of(figure, 3200, score)
        assert pixels[row - 2 : row + 3, column - 2 : column + 3].min() < 180


def test_curves_differ_in_grey_by_lightness_and_by_line(log_lines: LogLines) -> None:
    scores = {"d_real": 0.8, "d_fake_before": 0.6, "d_fake_after": 0.2}
    figure = discriminator_figure(log_lines(200, **scores), SATURATING, "t")
    pixels = grey(png(figure))
    rows = [pixel_of(figure, 0, score)[1] for score in scores.values()]
    solid, dashed, dotted = (pixels[row, 120:-40].astype(int) for row in rows)
    lightness = [int(np.percentile(row, 5)) for row in (solid, dashed, dotted)]
    assert np.diff(lightness).min() > 30, lightness
    # What of a line's length lets the background through: nothing but the markers' white edges,
    # the gaps between dashes, the gaps between dots.
    solid_gaps, dashed_gaps, dotted_gaps = (
        float((row > lightest + 40).mean())
        for row, lightest in zip((solid, dashed, dotted), lightness, strict=True)
    )
    assert solid_gaps < 0.08 < dashed_gaps < dotted_gaps


def test_values_that_are_not_finite_leave_a_marked_gap(log_lines: LogLines) -> None:
    lines = log_lines(40)
    loss: list[Any] = [1.0] * 40
    loss[20:28] = [float("nan"), float("inf"), float("-inf"), None] * 2
    figure = losses_figure(changed(lines, loss_generator=loss), GAN, "t")
    assert "not finite (8 of 40 log lines)" in words(figure)
    assert "not finite" not in words(losses_figure(lines, GAN, "t"))
    bold = next(line for line in figure.axes[0].lines if line.get_label() == "generator's loss")
    values = np.asarray(bold.get_ydata(), dtype=float)
    assert 0 < np.isnan(values).sum() < len(values) / 2
    assert grey(png(figure)).min() < 60


def test_gigantic_values_do_not_break_a_chart(log_lines: LogLines) -> None:
    lines = changed(log_lines(3), loss_generator=[1e308, -1e308, 1.0])
    assert "not finite (2 of 3" in words(losses_figure(lines, WASSERSTEIN, "t"))
    png(losses_figure(lines, WASSERSTEIN, "t"))


def test_a_rare_spike_does_not_squeeze_the_curves_and_is_told(log_lines: LogLines) -> None:
    losses = [1.0, 2.0] * 100
    losses[5] = 5000.0
    figure = losses_figure(changed(log_lines(200), loss_generator=losses), HINGE, "t")
    assert figure.axes[0].get_ylim()[1] < 10
    assert "all values: 0.5 to 5e+03" in words(figure)


def test_a_wasserstein_critic_shows_the_distance_with_its_sign(log_lines: LogLines) -> None:
    text = words(losses_figure(log_lines(5, distance=2.0), WASSERSTEIN, "t"))
    assert "E D(x) − E D(G(z))" in text
    assert "larger: further apart" in text


def test_a_penalty_is_drawn_apart_from_the_loss(log_lines: LogLines) -> None:
    with_penalty = words(losses_figure(log_lines(5, penalty=0.4), WASSERSTEIN, "t"))
    assert "critic's loss" in with_penalty and "loss, without the penalty" in with_penalty
    assert "penalty, weighted" in with_penalty
    assert "penalty" not in words(losses_figure(log_lines(5), WASSERSTEIN, "t"))


def test_scores_are_probabilities_only_where_the_loss_makes_them_so(log_lines: LogLines) -> None:
    probability = discriminator_figure(log_lines(5), GAN, "t")
    assert "probability" in words(probability)
    assert probability.axes[0].get_ylim() == pytest.approx((-0.02, 1.02))
    critic = discriminator_figure(log_lines(5, d_real=40.0), WASSERSTEIN, "t")
    assert "critic's output" in words(critic)
    assert critic.axes[0].get_ylim()[1] > 40


def test_gradient_norms_over_two_decades_are_drawn_logarithmically(log_lines: LogLines) -> None:
    narrow = gradients_figure(log_lines(5, gradient_norm_discriminator=49.0), HINGE, "t")
    wide = gradients_figure(log_lines(5, gradient_norm_discriminator=51.0), HINGE, "t")
    assert narrow.axes[0].get_yscale() == "linear"
    assert wide.axes[0].get_yscale() == "log"
    png(gradients_figure(log_lines(5, gradient_norm_generator=0.0), HINGE, "t"))


def test_titles_name_the_run_and_the_data_and_no_name_is_a_formula(log_lines: LogLines) -> None:
    figure = losses_figure(log_lines(2), HINGE, r"Losses of $\frac$, trained on 数字")
    assert r"$\frac$" in words(figure)
    png(figure)


def test_a_folder_that_is_no_run_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ZerosumError, match="no run"):
        write_charts(RunFolder(tmp_path / "nothing"))


def test_ticks_of_a_page_are_written_alike_on_every_axis() -> None:
    assert tick_names([1e-5, 1.0, 1e6], log=True) == ["1e−5", "1", "1e6"]
    assert tick_names([0.0, 1e-5, 2e-5], log=False) == ["0", "1e−5", "2e−5"]
