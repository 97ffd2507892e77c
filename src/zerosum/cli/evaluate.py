"""`zerosum evaluate`: scores of a run, a checkpoint, or anybody's images, with their protocol."""

import json
from dataclasses import replace

import click

from zerosum.cli.names import RunOrImages, require_images
from zerosum.cli.options import described
from zerosum.cli.pictures import StageBar
from zerosum.cli.terminal import USUAL, echo
from zerosum.cli.values import OneOf
from zerosum.cli.words import Command
from zerosum.errors import UsageError
from zerosum.evaluation.request import Request
from zerosum.options import option
from zerosum.records.logs import ScoreLine

PARTS = {"auto": "auto", "train": "train", "test": "held out", "all": "all"}


def _list_protocols(_ctx: click.Context, _parameter: click.Parameter, name: str) -> str:
    """The list in place of all else where that is asked for, whatever else was said."""
    if name != "list":
        return "" if name == "custom" else name
    from zerosum.evaluation.named_protocol import named_protocol, protocol_names

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
    "--split",
    "part",
    type=OneOf(list(PARTS)),
    default="auto",
    show_default=True,
    callback=lambda _context, _parameter, split: PARTS[split],
    help="Which of the real images; auto: test images where the data has them, else all.",
)
@click.option(
    "--protocol",
    default="",
    is_eager=True,
    callback=_list_protocols,
    help="A named protocol; `--protocol list` shows them.",
)
@described
def evaluate(
    asked: Request,
    as_json: bool = option(False, "Print JSON instead of a table.", name="json"),
) -> None:
    """Score IMAGES: a run, one of its checkpoints, or any folder or archive of images.

    Every number comes with its protocol: what was compared with what, in whose features. Scores
    of a run are also kept in RUN/scores.jsonl. Of a run that restores pictures, held-out ones are
    compared with their originals: damaged, restored by the pre-trained generator, and by the
    adversarial one, also by PSNR and SSIM.
    """
    _require_named(asked)
    from zerosum.api_evaluate import evaluate_request

    with StageBar() as bar:
        line = evaluate_request(asked, bar.stage)
    if as_json:
        echo(json.dumps(line.as_dict(), indent=2, ensure_ascii=False))
    else:
        print_scores(line)


def _require_named(asked: Request) -> None:
    """Told at once, before the seconds that importing torch takes."""
    if not asked.images:
        raise UsageError(
            "it is not said what to score", "give a run, or a folder or archive of images"
        )
    if asked.against and not asked.against.endswith(".safetensors"):
        require_images(asked.against)


def print_scores(line: ScoreLine) -> None:
    """The table of a line of scores.jsonl, its protocol, and what to know of it."""
    from zerosum.cli.document import print_block, print_table
    from zerosum.report.document import Table
    from zerosum.report.scores import measured

    for block in measured(line):
        if isinstance(block, Table):
            # Many columns are to fit into 80 letters, and no number may be cut short.
            print_table(replace(block, title=""), room=USUAL, errors_below=bool(line.versions))
        else:
            print_block(block)
