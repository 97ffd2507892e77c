"""Charts of a restoration: its phases, what no step measured, who trains."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tests.report.conftest import STATE, lines_of
from tests.report.test_charts import grey, words
from zerosum.recipe.load import load_recipe, recipe_to_toml
from zerosum.records.run import RunFolder
from zerosum.report import write_charts, write_summary
from zerosum.report.charts import (
    discriminator_figure,
    gradients_figure,
    losses_figure,
    png,
    switch_figure,
)
from zerosum.report.logged_chart import by_phase, spans

MakeRun = Callable[..., RunFolder]
MEASURED = {
    "generator": ("loss_pixel", "gradient_norm_generator"),
    "critic": (
        "loss_discriminator",
        "d_real",
        "d_fake_before",
        "accuracy",
        "gradient_norm_discriminator",
        "penalty",
    ),
}
"""What the steps of each player alone measure; both measure all."""
ADAPTIVE = load_recipe("restore", {"data.source": "digits", "schedule.switch": "adaptive"})
FIXED = load_recipe("restore", {"data.source": "digits", "schedule.switch": "fixed"})
POSITION = ("step", "images", "seconds", "images_per_second")


def phase_lines(
    generator: int, critic: int, adversarial: int, **changed: float
) -> list[dict[str, Any]]:
    """Log lines of a restoration, so many of each phase."""
    phases = ["generator"] * generator + ["critic"] * critic + ["adversarial"] * adversarial
    extra = {"loss_pixel": 0.015, "accuracy": 0.7} | changed
    lines = []
    for line, phase in zip(lines_of(len(phases), **extra), phases, strict=True):
        kept = (*POSITION, *MEASURED.get(phase, tuple(line)))
        share = {"generator": 1.0, "critic": 0.0}.get(phase, changed.get("generator_share", 0.4))
        own = {name: value for name, value in line.items() if name in kept}
        lines.append(own | {"phase": phase, "generator_share": share})
    return lines


@pytest.fixture
def make_restoration(tmp_path: Path) -> MakeRun:
    """Makes the folder of a restoration with these log lines and settings."""

    def make(lines: list[dict[str, Any]], **settings: Any) -> RunFolder:
        run = RunFolder(tmp_path / "restored")
        run.path.mkdir()
        recipe = load_recipe("restore", {"data.source": "digits"} | settings)
        run.recipe_file.write_text(recipe_to_toml(recipe))
        run.metrics_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        run.state_file.write_text(json.dumps(STATE))
        return run

    return make


def curve(figure: Figure, label: str) -> Line2D:
    """The bold curve of this label."""
    found = [line for axes in figure.axes for line in axes.lines if line.get_label() == label]
    assert len(found) == 1, label
    return found[0]


def borders(figure: Figure, panel: int) -> list[float]:
    """Where a panel has vertical lines over its whole height."""
    lines = [np.asarray(line.get_xdata(), dtype=float) for line in figure.axes[panel].lines]
    return [float(places[0]) for places in lines if len(places) == 2 and places[0] == places[1]]


def test_what_no_step_measured_is_not_marked_as_lost() -> None:
    lines = phase_lines(20, 10, 30)
    for figure in (
        losses_figure(lines, ADAPTIVE, "t"),
        discriminator_figure(lines, FIXED, "t"),
        gradients_figure(lines, ADAPTIVE, "t"),
        switch_figure(lines, ADAPTIVE, "t"),
    ):
        assert "not finite" not in words(figure)


def test_what_was_measured_and_is_not_finite_is_still_marked() -> None:
    lines = phase_lines(20, 10, 30)
    lines[40]["loss_discriminator"] = float("nan")
    lines[41]["loss_discriminator"] = None
    assert "not finite (2 of 60 log lines)" in words(losses_figure(lines, FIXED, "t"))


def test_the_pixel_loss_has_the_upper_panel_and_the_players_the_lower() -> None:
    figure = losses_figure(phase_lines(20, 10, 30), ADAPTIVE, "t")
    upper, lower = figure.axes
    assert "pixel loss" in upper.get_ylabel()
    labels = [line.get_label() for line in lower.lines]
    assert "generator's loss" in labels and "critic's loss" in labels
    pixel = np.asarray(curve(figure, "pixel loss").get_xdata(), dtype=float)
    values = np.asarray(curve(figure, "pixel loss").get_ydata(), dtype=float)
    drawn = pixel[np.isfinite(values)]
    assert not ((drawn > 20 * 3200) & (drawn <= 30 * 3200)).any(), "none in the critic's phase"
    assert drawn.max() > 55 * 3200


def test_a_border_lies_where_the_phase_before_was_logged_last() -> None:
    figure = losses_figure(phase_lines(20, 10, 30), FIXED, "t")
    for panel in range(2):
        assert borders(figure, panel) == [20 * 3200, 30 * 3200]
    for name in ("generator alone", "critic alone", "both"):
        assert words(figure).count(name) == 1


@pytest.mark.parametrize("counts", [(75, 25, 250), (40, 8, 36), (75, 2, 1), (75, 1, 0), (1, 0, 0)])
def test_the_names_of_the_phases_never_overlap_nor_leave_the_picture(
    counts: tuple[int, int, int],
) -> None:
    figure = losses_figure(phase_lines(*counts), ADAPTIVE, "t")
    png(figure)
    upper = figure.axes[0]
    boxes = [text.get_window_extent() for text in upper.texts if "values" not in text.get_text()]
    assert len(boxes) == sum(count > 0 for count in counts)
    legend = upper.get_legend()
    assert legend is not None
    boxes.append(legend.get_window_extent())
    for place, box in enumerate(boxes):
        assert box.x0 >= 0 and box.x1 <= figure.bbox.x1
        for other in boxes[place + 1 :]:
            assert not box.overlaps(other)


def test_the_switch_is_a_line_at_the_sum_of_both_losses() -> None:
    figure = losses_figure(phase_lines(20, 10, 30), ADAPTIVE, "t")
    line = curve(figure, "generator's turn: critic below 2 × 0.65")
    assert np.asarray(line.get_ydata(), dtype=float) == pytest.approx([1.3, 1.3])
    low, high = figure.axes[1].get_ylim()
    assert low < 1.3 < high
    fixed = losses_figure(phase_lines(20, 10, 30), FIXED, "t")
    assert "generator's turn" not in words(fixed)


def test_without_a_pixel_loss_the_players_panel_names_the_phases() -> None:
    lines = phase_lines(0, 10, 30)
    for line in lines:
        line.pop("loss_pixel", None)
    figure = losses_figure(lines, ADAPTIVE, "t")
    png(figure)
    assert len(figure.axes) == 1
    legend = figure.axes[0].get_legend()
    assert legend is not None
    names = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(names) == 2
    assert not any(box.overlaps(legend.get_window_extent()) for box in names)


def test_how_often_the_critic_is_right_is_a_curve() -> None:
    figure = discriminator_figure(phase_lines(20, 10, 30, accuracy=0.8), FIXED, "t")
    values = np.asarray(curve(figure, "share told right").get_ydata(), dtype=float)
    assert values[np.isfinite(values)] == pytest.approx(0.8)
    ordinary = discriminator_figure(lines_of(20), load_recipe("digits"), "t")
    assert "right" not in words(ordinary) and "D(G(z))" in words(ordinary)


def test_no_legend_is_wider_than_the_picture() -> None:
    lines = phase_lines(20, 10, 30, penalty=0.1)
    lines[40]["loss_discriminator"] = None
    for figure in (
        losses_figure(lines, ADAPTIVE, "t"),
        discriminator_figure(lines, FIXED, "t"),
    ):
        png(figure)
        for axes in figure.axes:
            legend = axes.get_legend()
            assert legend is not None
            assert legend.get_window_extent().x1 <= figure.bbox.x1


def test_who_trains_is_drawn_over_the_game_alone() -> None:
    figure = switch_figure(phase_lines(20, 10, 30, generator_share=0.3), ADAPTIVE, "Who trains")
    left, right = figure.axes[0].get_xlim()
    assert left == 30 * 3200 and right == pytest.approx(60 * 3200, rel=0.02)
    assert "Who trains" in words(figure) and "equal turns" in words(figure)
    values = np.asarray(curve(figure, "generator's share of the steps").get_ydata(), dtype=float)
    assert values == pytest.approx(0.3)


@pytest.mark.parametrize("counts", [(0, 0, 0), (3, 0, 0), (3, 1, 0), (3, 1, 1), (0, 0, 2)])
@pytest.mark.parametrize("loss", ["non-saturating", "wasserstein"])
def test_a_restoration_that_has_hardly_begun_gets_its_charts(
    make_restoration: MakeRun, counts: tuple[int, int, int], loss: str
) -> None:
    switch = "adaptive" if loss == "non-saturating" else "fixed"
    settings = {"objective.loss": loss, "schedule.switch": switch}
    run = make_restoration(phase_lines(*counts, distance=1.0), **settings)
    paths = write_charts(run)
    for path in paths:
        assert grey(path.read_bytes()).min() < 90
    played = counts[2] > 0 and switch == "adaptive"
    assert (run.charts / "switch.png" in paths) == played


def test_the_summary_shows_who_trained_and_the_newest_values(make_restoration: MakeRun) -> None:
    run = make_restoration(phase_lines(20, 10, 30))
    write_charts(run)
    text = write_summary(run).read_text()
    assert "![switch](charts/switch.png)" in text
    for field in ("pixel loss | 0.015", "share told right | 0.7", "share of the steps | 0.4"):
        assert field in text


def test_a_curve_goes_on_over_lines_whose_steps_did_not_measure_it() -> None:
    lines = phase_lines(0, 0, 40)
    for line in lines[::2]:
        del line["loss_generator"]
    images, values = by_phase(lines, "loss_generator", means=False)
    assert len(images) == 20 and np.isfinite(values).all()


def test_a_curve_is_broken_at_a_border() -> None:
    lines = phase_lines(0, 10, 10)
    assert [(span.phase, span.begin, span.end) for span in spans(lines)] == [
        ("critic", 0.0, 10 * 3200.0),
        ("adversarial", 10 * 3200.0, 20 * 3200.0),
    ]
    images, values = by_phase(lines, "d_real", means=True)
    assert images[np.isnan(values)].tolist() == [10 * 3200]
    assert (np.diff(images) >= 0).all()
