"""`zerosum train RECIPE`: train, continue, lengthen."""

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from zerosum.cli.field_command import FieldCommand
from zerosum.cli.known import DataName, RecipeName
from zerosum.cli.names import RunName
from zerosum.cli.pictures import device_option
from zerosum.cli.places import places_options
from zerosum.cli.terminal import echo
from zerosum.cli.values import CheckpointName, Count, Duration, OneOf

TOPICS = {
    "Images": ("data", "data.resolution", "data.channels", "data.fit", "data.flip"),
    "Length": ("epochs", "images", "stop-after", "stop-on"),
    "Learning": ("learning-rate", "optimizer", "batch", "objective.loss", "seed"),
    "Networks": ("latent", "width"),
    "Pictures, scores, checkpoints": (
        "out",
        "schedule.sample_every",
        "schedule.checkpoint_every",
        "schedule.evaluate_every",
        "evaluation.scores",
    ),
    "Where to begin": ("init-from", "from"),
    "Machine": ("device", "precision"),
}
"""The options that people use."""


@click.command(cls=FieldCommand, topics=TOPICS)
@click.argument("recipe", type=RecipeName())
@click.option(
    "--data",
    type=DataName(),
    default="",
    help="A name (digits, mnist, …), a folder, or an archive (photos.zip/train).",
)
@places_options
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="The run folder; an unfinished run there is continued.  [default: runs/RECIPE-DATA-N]",
)
@click.option("--stop-after", type=Duration(), help="Save and end after this time: 90s, 10m, 2h.")
@click.option(
    "--stop-on",
    default="",
    metavar="VERDICTS",
    help="Save and end when the run's health is one of these: diverged,collapsed.",
)
@click.option(
    "--init-from",
    type=RunName(),
    help="Start from the weights of another run, or of one of its checkpoints"
    " (RUN/checkpoints/000200000), for other data or settings.",
)
@click.option(
    "--from",
    "back_to",
    type=CheckpointName(),
    default="",
    metavar="CHECKPOINT",
    help="Go back in this run: best, or the images seen at a checkpoint. What came after it is kept"
    " in RUN/aside, a run of its own.",
)
@device_option
@click.option(
    "--devices", type=Count(1), default=1, show_default=True, help="Devices of one machine."
)
@click.option(
    "--nodes", type=Count(1), default=1, show_default=True, help="Machines, each with --devices."
)
@click.option(
    "--precision",
    type=OneOf(["auto", "32", "bf16"]),
    default="auto",
    show_default=True,
    help="auto: bf16 where the processor computes it, else 32.",
)
@click.option("--compile", "compiled", is_flag=True, help="Compile the networks (CUDA).")
@click.option("--cuda-graph", is_flag=True, help="Start each step as one CUDA graph: faster.")
def train(
    recipe: str,
    data: str,
    data_root: Path | None,
    out: Path | None,
    stop_after: float | None,
    stop_on: str,
    init_from: Path | None,
    back_to: str,
    device: str,
    devices: int,
    nodes: int,
    precision: Any,
    compiled: bool,
    cuda_graph: bool,
    **fields: Any,
) -> int:
    """Train RECIPE on images: a name (`zerosum recipes` lists them), or a .toml file.

    The same command again goes on where an unfinished run stopped, to the same result.
    """
    from zerosum.cli.fields import overrides

    given = overrides(fields)
    # Wrong words are told at once, before the seconds that importing torch takes.
    from zerosum.recipe import load_recipe

    load_recipe(recipe, given)
    verdicts = tuple(word.strip() for word in stop_on.split(",") if word.strip())
    from zerosum import api
    from zerosum.cli.display import TrainingDisplay, farewell
    from zerosum.diagnosis.verdicts import require_verdicts
    from zerosum.training.devices import Devices

    require_verdicts(verdicts)
    display = TrainingDisplay()
    try:
        run = api.run_training(
            recipe,
            data,
            out,
            overrides=given,
            devices=Devices(
                device=device,
                count=devices,
                nodes=nodes,
                precision=precision,
                compile=compiled,
                cuda_graph=cuda_graph,
            ),
            data_root=data_root,
            init_from=init_from,
            back_to=back_to,
            stop_after=stop_after,
            stop_on=verdicts,
            listener=display,
            command=shlex.join(["zerosum", *sys.argv[1:]]),
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
