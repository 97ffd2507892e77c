"""`zerosum advise DATA`: what to train on somebody's pictures."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerosum import options
from zerosum.cli.known import DataName
from zerosum.cli.options import described
from zerosum.cli.places import CACHE_ROOT
from zerosum.cli.terminal import echo, echo_wrapped
from zerosum.cli.words import Command
from zerosum.options import Precision, Threads, option

if TYPE_CHECKING:
    from zerosum.recipe.advised import Advice

INDENT = 10


@click.command(cls=Command)
@click.argument("source", metavar="DATA", type=DataName())
@described
def advise(
    source: str,
    minutes: float | None = option(
        None, "Time for the training: 30, or 1.5h.", "as long as is of use", kind="minutes"
    ),
    data_root: Path | None = options.data_root(),
    device: str = options.device(),
    precision: Precision = options.precision(),
    threads: Threads = options.threads(),
) -> None:
    """Look at DATA, time a few steps, and say what to train on it: the command is ready to paste.

    DATA is a folder of images, a zip or tar, or a name (digits, mnist, …). Nothing is written but
    the packed images in the cache. `zerosum train --data DATA` without a recipe takes this advice.
    """
    from zerosum.api_advice import advised
    from zerosum.cli.pictures import StageBar
    from zerosum.training.request import Devices

    devices = Devices(device, precision=precision, threads=threads)
    with StageBar() as bar:
        advice = advised(source, minutes, devices, data_root, bar.stage)
    if (cache := click.get_current_context().meta.get(CACHE_ROOT)) is not None:
        advice = replace(advice, machine={**advice.machine, "cache-root": cache})
    print_advice(advice, advice.command)


def print_advice(advice: "Advice", command: str) -> None:
    """Print advice, a line for each decision, and the command that follows it."""
    for title, text in advice.rows():
        echo_wrapped(f"{title:<{INDENT}}{text}", err=False, indent=INDENT)
    echo()
    echo(command)
