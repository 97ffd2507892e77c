"""`zerosum evaluate`: scores of a run, a checkpoint, or anybody's images, with their protocol."""

import json
from dataclasses import replace

import click

from zerosum.cli.known import RunOrImages, require_images
from zerosum.cli.options import described
from zerosum.cli.pictures import StageBar
from zerosum.cli.terminal import USUAL, echo
from zerosum.cli.words import Command
from zerosum.errors import UsageError
from zerosum.evaluation.request import Request
from zerosum.options import option
from zerosum.records.logs import ScoreLine

TOPICS = {
    "What is scored": ("images", "seed", "checkpoint"),
    "Against what": ("against", "split"),
    "How": ("scores", "extractor", "protocol", "device"),
    "Output": ("json", "save-reference"),
}
"""The options that people use."""


@click.command(cls=Command, topics=TOPICS)
@click.argument("images", type=RunOrImages(), default="")
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
    """Checked at once, before the seconds that importing torch takes."""
    if not asked.images:
        raise UsageError(
            "it is not said what to score", "give a run, or a folder or archive of images"
        )
    if not asked.against or asked.against.endswith(".safetensors"):
        return
    if asked.parts is None and not _has_own_parts(asked.images):
        require_images(asked.against)


def _has_own_parts(images: str) -> bool:
    """Whether it is a run with files of parts, which may bring image sets."""
    from zerosum.recipe.load import kept_parts
    from zerosum.records.runs import find_run, named_path

    found = find_run(named_path(images))
    return found is not None and bool(kept_parts(found[0].recipe_file))


def print_scores(line: ScoreLine) -> None:
    """The table of a line of scores.jsonl, its protocol, and what to know of it."""
    from zerosum.cli.document import print_block, print_table
    from zerosum.report.document import Table
    from zerosum.report.measured import measured

    for block in measured(line):
        if isinstance(block, Table):
            # Many columns are to fit into 80 letters, and no number may be cut short.
            print_table(replace(block, title=""), room=USUAL, errors_below=bool(line.versions))
        else:
            print_block(block)
