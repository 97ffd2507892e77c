"""`zerosum export RUN`: the generator for other programs."""

from pathlib import Path

import click

from zerosum.cli.options import described
from zerosum.cli.pictures import StageBar, run_argument
from zerosum.cli.terminal import echo
from zerosum.cli.words import Command
from zerosum.exporting.request import FORMATS, ExportRequest

MEGABYTE = 1e6


@click.command(cls=Command)
@run_argument
@described
def export(run: Path, asked: ExportRequest) -> None:
    """Write the generator of RUN for other programs: ONNX, the Hugging Face Hub, PyTorch.

    What is written is read back by ONNX Runtime, zerosum or PyTorch and compared with RUN, picture
    by picture, before it gets its name: where a value is more than one grey level off, nothing is
    left.
    """
    from zerosum.api_export import write_export
    from zerosum.records.lock import held
    from zerosum.records.run import RunFolder

    with StageBar() as bar:
        made = write_export(RunFolder(run), asked, bar.stage)
    if held(run):
        echo(f"{run} is still being trained: this is what it can do now")
    what = f"checkpoint {made.checkpoint} ({made.weights} weights)"
    echo(f"{what} as {FORMATS[asked.format].title}, {made.size / MEGABYTE:,.1f} MB")
    echo(f"checked: {made.check}")
    echo(made.path)
    if made.repository:
        echo(made.repository)
