"""`zerosum modes`: generated images counted by class, beside real ones."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from zerosum.analysis.requests import ModesRequest
from zerosum.cli.known import RunOrImages
from zerosum.cli.options import described
from zerosum.cli.pictures import StageBar
from zerosum.cli.terminal import echo, echo_wrapped
from zerosum.cli.words import Command

if TYPE_CHECKING:
    from zerosum.analysis.class_counts import Modes
    from zerosum.analysis.stacked_modes import StackedModes


@click.command(cls=Command)
@click.argument("images", type=RunOrImages())
@described
def modes(asked: ModesRequest) -> None:
    """Count the classes that the generator of a run covers, or those of a folder of images.

    Grey digits are classified by the bundled digit classifier, other images by their nearest
    labelled real ones. Writes RUN/modes.json as well.
    """
    from zerosum.analysis.stacked_modes import StackedModes
    from zerosum.api_analyses import write_modes

    with StageBar() as bar:
        found = write_modes(asked, bar.stage)
    echo_wrapped(found.verdict, err=False)
    if isinstance(found.counts, StackedModes):
        _print_stacked(found.counts)
    else:
        _print_table(found.counts)
    for path in (found.picture, found.numbers):
        if path is not None:
            echo(path)


BESIDE = 17
"""Letters before what is said of a number, with its name."""


def _print_table(modes: "Modes") -> None:
    from zerosum.analysis.class_counts import FARTHER
    from zerosum.cli.document import print_table
    from zerosum.report.asked_classes import asked_table, asked_words
    from zerosum.report.document import Table

    if len(modes.class_names) <= 100:
        rows = [
            (name, f"{count:,}", f"{count / modes.images:.1%}", f"{share:.1%}")
            for name, count, share in zip(
                modes.class_names, modes.counts, modes.shares, strict=True
            )
        ]
        print_table(Table(("class", "generated", "share", "real share"), rows))
    if (asked := asked_table(modes)) is not None:
        print_table(replace(asked, title=""))
    obeys = asked_words(modes)
    lines = [
        *([f"as asked         {obeys}"] if obeys else []),
        f"total variation  {modes.total_variation:.3f}  (0: as real ones, 1: nothing in common; "
        f"by chance alone about {modes.usual_variation:.3f})",
        f"chi-square       {modes.chi_square:,.1f}  (p = {modes.p_value:.2g}: how often other real "
        "images would be this far off by chance)",
        f"how sure         {modes.confidence:.3f} on average; "
        f"{modes.unsure:.1%} look like no class (below 0.5)",
        f"classified by    {modes.how}",
        f"can show         {modes.can_show()}",
    ]
    if modes.unlike is not None:
        lines.insert(-2, f"unlike real ones {modes.unlike:.1%} are {FARTHER}")
    for text in lines:
        echo_wrapped(text, err=False, indent=BESIDE)


def _print_stacked(modes: "StackedModes") -> None:
    echo(f"images      {modes.images:,}")
    echo(f"KL          {modes.divergence:.3f} nats to uniform (0: all alike, 6.9: one mode)")
    echo(f"how sure    {modes.confidence:.3f}; {modes.unsure:.1%} of digits are below 0.5")
