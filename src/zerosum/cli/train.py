"""`zerosum train RECIPE`: train, continue, lengthen."""

import re
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from zerosum.cli.fields import field_options, overrides, sections
from zerosum.cli.places import places_options
from zerosum.errors import UsageError

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Duration(click.ParamType[float]):
    """A time such as 90s, 10m, 1.5h or 2d, in seconds."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", str(value))
        if not match:
            self.fail(f"{value!r} is not a time: write 90s, 10m, 1.5h or 2d", param, ctx)
        return float(match[1]) * UNITS[match[2]]


class TrainCommand(click.Command):
    """`train` with an option for every field, grouped by the sections of a recipe in its help."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {"Options": [], "Seed and shorthands": []}
        groups |= {section: [] for section in sections() if section}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                groups[self._group(parameter)].append(record)
        for title, records in groups.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    @staticmethod
    def _group(parameter: click.Parameter) -> str:
        name = parameter.opts[-1].removeprefix("--")
        if not (parameter.name or "").startswith("field_"):
            return "Options"
        return name.rpartition(".")[0] or "Seed and shorthands"


@click.command(cls=TrainCommand, no_args_is_help=True)
@click.argument("recipe")
@click.option("--data", default="", help="A name, a folder, or an archive (photos.zip/train).")
@places_options
@click.option(
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
    type=click.Path(path_type=Path),
    help="Start from the weights of another run, or of one of its checkpoints"
    " (RUN/checkpoints/000200000), for other data or settings.",
)
@click.option(
    "--from",
    "back_to",
    default="",
    metavar="CHECKPOINT",
    help="Go back in this run: best, or the images seen at a checkpoint. What came after it is kept"
    " in RUN/aside, a run of its own.",
)
@click.option(
    "--device", default="auto", show_default=True, help="cpu, cuda or mps; auto: the fastest here."
)
@click.option("--devices", default=1, show_default=True, help="Devices of one machine.")
@click.option("--nodes", default=1, show_default=True, help="Machines, each with --devices.")
@click.option(
    "--precision",
    type=click.Choice(["auto", "32", "bf16"]),
    default="auto",
    show_default=True,
    help="auto: bf16 where the processor computes it, else 32.",
)
@click.option("--compile", "compiled", is_flag=True, help="Compile the networks (CUDA).")
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
    **fields: Any,
) -> int:
    """Train RECIPE, a shipped name or a .toml file, on images.

    The same command again goes on where an unfinished run stopped, to the same result. Every
    field of a recipe is an option.
    """
    given = overrides(fields)
    # Wrong words are told at once, before the seconds that importing torch takes.
    from zerosum.recipe import load_recipe

    load_recipe(recipe, given)
    if devices < 1 or nodes < 1:
        raise UsageError("--devices and --nodes count from 1", "leave them out for one device")

    verdicts = tuple(word.strip() for word in stop_on.split(",") if word.strip())
    from zerosum import api
    from zerosum.cli.display import TrainingDisplay, farewell
    from zerosum.training import Devices

    _require_verdicts(verdicts)
    display = TrainingDisplay()
    run = api.train(
        recipe,
        data,
        out,
        overrides=given,
        devices=Devices(device, devices, nodes, precision, compiled),
        data_root=data_root,
        init_from=init_from,
        back_to=back_to,
        stop_after=stop_after,
        stop_on=verdicts,
        listener=display,
        command=shlex.join(["zerosum", *sys.argv[1:]]),
    )
    assert run.outcome is not None
    if run.outcome.first:
        farewell(run)
    return 128 + run.outcome.signal if run.outcome.signal else 0


def _require_verdicts(words: tuple[str, ...]) -> None:
    """Raise UsageError for a --stop-on that is no verdict."""
    from zerosum.training.verdicts import VERDICTS

    for word in words:
        if word not in VERDICTS:
            raise UsageError(
                f"--stop-on {word} is no verdict", f"choose from: {', '.join(VERDICTS)}"
            )


train.params.extend(field_options())
