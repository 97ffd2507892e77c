"""The Python API of a generator that goes elsewhere, and of one that comes back."""

from pathlib import Path

from zerosum.api_run import Run, run_named
from zerosum.api_threads import working_with
from zerosum.arguments import request_of
from zerosum.errors import ZerosumError
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.exporting.config import CONFIG
from zerosum.exporting.export import Exported, export_run
from zerosum.exporting.hub import WEIGHTS, load_pretrained
from zerosum.exporting.repository import fetched, is_repository
from zerosum.exporting.request import ExportRequest, FormatName
from zerosum.generation.generator import BATCH, TrainedGenerator
from zerosum.notebook import stages
from zerosum.options import Threads
from zerosum.reading import user_path
from zerosum.records.run import RunFolder
from zerosum.spelling import python_call


@python_call()
def export(
    run: Run | str | Path,
    format: FormatName = "onnx",
    *,
    out: str | Path | None = None,
    push: str = "",
    checkpoint: str | int = "latest",
    average: bool | None = None,
    threads: Threads = "auto",
    quiet: bool = False,
) -> Exported:
    """The generator of a run for other programs, checked beside the run: `path` of what comes back.

    `format` is "onnx" (a file that ONNX Runtime computes, which needs neither zerosum nor PyTorch;
    the extra onnx), "hub" (a folder as the Hugging Face Hub has models, for `from_pretrained`) or
    "torch" (a program of torch.export). A file replaces one of the same name, a folder none. `push`
    sends a folder to a repository of the Hub, "OWNER/NAME" (the extra hub). `checkpoint` is
    "latest", "best" or the images seen, `average` chooses the average of the weights or the last
    ones. Raises ZerosumError, which says what to do; then nothing is
    written, but where only the sending failed, the folder stays.
    """
    asked = request_of(ExportRequest, locals())
    with stages(quiet) as stage:
        return write_export(run_named(run), asked, stage)


@python_call()
def from_pretrained(
    source: str | Path, *, device: str = "auto", batch: int = BATCH
) -> TrainedGenerator:
    """The generator of an exported folder, or of a repository of the Hugging Face Hub, "OWNER/NAME"
    (the extra hub): the pictures are those of the run. What is there as a folder wins.

    A callable: picture numbers, or latents (n, latent) → images n×H×W×C uint8. Of a run that
    restores, `zerosum.generation.restore_picture` takes it. Raises ZerosumError, which says what to
    do. Nothing in what was fetched is run, but parts of its own that you trusted on this machine
    (`zerosum parts FOLDER`).
    """
    folder = user_path(source)
    if not folder.exists():
        if not is_repository(str(source)):
            raise ZerosumError(
                f"there is no folder at {source}",
                "give one that `zerosum export RUN --format hub` wrote, or a repository of the "
                "Hub: OWNER/NAME",
            )
        folder = fetched(str(source), (CONFIG, WEIGHTS))
    return load_pretrained(folder, device=device, batch=batch)


def write_export(run: RunFolder, asked: ExportRequest, stage: Stage = no_stage) -> Exported:
    """`export` for who has a request ready."""
    with working_with(asked.threads, "cpu", quick=True):
        return export_run(run, asked, stage)
