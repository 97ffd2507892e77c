"""The public Python API of scores. The command is thin over it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zerosum.api_run import Run, images_named, write_reports
from zerosum.api_threads import working_with
from zerosum.arguments import request_of
from zerosum.data.fit import Fit
from zerosum.errors import ZerosumError
from zerosum.evaluation.evaluate import Evaluated
from zerosum.evaluation.evaluate import evaluate as run_request
from zerosum.evaluation.extractors import Resize
from zerosum.evaluation.images import array_images
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.evaluation.opening import Part
from zerosum.evaluation.request import Request
from zerosum.evaluation.restoration_request import evaluate_restoration, restores
from zerosum.evaluation.scoring import Scores
from zerosum.generation.images import run_images
from zerosum.generation.made import Maker, gathered
from zerosum.generation.restored import restoration_versions
from zerosum.notebook import stages
from zerosum.options import Threads
from zerosum.recipe.load import read_recipe
from zerosum.records.lock import held
from zerosum.records.logs import MANUAL, ScoreLine
from zerosum.records.run import RunFolder
from zerosum.records.runs import find_run
from zerosum.scoring.board import draw_scores
from zerosum.scoring.note import ScoringNote
from zerosum.spelling import python_call


@python_call(images="count", split="part", **{"with": "parts"})
def evaluate(
    images: Run | str | Path | NDArray[np.uint8] | Maker,
    against: str | Path = "",
    *,
    count: int = 0,
    latent: int | Sequence[int] = 0,
    scores: str | Sequence[str] = (),
    part: Part = "auto",
    protocol: str = "",
    parts: str | Path | None = None,
    extractor: str = "",
    layer: str = "",
    weights: str | Path | None = None,
    resize: Resize | None = None,
    precision: Literal["float32", "bf16"] | None = None,
    checkpoint: str | int = "latest",
    average: bool | None = None,
    seed: int = 0,
    resolution: int | str = 0,
    channels: int = 0,
    fit: Fit | None = None,
    range: str = "",
    save_reference: str | Path | None = None,
    device: str = "auto",
    threads: Threads = "auto",
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> Scores:
    """Score a run, one of its checkpoints, a folder or archive of images, an array of them (n,
    height, width, channels) uint8, or what makes some: `evaluate(run)["fid"]`.

    A module is called with latents of the shape `latent`, such as 100 or (100, 1, 1); a function
    with these, or without `latent` with how many pictures it shall give; an iterable gives batches.
    They are arrays as above, or tensors (n, channels, height, width) from -1 to 1.

    `against` is a name, folder, archive or saved reference; empty: the images that the run was
    trained on. `count` generated images are scored (0: as the recipe says; all of a folder), by
    `scores` such as "fid,kid" or ("fid", "kid"), also those of `parts`, a Python file of your own
    (`zerosum.score`), in the features of `extractor` ("digits",
    "inception", "dinov2-vit-s-14"), its `layer` and `weights`. `part` of the real images is
    "train", "held out" or "all"; `protocol` fixes all of it. Pictures of a folder are brought to
    `resolution` (64, or width x height, "64x96") and `channels` by `fit`, deep ones by their
    `range`. `threads` of the processor compute, "auto": as many as other programs leave free. What
    comes back has each value with its error, and the protocol.

    Of a run that restores pictures, held-out ones are compared with their originals;
    `Scores.versions` then has the scores, PSNR and SSIM of the damaged, the pre-trained and the
    adversarially restored ones. Progress is shown unless it is to be `quiet`. Raises ZerosumError,
    which says what to do, and TypeError.
    """
    maker: Maker | None = None
    name, array = "array", None
    if isinstance(images, Run | str | Path | np.ndarray):
        name, array = images_named(images)
    else:
        maker = images
    request = request_of(Request, locals() | {"images": name})
    with stages(quiet) as stage:
        if maker is not None:
            pictures = gathered(maker, request.count, latent, request.seed, stage)
            request = replace(request, array=array_images(pictures))
        return _evaluated(request, stage).scores


def evaluate_request(request: Request, stage: Stage = no_stage) -> ScoreLine:
    """Score what was asked for; the line as it stands in scores.jsonl, where a run is scored.

    Its summary and chart are written anew. Where nothing can be written there, a note of the line
    says so.
    """
    found = find_run(Path(request.images))
    note = None if found is None else ScoringNote(found[0], stage)
    try:
        evaluated = _evaluated(request, stage if note is None else note.stage)
    finally:
        if note is not None:
            note.close()
    if evaluated.run is None:
        return evaluated.scores.line(MANUAL)
    line = evaluated.scores.line(MANUAL, int(evaluated.scores.protocol.checkpoint))
    return replace(line, notes=(*line.notes, *_keep(evaluated.run, line, evaluated.own)))


def _keep(run: RunFolder, line: ScoreLine, own: Mapping[str, str]) -> list[str]:
    """Add a line to a run's scores; notes on what could not be written, as in a run that is
    somebody else's: its scores are worth knowing all the same. `own`: of scores from files of the
    user's the digests of these."""
    kept = [each.sha256 for each in read_recipe(run.recipe_file).parts.files]
    if foreign := [name for name, digest in own.items() if digest not in kept]:
        return [f"these scores are not kept with the run, which lacks the file of {foreign[0]}"]
    try:
        run.require_own_parts()
        run.add_scores(line)
    except ZerosumError as error:
        return [f"these scores are not kept with the run: {error.what}"]
    try:
        if not held(run.path):
            # Beside a training's own file TensorBoard would no longer look at that one.
            draw_scores(run, line)
        write_reports(run)
    except ZerosumError as error:
        return [f"summary and charts of the run are as they were: {error.what}"]
    return []


def _evaluated(request: Request, stage: Stage = no_stage) -> Evaluated:
    with working_with(request.threads, request.device):
        if restores(request):
            return evaluate_restoration(request, restoration_versions, stage)
        return run_request(request, run_images, stage)
