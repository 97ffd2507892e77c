"""The equilibrium of a loss is one number: the PNG and the page draw the same line."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from zerosum.recipe.load import load_recipe
from zerosum.recipe.losses import LOSS_PROPERTIES
from zerosum.recipe.settings import Recipe
from zerosum.report.charts import discriminator_figure
from zerosum.report.run_charts import training_charts

LogLines = Callable[..., list[dict[str, Any]]]


def levels_in_png(figure: Figure) -> list[float]:
    """The heights of lines over the whole width of the axes."""
    axes = figure.axes[0]
    ends = [np.asarray(line.get_ydata(), dtype=float) for line in axes.lines
            if line.get_transform() == axes.get_yaxis_transform()]  # fmt: skip
    return [float(heights[0]) for heights in ends if len(set(heights)) == 1]


def levels_on_page(lines: list[dict[str, Any]], recipe: Recipe) -> list[float]:
    chart = next(each for each in training_charts(lines, recipe) if each.key == "discriminator")
    return [level.value for level in chart.levels]


@pytest.mark.parametrize("loss", LOSS_PROPERTIES)
def test_png_and_page_draw_the_equilibrium_of_the_loss(loss: str, log_lines: LogLines) -> None:
    lines, recipe = log_lines(40), load_recipe("digits", {"objective.loss": loss})
    expected = recipe.objective.equilibrium
    wanted = [] if expected is None else [expected]
    assert levels_in_png(discriminator_figure(lines, recipe, "t")) == wanted
    assert levels_on_page(lines, recipe) == wanted


def test_smoothed_labels_move_the_equilibrium_in_both(log_lines: LogLines) -> None:
    lines = log_lines(40)
    recipe = load_recipe("digits", {"objective.real_label": "0.9"})
    assert levels_in_png(discriminator_figure(lines, recipe, "t")) == [0.45]
    assert levels_on_page(lines, recipe) == [0.45]


def test_only_differences_of_a_relativistic_or_wasserstein_critic_mean_anything() -> None:
    none = {
        loss
        for loss in LOSS_PROPERTIES
        if load_recipe("digits", {"objective.loss": loss}).objective.equilibrium is None
    }
    assert none == {"relativistic", "wasserstein"}
