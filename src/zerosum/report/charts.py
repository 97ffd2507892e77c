"""The charts of one run, as PNG files in RUN/charts: losses, D(x) and D(G(z)), gradient norms,
scores."""

import io
import unicodedata
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from zerosum.adversarial import LOSSES
from zerosum.errors import UsageError
from zerosum.recipe import read_recipe
from zerosum.report.curves import DARK, LIGHT, MIDDLE, Curve, draw, leave_spikes_out, wants_log
from zerosum.report.score_chart import scores_figure
from zerosum.run import RunFolder, write_atomically

Lines = Sequence[dict[str, Any]]

CHART_NAMES = ("losses", "discriminator", "gradients", "scores")
TITLE_LENGTH = 40


def write_charts(run: RunFolder) -> list[Path]:
    """Draw RUN/charts/{losses,discriminator,gradients}.png from metrics.jsonl, and scores.png
    where there are scores; returns the paths.

    Any number of log lines will do, also none; values that are not finite leave marked gaps.
    Raises ZerosumError when there is no run or the files cannot be written.
    """
    run.require()
    recipe = read_recipe(run.recipe_file)
    lines = run.metrics()
    data = run.state().get("data", {}).get("name", recipe.data.source)
    of_run = f"of {printable(run.path.resolve().name)}, trained on {printable(str(data))}"
    loss = recipe.objective.loss
    figures = {
        "losses": losses_figure(lines, loss, f"Losses {of_run}"),
        "discriminator": discriminator_figure(lines, loss, f"The discriminator {of_run}"),
        "gradients": gradients_figure(lines, f"Gradient norms {of_run}"),
    }
    scores = run.scores()
    if scores:
        figures["scores"] = scores_figure(scores, f"Scores {of_run}")
    paths = []
    for name in figures:
        path = run.charts / f"{name}.png"
        write_atomically(path, png(figures[name]))
        paths.append(path)
    return paths


def losses_figure(lines: Lines, loss: str, title: str) -> Figure:
    """Losses and penalty; for a Wasserstein critic above them its estimate of the distance."""
    curves = [
        Curve("loss_generator", "generator", DARK),
        Curve("loss_discriminator", "discriminator", MIDDLE),
    ]
    if any(line.get("penalty") for line in lines):
        curves[1] = Curve("loss_discriminator", "discriminator without penalty", MIDDLE)
        curves.append(Curve("penalty", "penalty, weighted", LIGHT))
    if loss != "wasserstein":
        figure = new_figure(title, 4.6)
        axes = figure.add_subplot()
        draw(axes, lines, curves)
        leave_spikes_out(axes, lines, curves)
        axes.set_ylabel("loss")
        return figure
    figure = new_figure(title, 7.2)
    upper, lower = figure.subplots(2, 1, sharex=True)
    distance = [Curve("distance", "critic's estimate of the distance", DARK)]
    draw(upper, lines, distance)
    leave_spikes_out(upper, lines, distance)
    upper.axhline(0, color="0.5", linewidth=1)
    upper.set_ylabel("E D(x) − E D(G(z))\nlarger: further apart")
    upper.set_xlabel("")
    draw(lower, lines, curves)
    leave_spikes_out(lower, lines, curves)
    lower.set_ylabel("loss")
    return figure


def discriminator_figure(lines: Lines, loss: str, title: str) -> Figure:
    """What the discriminator says of real images and of fakes, before and after its step."""
    figure = new_figure(title, 4.6)
    axes = figure.add_subplot()
    curves = [
        Curve("score_real", "D(x), real", DARK),
        Curve("score_fake_before", "D(G(z)), discriminator's step", MIDDLE),
        Curve("score_fake_after", "D(G(z)), generator's step", LIGHT),
    ]
    draw(axes, lines, curves)
    if LOSSES[loss].output == "logit":
        axes.set_ylim(-0.02, 1.02)
        axes.axhline(0.5, color="0.5", linewidth=1)
        axes.set_ylabel("probability of being real")
    else:
        leave_spikes_out(axes, lines, curves)
        axes.set_ylabel("critic's output, no unit\nhigher: more real")
    return figure


def gradients_figure(lines: Lines, title: str) -> Figure:
    """The norm of each player's whole gradient; logarithmic when it spans over two decades."""
    figure = new_figure(title, 4.6)
    axes = figure.add_subplot()
    curves = [
        Curve("gradient_norm_generator", "generator", DARK),
        Curve("gradient_norm_discriminator", "discriminator", MIDDLE),
    ]
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
    # A name such as "$x$" is no formula.
    figure.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold", parse_math=False)
    return figure


def png(figure: Figure) -> bytes:
    """The figure as the content of a PNG file."""
    content = io.BytesIO()
    with warnings.catch_warnings():
        # Names in scripts that the bundled font lacks show as boxes: nothing to tell a user.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(content, format="png")
    return content.getvalue()


def png_path(path: Path) -> Path:
    """The path of a picture to write. Raises UsageError where it does not end in .png."""
    if path.suffix.lower() != ".png":
        raise UsageError(f"{path} does not end in .png", "give --out such a name")
    return path


def printable(name: str) -> str:
    """A name on one line of a title: no control characters, long ones shortened in the middle."""
    plain = "".join(
        "�" if unicodedata.category(letter) in ("Cc", "Cs", "Cf") else letter for letter in name
    )
    if len(plain) <= TITLE_LENGTH:
        return plain
    half = TITLE_LENGTH // 2 - 1
    return f"{plain[:half]}…{plain[-half:]}"
