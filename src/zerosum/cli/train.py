"""`zerosum train RECIPE`: train, continue, lengthen."""

import shlex
import sys
from dataclasses import replace
from typing import Any

import click

from zerosum.cli.field_command import FieldCommand
from zerosum.cli.known import RecipeName
from zerosum.cli.options import described
from zerosum.cli.terminal import echo
from zerosum.options import option
from zerosum.processor import WATCH
from zerosum.training.request import Devices, TrainRequest

TOPICS = {
    "Images": ("data", "data.resolution", "data.channels", "data.fit", "data.flip"),
    "Length": ("epochs", "images", "stop-after", "stop-on"),
    "Learning": ("learning-rate", "optimizer", "batch", "objective.loss", "seed"),
    "Networks": ("latent", "width"),
    "Pictures, scores": (
        "out",
        "schedule.sample-every",
        "schedule.evaluate-every",
        "evaluation.scores",
    ),
    "Where to begin": ("init-from", "from"),
    "Machine": ("device", "precision", "threads", "dry-run"),
}
"""The options that people use."""


@click.command(cls=FieldCommand, topics=TOPICS)
@click.argument("recipe", type=RecipeName())
@described
def train(
    recipe: str,
    asked: TrainRequest,
    devices: Devices,
    dry_run: bool = option(False, "Say what it would be and how long it takes; train nothing."),
    **fields: Any,
) -> int:
    """Train RECIPE on images: a name (`zerosum recipes` lists them), or a .toml file.

    The same command again goes on where an unfinished run stopped, to the same result.
    """
    from zerosum.cli.fields import overrides

    given = overrides(fields)
    # Wrong words are refused at once, before the seconds that importing torch takes.
    from zerosum.recipe.load import load_recipe

    load_recipe(recipe, given)
    asked = replace(asked, overrides=given)
    if dry_run:
        return _estimate(recipe, asked, devices)
    if devices.threads == "auto":
        WATCH.begin()
    from zerosum import api
    from zerosum.cli.display import TrainingDisplay, farewell

    display = TrainingDisplay()
    try:
        run = api.run_training(
            recipe,
            asked,
            devices,
            display,
            shlex.join(["zerosum", *sys.argv[1:]]),
        )
    except (KeyboardInterrupt, SystemExit):
        display.given_up()
        raise
    except BrokenPipeError:
        saved = display.run is not None and display.run.state().get("checkpoint")
        how = "and saved" if saved else "before its first step"
        echo(f"stopped {how}, since nobody reads what is printed", err=True)
        echo(f"the same command {'goes on' if saved else 'begins it'}", err=True)
        raise
    assert run.outcome is not None
    if run.outcome.first:
        farewell(run)
    return 128 + run.outcome.signal if run.outcome.signal else 0


def _estimate(recipe: str, asked: TrainRequest, devices: Devices) -> int:
    """Print what a training would be."""
    from zerosum.api_advice import estimate_training
    from zerosum.cli.display import TrainingDisplay

    display = TrainingDisplay()
    found = estimate_training(recipe, asked, devices, display)
    for text in str(found).splitlines():
        display.message(text)
    display.message("nothing was written but the packed images in the cache")
    return 0
