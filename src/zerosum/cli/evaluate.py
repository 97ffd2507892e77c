"""`zerosum evaluate`: scores of a run, a checkpoint, or anybody's images, with their protocol."""

import json
from pathlib import Path
from typing import Any

import click

from zerosum.cli.names import RunOrImages, require_images
from zerosum.cli.pictures import (
    StageBar,
    average_option,
    checkpoint_option,
    device_option,
    extractor_option,
    seed_option,
    weights_option,
)
from zerosum.cli.places import places_options
from zerosum.cli.terminal import echo, open_console
from zerosum.cli.values import Count, Names, OneOf, score_names
from zerosum.cli.words import Command
from zerosum.errors import UsageError
from zerosum.records.score_line import ScoreLine

PARTS = {"auto": "auto", "train": "train", "test": "held out", "all": "all"}


def _list_protocols(_ctx: click.Context, _parameter: click.Parameter, name: str) -> str:
    """The list in place of all else where that is asked for, whatever else was said."""
    if name != "list":
        return name
    from zerosum.evaluation.protocol import named_protocol, protocol_names

    width = max(map(len, protocol_names()))
    for known in protocol_names():
        echo(f"{known:<{width}}  {named_protocol(known).title}")
    raise click.exceptions.Exit(0)


TOPICS = {
    "What is scored": ("images", "seed", "checkpoint"),
    "Against what": ("against", "split"),
    "How": ("scores", "extractor", "protocol", "device"),
    "Output": ("json", "save-reference"),
}
"""The options that people use."""


@click.command(cls=Command, topics=TOPICS)
@click.argument("images", type=RunOrImages(), default="")
@click.option(
    "--against",
    default="",
    help="Real images: a name, folder or archive, or a file of --save-reference."
    "  [default: the images that the run was trained on]",
)
@click.option(
    "--split",
    type=OneOf(list(PARTS)),
    default="auto",
    show_default=True,
    help="Which of the real images; auto: test images where the data has them, else all.",
)
@click.option(
    "--protocol",
    default="",
    is_eager=True,
    callback=_list_protocols,
    help="A named protocol; `--protocol list` shows them.",
)
@click.option(
    "--images",
    "count",
    type=Count(10),
    help="Generated images.  [default: the recipe's evaluation.images; all of a folder]",
)
@click.option(
    "--scores",
    type=Names(score_names),
    default=(),
    help="With commas between: fid,kid,precision,recall,coverage,density,fid-infinity,is,copying."
    "  [default: the recipe's; the first five for folders]",
)
@extractor_option
@click.option("--layer", default="", help="Of inception: 64, 192, 768 or 2048.  [default: 2048]")
@weights_option
@click.option(
    "--resize",
    type=OneOf(["tf1", "clean"]),
    help="How images reach the extractor's size.  [default: tf1, as torch-fidelity]",
)
@click.option(
    "--precision",
    type=OneOf(["float32", "bf16"]),
    help="Of the extractor; bf16 is faster and a little off.  [default: float32]",
)
@click.option(
    "--save-reference",
    type=click.Path(path_type=Path),
    help="Write the real side as one .safetensors file, to score against without the images.",
)
@checkpoint_option
@average_option
@seed_option
@click.option("--resolution", type=Count(8), help="Bring folders of images to this size.")
@click.option("--channels", type=OneOf(["1", "3"]), help="Read folders as grey or colour.")
@click.option(
    "--fit",
    type=OneOf(["crop", "pad", "squash"]),
    help="How folders of images become squares.  [default: crop; that of a saved reference]",
)
@click.option(
    "--range",
    default="",
    help="Black and white of folders of images with more than 8 bits: 0-1, 0-4095."
    "  [default: decided for each set]",
)
@device_option
@places_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def evaluate(
    images: str,
    split: str,
    protocol: str,
    count: int | None,
    resolution: int | None,
    channels: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Score IMAGES: a run, one of its checkpoints, or any folder or archive of images.

    Every number comes with its protocol: what was compared with what, in whose features. Scores
    of a run are also kept in RUN/scores.jsonl. Of a run that restores pictures, held-out ones are
    compared with their originals: damaged, restored by the pre-trained generator, and by the
    adversarial one, also by PSNR and SSIM.
    """
    _require_named(images, options["against"])
    from zerosum.api_evaluate import evaluate_request
    from zerosum.evaluation.request import Request

    request = Request(
        images=images,
        part=PARTS[split],  # type: ignore[arg-type]
        protocol="" if protocol == "custom" else protocol,
        count=count or 0,
        resolution=resolution or 0,
        channels=int(channels or 0),
        **options,
    )
    with StageBar() as bar:
        line = evaluate_request(request, bar.stage)
    if as_json:
        echo(json.dumps(line.as_dict(), indent=2, ensure_ascii=False))
    else:
        print_scores(line)


def _require_named(images: str, against: str) -> None:
    """Told at once, before the seconds that importing torch takes."""
    if not images:
        raise UsageError(
            "it is not said what to score", "give a run, or a folder or archive of images"
        )
    if against and not against.endswith(".safetensors"):
        require_images(against)


def print_scores(line: ScoreLine) -> None:
    """The table of a line of scores.jsonl, its protocol, and what to know of it."""
    from rich.table import Table

    from zerosum.report.scores import HEAD, protocol_lines, score_table, trade_off

    heads, rows = score_table(line)
    words = (0, len(heads) - 1) if heads[0] == HEAD[0] else (0,)
    table = Table(box=None, pad_edge=False)
    for place, head in enumerate(heads):
        # Many columns are to fit into 80 letters, and no number may be cut short.
        head = head.replace(" (", "\n(").replace("-", "-\n") if heads != HEAD else head
        table.add_column(head, justify="left" if place in words else "right", overflow="fold")
    for row in rows:
        table.add_row(*(cell.replace(" ± ", "\n± ") for cell in row))
    console = open_console(soft_wrap=True)
    console.print(table)
    if why := trade_off(line):
        console.print(f"\n{why}", markup=False)
    console.print()
    for text in protocol_lines(line):
        console.print(text, markup=False)
    for note in line.notes:
        console.print(f"note       {note}", markup=False)
