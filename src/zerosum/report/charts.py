"""The charts of one run, as PNG files in RUN/charts: losses, D(x) and D(G(z)), gradient norms, who
trains, scores."""

import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from zerosum.diagnosis.log_fields import curve_name, judge_name
from zerosum.errors import UsageError
from zerosum.files import write_atomically, writing
from zerosum.recipe import Recipe, read_recipe
from zerosum.records.run import RunFolder
from zerosum.report.curves import (
    DARK,
    DUSKY,
    LIGHT,
    MIDDLE,
    Curve,
    Level,
    Look,
    draw,
    leave_spikes_out,
    spans,
    wants_log,
)
from zerosum.report.heading import give_title
from zerosum.report.score_chart import scores_figure
from zerosum.visible import visible

Lines = Sequence[dict[str, Any]]

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
    figures: dict[str, Figure | None] = {
        "losses": losses_figure(lines, recipe, f"Losses {of_run}"),
        "discriminator": discriminator_figure(lines, recipe, f"The {judge_name(recipe)} {of_run}"),
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


def write_or_remove(path: Path, figure: Figure | None) -> bool:
    """Write a chart; where there is none to draw, take away what an earlier time drew. Whether it
    is there now."""
    if figure is None:
        with writing(path):
            path.unlink(missing_ok=True)
        return False
    write_atomically(path, png(figure))
    return True


def losses_figure(lines: Lines, recipe: Recipe, title: str) -> Figure:
    """Losses and penalty. Above them for a restoration its pixel loss, and for a Wasserstein critic
    its estimate of the distance. Of an adaptive switch, a line shows where the generator's turn
    comes.
    """
    distance_too = recipe.objective.of_loss.estimates_distance
    pixel = any("loss_pixel" in line for line in lines)
    count = 1 + pixel + distance_too
    figure = new_figure(title, 2.0 + 2.6 * count)
    panels = list(figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0])
    if pixel:
        curve = _curves(recipe, ("loss_pixel", DARK))
        draw(panels[0], lines, curve)
        leave_spikes_out(panels[0], lines, curve)
        panels[0].set_ylabel("pixel loss\nlower: closer to the original")
    if distance_too:
        distance = _curves(recipe, ("distance", DARK))
        axes = panels[-2]
        draw(axes, lines, distance, names=not pixel)
        leave_spikes_out(axes, lines, distance)
        axes.axhline(0, color="0.5", linewidth=1)
        axes.set_ylabel("E D(x) − E D(G(z))\nlarger: further apart")
    _players_panel(panels[-1], lines, recipe, names=count == 1)
    for axes in panels[:-1]:
        axes.set_xlabel("")
    return figure


def _curves(recipe: Recipe, *looks: tuple[str, Look]) -> list[Curve]:
    return [Curve(field, curve_name(field, recipe), look) for field, look in looks]


def _players_panel(axes: Axes, lines: Lines, recipe: Recipe, names: bool) -> None:
    """What each player loses to the other, and where an adaptive switch gives the generator its
    turn."""
    curves = _curves(recipe, ("loss_generator", DARK), ("loss_discriminator", MIDDLE))
    loss = "adversarial loss" if recipe.restores else "loss"
    if any("penalty" in line for line in lines):
        curves += _curves(recipe, ("penalty", LIGHT))
        loss += ", without the penalty"
    switch_loss = recipe.schedule.switch_loss if recipe.schedule.switch == "adaptive" else None
    level = None
    if switch_loss is not None:
        # It compares the mean of the losses on real and on restored images, which add up here.
        level = Level(2 * switch_loss, f"generator's turn: critic below 2 × {switch_loss:g}")
    draw(axes, lines, curves, level=level, names=names)
    leave_spikes_out(axes, lines, curves)
    axes.set_ylabel(loss)
    if level is not None and lines:
        low, high = axes.get_ylim()
        margin = 0.05 * (high - low)
        axes.set_ylim(min(low, level.value - margin), max(high, level.value + margin))


def discriminator_figure(lines: Lines, recipe: Recipe, title: str) -> Figure:
    """What the discriminator says of real images and of fakes, before and after its step; of a
    restoration also how often it is right."""
    restores = recipe.restores
    figure = new_figure(title, 4.9 if restores else 4.6)
    axes = figure.add_subplot()
    looks = [("d_real", DARK), ("d_fake_before", MIDDLE), ("d_fake_after", LIGHT)]
    if restores:
        looks.append(("accuracy", DUSKY))
    curves = _curves(recipe, *looks)
    draw(axes, lines, curves)
    if recipe.objective.equilibrium is not None:
        axes.axhline(recipe.objective.equilibrium, color="0.5", linewidth=1)
    if recipe.objective.of_loss.output == "logit":
        axes.set_ylim(-0.02, 1.02)
        told = "probability of being real"
        axes.set_ylabel(f"{told},\nshare told right" if restores else told)
    else:
        leave_spikes_out(axes, lines, curves)
        axes.set_ylabel(f"{judge_name(recipe)}'s output, no unit\nhigher: more real")
    return figure


def switch_figure(lines: Lines, recipe: Recipe, title: str) -> Figure:
    """The history of an adaptive switch: the generator's share of the steps while both play."""
    figure = new_figure(title, 4.6)
    axes = figure.add_subplot()
    game = next(span for span in reversed(spans(lines)) if span.phase == "adversarial")
    curves = _curves(recipe, ("generator_share", DARK))
    draw(axes, game.lines, curves, level=Level(0.5, "equal turns, the most that it gets"))
    axes.set_xlim(game.begin, max(game.end + 0.01 * (game.end - game.begin), game.begin + 1))
    shares = [line.get("generator_share") or 0.0 for line in game.lines]
    axes.set_ylim(-0.01, max(0.6, 1.05 * max(shares)))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_ylabel("steps in which the generator learnt")
    return figure


def gradients_figure(lines: Lines, recipe: Recipe, title: str) -> Figure:
    """The norm of each player's whole gradient; logarithmic when it spans over two decades."""
    figure = new_figure(title, 4.6)
    axes = figure.add_subplot()
    norms = ("gradient_norm_generator", DARK), ("gradient_norm_discriminator", MIDDLE)
    curves = _curves(recipe, *norms)
    draw(axes, lines, curves)
    if wants_log(lines, [curve.field for curve in curves]):
        axes.set_yscale("log", nonpositive="clip")
        axes.set_ylabel("gradient norm (logarithmic)")
    else:
        leave_spikes_out(axes, lines, curves)
        axes.set_ylabel("gradient norm")
    return figure


def new_figure(title: str, height: float) -> Figure:
    """An empty figure of 8 × `height` inches with its title at the left."""
    figure = Figure(figsize=(8, height), dpi=120, layout="constrained")
    give_title(figure, title)
    return figure


def png(figure: Figure) -> bytes:
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
