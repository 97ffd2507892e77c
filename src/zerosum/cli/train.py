"""`zerosum train RECIPE`: train, continue, lengthen."""

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from zerosum import options
from zerosum.cli.field_command import FieldCommand
from zerosum.cli.known import RecipeName
from zerosum.cli.options import described
from zerosum.cli.terminal import echo
from zerosum.options import Precision, option

TOPICS = {
    "Images": ("data", "data.resolution", "data.channels", "data.fit", "data.flip"),
    "Length": ("epochs", "images", "stop-after", "stop-on"),
    "Learning": ("learning-rate", "optimizer", "batch", "objective.loss", "seed"),
    "Networks": ("latent", "width"),
    "Pictures, scores, checkpoints": (
        "out",
        "schedule.sample-every",
        "schedule.checkpoint-every",
        "schedule.evaluate-every",
        "evaluation.scores",
    ),
    "Where to begin": ("init-from", "from"),
    "Machine": ("device", "precision"),
}
"""The options that people use."""


@click.command(cls=FieldCommand, topics=TOPICS)
@click.argument("recipe", type=RecipeName())
@described
def train(
    recipe: str,
    data: str = option(
        "", "A name (digits, mnist, …), a folder, or an archive (photos.zip/train).", kind="data"
    ),
    data_root: Path | None = options.data_root(),
    out: Path | None = options.out(
        "The run folder; an unfinished run there is continued.", "runs/RECIPE-DATA-N"
    ),
    stop_after: float | None = option(
        None, "Save and end after this time: 90s, 10m, 2h.", kind="time"
    ),
    stop_on: str = option(
        "",
        "Save and end when the run's health is one of these: diverged,collapsed.",
        metavar="VERDICTS",
    ),
    init_from: Path | None = option(
        None,
        "Start from the weights of another run, or of one of its checkpoints"
        " (RUN/checkpoints/000200000), for other data or settings.",
        kind="run",
    ),
    back_to: str = option(
        "",
        "Go back in this run: best, or the images seen at a checkpoint. What came after it is kept"
        " in RUN/aside, a run of its own.",
        name="from",
        kind="checkpoint",
        metavar="CHECKPOINT",
    ),
    device: str = options.device(),
    devices: int = option(1, "Devices of one machine.", least=1),
    nodes: int = option(1, "Machines, each with --devices.", least=1),
    precision: Precision = options.precision(),
    compiled: bool = option(False, "Compile the networks (CUDA).", name="compile"),
    cuda_graph: bool = option(False, "Start each step as one CUDA graph: faster."),
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
