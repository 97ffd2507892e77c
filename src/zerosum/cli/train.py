"""`zerosum train RECIPE`: train, continue, lengthen."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from zerosum.cli.field_command import FieldCommand
from zerosum.cli.known import RecipeName
from zerosum.cli.options import described
from zerosum.cli.terminal import echo
from zerosum.options import option
from zerosum.records.run import RunFolder
from zerosum.training.launched import is_first
from zerosum.training.request import Devices, TrainRequest

if TYPE_CHECKING:
    from zerosum.recipe.advised import Advice

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
@click.argument("recipe", type=RecipeName(), required=False)
@described
def train(
    recipe: str | None,
    asked: TrainRequest,
    devices: Devices,
    dry_run: bool = option(False, "Say what it would be and how long it takes; train nothing."),
    **fields: Any,
) -> int:
    """Train RECIPE on images: a name (`zerosum recipes` lists them), or a .toml file. Without one
    it is chosen for the images of --data, as `zerosum advise` does.

    The same command again goes on where an unfinished run stopped, to the same result.
    """
    from zerosum.cli.advise import print_advice
    from zerosum.cli.fields import overrides
    from zerosum.recipe.fields import option_words

    given = overrides(fields)
    # Wrong words are refused at once, before the seconds that importing torch takes.
    from zerosum.recipe.load import load_recipe

    command = sys.argv[1:]
    if recipe is None:
        recipe, advised, advice = _chosen(asked, given, devices)
        given, command = {**advised, **given}, [*command[:1], recipe, *command[1:]]
        command += [word for item in advised.items() for word in option_words(*item)]
        if advice and is_first():
            words = [word for word in command if word != "--dry-run"]
            print_advice(advice, shlex.join(["zerosum", *words]))  # once, of several processes
            echo()
    load_recipe(recipe, given)
    asked = replace(asked, overrides=given)
    if dry_run:
        return _estimate(recipe, asked, devices)
    from zerosum import api
    from zerosum.cli.display import TrainingDisplay, farewell

    display = TrainingDisplay()
    try:
        run = api.run_training(
            recipe,
            asked,
            devices,
            [display],
            shlex.join(["zerosum", *command]),
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


def _chosen(
    asked: TrainRequest, given: Mapping[str, object], devices: Devices
) -> tuple[str, dict[str, object], "Advice | None"]:
    """The recipe where none was named, and what is set in it besides what was given: those of the
    run in --out, which goes on; else what is advised for the images, and that advice."""
    if asked.out is not None and (run := RunFolder(asked.out)).exists():
        return str(run.recipe_file), {}, None
    if not asked.data:
        context = click.get_current_context()
        missing = next(each for each in context.command.params if each.name == "recipe")
        raise click.MissingParameter(ctx=context, param=missing)
    from zerosum.recipe.load import load_recipe

    load_recipe("photos", given)
    from zerosum.api_advice import unmeasured
    from zerosum.cli.pictures import StageBar

    with StageBar() as bar:
        advice = unmeasured(asked.data, given, devices, asked.data_root, bar.stage)
    advised = {name: it for name, it in advice.overrides.items() if name not in given}
    return advice.recipe, advised, advice
