"""The charts of one run, as PNG files in RUN/charts: losses, D(x) and D(G(z)), gradient norms, who
trains, scores."""

import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zerosum.diagnosis.log_fields import discriminator_name
from zerosum.errors import UsageError
from zerosum.files import write_atomically, writing
from zerosum.recipe.load import read_recipe
from zerosum.recipe.settings import Recipe
from zerosum.records.run import RunFolder
from zerosum.report.chart import Chart
from zerosum.report.logged_chart import Lines
from zerosum.report.run_charts import (
    augmentation_chart,
    classifier_chart,
    discriminator_chart,
    distance_chart,
    gradients_chart,
    losses_chart,
    overfitting_chart,
    pixel_chart,
    switch_chart,
)
from zerosum.report.score_chart import scores_figure
from zerosum.visible import visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHART_NAMES = ("losses", "discriminator", "gradients", "switch", "scores")
TITLE_LENGTH = 40


def write_charts(run: RunFolder) -> list[Path]:
    """Draw RUN/charts/{losses,discriminator,gradients}.png from metrics.jsonl, switch.png where an
    adaptive switch has played, and scores.png where two checkpoints are scored; returns the paths.

    Any number of log lines will do, also none; values that are not finite leave marked gaps.
    Raises ZerosumError when there is no run or the files cannot be written.
    """
    run.require()
    recipe = read_recipe(run.recipe_file)
    lines = run.metrics()
    data = run.state().get("data", {}).get("name", recipe.data.source)
    of_run = f"of {printable(run.path.resolve().name)}, trained on {printable(str(data))}"
    adaptive = recipe.schedule.switch == "adaptive"
    player = f"The {discriminator_name(recipe)} {of_run}"
    figures: dict[str, Figure | None] = {
        "losses": losses_figure(lines, recipe, f"Losses {of_run}"),
        "discriminator": discriminator_figure(lines, recipe, player),
        "gradients": gradients_figure(lines, recipe, f"Gradient norms {of_run}"),
    }
    if adaptive and any(line.get("phase") == "adversarial" for line in lines):
        figures["switch"] = switch_figure(lines, recipe, f"Who trains: the turns {of_run}")
    figures["scores"] = scores_figure(run.scores(), f"Scores {of_run}")
    return [
        path
        for name, figure in figures.items()
        if write_or_remove(path := run.charts / f"{name}.png", figure)
    ]


def write_or_remove(path: Path, figure: "Figure | None") -> bool:
    """Write a chart; where there is none to draw, take away what an earlier time drew. Whether it
    is there now."""
    if figure is None:
        with writing(path):
            path.unlink(missing_ok=True)
        return False
    write_atomically(path, png(figure))
    return True


def losses_figure(lines: Lines, recipe: Recipe, title: str) -> "Figure":
    """Losses and penalty. Above them for a restoration its pixel loss, and for a Wasserstein critic
    its estimate of the distance. Of an adaptive switch, a line shows where the generator's turn
    comes.
    """
    charts = []
    if any("loss_pixel" in line for line in lines):
        charts.append(pixel_chart(lines, recipe))
    if recipe.objective.of_loss.estimates_distance:
        charts.append(distance_chart(lines, recipe))
    return _log_figure(title, [*charts, losses_chart(lines, recipe)])


def discriminator_figure(lines: Lines, recipe: Recipe, title: str) -> "Figure":
    """What the discriminator says of real images and of fakes; below, which classes it names, what
    it says of held-out images, and how strongly its images are augmented, where those were
    measured."""
    makers = classifier_chart, overfitting_chart, augmentation_chart
    more = [make(lines, recipe) for make in makers]
    charts = [discriminator_chart(lines, recipe), *(each for each in more if each.series)]
    return _log_figure(title, charts)


def switch_figure(lines: Lines, recipe: Recipe, title: str) -> "Figure":
    """Who trains while both play."""
    return _log_figure(title, [switch_chart(lines, recipe)])


def gradients_figure(lines: Lines, recipe: Recipe, title: str) -> "Figure":
    """The norm of each player's whole gradient."""
    return _log_figure(title, [gradients_chart(lines, recipe)])


def _log_figure(title: str, charts: Sequence[Chart]) -> "Figure":
    from zerosum.report.chart_figure import figure_of  # with matplotlib

    return figure_of(title, [[chart] for chart in charts], 1.8 + 2.6 * len(charts))


def png(figure: "Figure") -> bytes:
    """The figure as the content of a PNG file."""
    content = io.BytesIO()
    with warnings.catch_warnings():
        # Names in scripts that the bundled font lacks show as boxes: nothing to tell a user.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        # A figure of a study that has hardly begun may be too small for its labels.
        warnings.filterwarnings("ignore", message="constrained_layout not applied")
        figure.savefig(content, format="png")
    return content.getvalue()


def png_path(path: Path) -> Path:
    """The path of a picture to write. Raises UsageError where it does not end in .png."""
    if path.suffix.lower() != ".png":
        raise UsageError(f"{path} does not end in .png", "give --out such a name")
    return path


def printable(name: str) -> str:
    """A name on one line of a title: no control characters, long ones shortened in the middle."""
    plain = visible(name)
    if len(plain) <= TITLE_LENGTH:
        return plain
    half = TITLE_LENGTH // 2 - 1
    return f"{plain[:half]}…{plain[-half:]}"
