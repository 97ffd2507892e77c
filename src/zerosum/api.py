"""The public Python API: train, and open what was trained. The commands are thin over it."""

import contextlib
import shlex
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from zerosum.api_compare import CompareOptions, compare_sides
from zerosum.arguments import (
    number_of,
    path_of,
    require_again,
    require_two,
    seconds_in,
    text_of,
    words_of,
)
from zerosum.comparing.rescore import Rescore
from zerosum.data import PackedData, open_data
from zerosum.data.fit import Fit
from zerosum.data.sources import NAMES
from zerosum.diagnosis.verdicts import require_verdicts
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.evaluate import Evaluated
from zerosum.evaluation.evaluate import evaluate as run_request
from zerosum.evaluation.extractors import Resize
from zerosum.evaluation.images import Images, array_images
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.evaluation.opening import Part
from zerosum.evaluation.request import Request
from zerosum.evaluation.restoration_request import evaluate_restoration, restores
from zerosum.evaluation.scoring import Scores
from zerosum.generation import TrainedGenerator, load_generator, run_images
from zerosum.generation.restored import restoration_versions
from zerosum.notebook import ProgressBar, stages
from zerosum.reading import require_utf8, user_path
from zerosum.recipe import (
    Recipe,
    field_names,
    load_recipe,
    oddities,
    option_words,
    override,
    read_recipe,
    set_differently_in_words,
)
from zerosum.recipe.length import length_in_words, long_enough
from zerosum.records.run import RunFolder, held, lock
from zerosum.records.runs import find_run, named_path, named_run
from zerosum.records.score_line import ASKED, ScoreLine
from zerosum.report import write_charts, write_summary
from zerosum.report.comparison.compare import Comparison
from zerosum.report.restoration import write_restoration
from zerosum.scoring.note import ScoringNote
from zerosum.spelling import python_call
from zerosum.studies.standing import run_standing
from zerosum.training.companions import companions
from zerosum.training.devices import (
    Devices,
    agree,
    require_equal_shares,
    require_latents,
    require_spread,
)
from zerosum.training.finite import DivergedError
from zerosum.training.log_writer import add_scores
from zerosum.training.loop import Outcome, train_run
from zerosum.training.place import as_begun, choose_run, nothing_saved
from zerosum.training.progress import Listener, Silent
from zerosum.training.transfer import find_source


@dataclass(frozen=True)
class Run:
    """A run on disk: what it was trained with, where it stands, and its generator."""

    folder: RunFolder
    outcome: Outcome | None = None
    """How the training that gave this run ended; None for a run that was opened."""

    @classmethod
    def open(cls, path: str | Path) -> "Run":
        """The run in a folder, or of that name in runs/. Raises ZerosumError when there is none."""
        folder = RunFolder(named_run(text_of(path, "path")))
        folder.require()
        return cls(folder)

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.folder.path

    def recipe(self) -> Recipe:
        """All settings, defaults written out."""
        return read_recipe(self.folder.recipe_file)

    def state(self) -> dict[str, Any]:
        """Where it stands: status, step, images, seconds, machine, versions, data."""
        return self.folder.state()

    def __repr__(self) -> str:
        state = self.state()
        status, images = run_standing(self.folder).status or "begun", state.get("images", 0)
        return f"<run {self.path}: {status}, {images:,} images>"

    def metrics(self) -> list[dict[str, Any]]:
        """The lines of its curves, oldest first."""
        return self.folder.metrics()

    def scores(self) -> list[dict[str, Any]]:
        """The lines of its scores, oldest first: values with errors, protocol, floor and notes."""
        return [line.as_dict() for line in self.folder.scores()]

    def generator(self, checkpoint: str = "latest", *, device: str = "auto") -> TrainedGenerator:
        """A callable: seeds, or latents (n, latent) float32 → images n×H×W×C uint8.

        The average of the weights where the run keeps one. `checkpoint` is "latest", "best" or a
        number of images.
        """
        return load_generator(self.folder, checkpoint, device=device)


@python_call(
    field_names,
    **{
        "from": "back_to",
        "device": "devices=Devices({})",
        "devices": "devices=Devices(count={})",
        "nodes": "devices=Devices(nodes={})",
        "precision": "devices=Devices(precision={})",
        "compile": "devices=Devices(compile=True)",
    },
)
def train(
    recipe: str | Path | Recipe,
    data: str | Path = "",
    out: str | Path | None = None,
    *,
    overrides: Mapping[str, object] | None = None,
    devices: Devices | None = None,
    data_root: str | Path | None = None,
    init_from: "str | Path | Run | None" = None,
    back_to: str | int = "",
    stop_after: float | str | None = None,
    stop_on: str | Sequence[str] = (),
    listener: Listener | None = None,
    quiet: bool = False,
) -> Run:
    """Train a recipe on images, going on from whatever the run folder holds; then score it.

    `recipe` is a shipped name, the path of a `.toml` file, or a Recipe; `overrides` sets fields by
    their dotted names or shorthands ({"schedule.batch": 64}, {"learning-rate": 1e-4}). `data` is a
    name, folder or archive; empty: the recipe's own. `out` defaults to runs/RECIPE-DATA-N; a
    finished run there stays as it is.

    `stop_after` is a time, in seconds or as "10m"; `stop_on` names verdicts on its health that end
    the run, such as "collapsed". `init_from` is a run, or one of its checkpoints, whose weights a
    new run starts from; `back_to` names a checkpoint of this run to go on from ("best", or images
    seen): what came after it is kept in RUN/aside, as a run of its own.

    A progress bar is shown, or lines where nobody looks at a terminal, unless it is to be `quiet`
    or a `listener` is told instead. What a listener raises ends the run as failed, saved, and is
    raised here. Ctrl-C (or the notebook's stop button) saves before it raises KeyboardInterrupt;
    the same call goes on from there.

    The run that comes back tells in `outcome` how the training ended. Raises ZerosumError, which
    says what to do, and TypeError.
    """
    run = run_training(
        recipe if isinstance(recipe, Recipe) else text_of(recipe, "recipe"),
        text_of(data, "data"),
        out,
        overrides=overrides,
        devices=devices,
        data_root=data_root,
        init_from=init_from.path if isinstance(init_from, Run) else init_from,
        back_to=str(back_to),
        stop_after=seconds_in(stop_after),
        stop_on=words_of(stop_on, "stop_on"),
        listener=listener or (Silent() if quiet else ProgressBar()),
    )
    if run.outcome is not None and run.outcome.signal is not None:
        # What it does to any other Python program: all is saved.
        signal.raise_signal(run.outcome.signal)
    return run


def _command_of(recipe: str | Recipe, data: str, overrides: Mapping[str, object]) -> str:
    """The command that trains the same; "" for a Recipe, which the command line cannot name."""
    if isinstance(recipe, Recipe):
        return ""
    words = ["zerosum", "train", recipe]
    if data:
        words += ["--data", data]
    return shlex.join([*words, *(w for item in overrides.items() for w in option_words(*item))])


def run_training(
    recipe: str | Recipe,
    data: str,
    out: str | Path | None,
    *,
    overrides: Mapping[str, object] | None,
    devices: Devices | None,
    data_root: str | Path | None,
    init_from: str | Path | None,
    back_to: str,
    stop_after: float | None,
    stop_on: Sequence[str],
    listener: Listener,
    command: str | None = None,
) -> Run:
    """`train` for those that look after signals themselves: a stopped run comes back. `command` is
    noted in the run as what trains it; None: the one that would train the same."""
    devices = devices or Devices()
    given = overrides or {}
    require_verdicts(stop_on)
    name = recipe if isinstance(recipe, str) else "recipe"
    settings = settings_of(recipe, data, given)
    # A Recipe says itself how long it trains, and so does that of a run.
    named = isinstance(recipe, str) and not settings.data.fingerprint
    if command is None:
        command = _command_of(recipe, data, given)
    source = find_source(Path(init_from)) if init_from else None
    if source is not None and back_to:
        raise UsageError(
            "a run starts from another's weights or goes back to a checkpoint of its own, not both",
            "leave --init-from or --from out",
        )
    require_equal_shares(settings.schedule.batch, devices, settings.schedule.accumulate)
    require_spread(settings, devices)
    require_latents(settings, devices)
    with contextlib.ExitStack() as held:
        fabric = held.enter_context(companions(devices))
        if not fabric.is_global_zero:
            listener = Silent()
        images = open_data(
            settings.data,
            settings.seed,
            data_root=Path(data_root) if data_root else None,
            progress=listener.packed,
        )
        settings = asked = with_images(settings, images)
        if named:
            settings = long_enough(asked, len(images.train), given)
        first = fabric.is_global_zero
        folder = choose_run(
            settings,
            name,
            images.name,
            Path(out) if out else None,
            given,
            finished=bool(back_to),
        )
        # All processes looked, but the first one's answer counts: a folder may have come between.
        folder = fabric.broadcast(folder)
        settings = as_begun(folder, settings, given)
        require_utf8(str(folder.path), "and TensorBoard cannot write there", "choose another --out")
        listener.data_opened(images, folder)
        if not folder.exists() or nothing_saved(folder):
            shipped = load_recipe(recipe) if isinstance(recipe, str) else recipe
            if changed := set_differently_in_words(shipped, asked):
                listener.message(f"differs from the recipe: {changed}")
            for text in length_in_words(asked, settings, len(images.train)):
                listener.message(text)
        for oddity in oddities(settings):
            listener.message(f"note: {oddity}")
        agree(fabric, lambda: held.enter_context(lock(folder.path)))
        try:
            outcome = train_run(
                settings,
                images,
                folder,
                fabric,
                listener=listener,
                stop_after=stop_after,
                stop_on=stop_on,
                init_from=source,
                back_to=back_to,
                devices=devices,
                command=command,
            )
        except DivergedError:
            # Its curves show how it came to that.
            if first:
                _write_reports(folder)
            raise
        if first:
            if settings.restores and outcome.status == "finished":
                write_restoration(folder, images, device=str(fabric.device))
            _write_reports(folder)
        if outcome.failure is not None:
            raise outcome.failure
    return Run(folder, outcome)


@python_call(images="count", split="part")
def evaluate(
    images: Run | str | Path | NDArray[np.uint8],
    against: str | Path = "",
    *,
    count: int = 0,
    scores: str | Sequence[str] = (),
    part: Part = "auto",
    protocol: str = "",
    extractor: str = "",
    layer: str = "",
    weights: str | Path | None = None,
    resize: Resize | None = None,
    precision: Literal["float32", "bf16"] | None = None,
    checkpoint: str | int = "latest",
    average: bool | None = None,
    seed: int = 0,
    resolution: int = 0,
    channels: int = 0,
    fit: Fit | None = None,
    range: str = "",
    save_reference: str | Path | None = None,
    device: str = "auto",
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> Scores:
    """Score a run, one of its checkpoints, a folder or archive of images, or an array of them
    (n, side, side, channels) uint8: `evaluate(run)["fid"]`.

    `against` is a name, folder, archive or saved reference; empty: the images that the run was
    trained on. `count` generated images are scored (0: as the recipe says; all of a folder), by
    `scores` such as "fid,kid" or ("fid", "kid"), in the features of `extractor` ("digits",
    "inception", "dinov2-vit-s-14"), its `layer` and `weights`. `part` of the real images is
    "train", "held out" or "all"; `protocol` fixes all of it. Pictures of a folder are brought to
    `resolution` and `channels` by `fit`, deep ones by their `range`. What comes back has each
    value with its error, and the protocol.

    Of a run that restores pictures, held-out ones are compared with their originals;
    `Scores.versions` then has the scores, PSNR and SSIM of the damaged, the pre-trained and the
    adversarially restored ones. Progress is shown unless it is to be `quiet`. Raises ZerosumError,
    which says what to do, and TypeError.
    """
    name, array = images_named(images)
    request = Request(
        name, text_of(against, "against"), part, protocol, number_of(count, "count"),
        words_of(scores, "scores"),
        extractor, layer, path_of(weights), resize, precision, str(checkpoint), average, seed,
        resolution, channels, fit, range, path_of(save_reference), device, path_of(data_root),
        array=array,
    )  # fmt: skip
    with stages(quiet) as stage:
        return _evaluated(request, stage).scores


def run_named(run: Run | str | Path) -> RunFolder:
    """The folder of a run, of its path, or of its name below runs/."""
    return run.folder if isinstance(run, Run) else RunFolder(named_run(text_of(run, "run")))


def path_named(thing: Run | str | Path, name: str) -> str:
    """The path of a run, of a path or of a name below runs/ or studies/; a data set's name as it
    is."""
    if isinstance(thing, Run):
        return str(thing.path)
    text = text_of(thing, name)
    return text if text in NAMES else str(named_path(text))


def images_named(thing: Run | str | Path | NDArray[np.uint8]) -> tuple[str, Images | None]:
    """What to score: the path or name of images, or what to call images in memory, and these."""
    if isinstance(thing, np.ndarray):
        return "array", array_images(thing)
    return path_named(thing, "images"), None


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
        return evaluated.scores.line(ASKED)
    line = evaluated.scores.line(ASKED, int(evaluated.scores.protocol.checkpoint))
    return replace(line, notes=(*line.notes, *_keep(evaluated.run, line)))


def _keep(run: RunFolder, line: ScoreLine) -> list[str]:
    """Add a line to a run's scores; notes on what could not be written, as in a run that is
    somebody else's: its scores are worth knowing all the same."""
    try:
        run.require_own_parts()
        run.add_scores(line)
    except ZerosumError as error:
        return [f"these scores are not kept with the run: {error.what}"]
    try:
        if not held(run.path):
            # Beside a training's own file TensorBoard would no longer look at that one.
            add_scores(run, line)
        _write_reports(run)
    except ZerosumError as error:
        return [f"summary and charts of the run are as they were: {error.what}"]
    return []


@python_call(images="count")
def compare(
    things: "Sequence[Run | str | Path]",
    *,
    again: bool = False,
    out: str | Path | None = None,
    checkpoint: str | int = "",
    seed: int = 0,
    count: int = 0,
    against: str | Path = "",
    scores: str | Sequence[str] = (),
    extractor: str = "",
    layer: str = "",
    weights: str | Path | None = None,
    device: str = "auto",
    data_root: str | Path | None = None,
    quiet: bool = False,
) -> Comparison:
    """Lay runs, checkpoints and folders of images side by side: settings that differ, scores,
    curves, samples. A notebook shows it as tables; it is written to `out`, or comparisons/.

    Scores are compared only where they were measured alike; `again` scores all now, under one
    protocol, by `count` images of each, `against`, `scores`, `extractor`, `layer` and `weights` as
    in `evaluate`, and keeps the scores with the runs. `checkpoint` is that of all runs, `seed` that
    of the pictures. Raises ZerosumError, which says what to do, and TypeError.
    """
    if isinstance(things, str | Path | Run):
        raise TypeError("things= is a list of two or more: compare([run, other])")
    scoring = {
        "images": count, "against": against, "scores": scores, "extractor": extractor,
        "layer": layer, "weights": weights,
    }  # fmt: skip
    require_two(things)
    require_again(again, scoring)
    how = Rescore(
        count, text_of(against, "against"), words_of(scores, "scores"), extractor, layer,
        path_of(weights), seed, device, path_of(data_root),
    )  # fmt: skip
    options = CompareOptions(
        how if again else None, path_of(out), str(checkpoint), seed, device, path_of(data_root)
    )
    with stages(quiet) as stage:
        return compare_things([path_named(thing, "things") for thing in things], options, stage)


def compare_things(
    things: Sequence[str],
    options: CompareOptions,
    stage: Stage = no_stage,
) -> Comparison:
    """`compare` for who has its options ready."""
    return compare_sides(things, options, evaluate_request, stage)


def _evaluated(request: Request, stage: Stage = no_stage) -> Evaluated:
    if restores(request):
        return evaluate_restoration(request, restoration_versions, stage)
    return run_request(request, run_images, stage)


def _write_reports(folder: RunFolder) -> None:
    write_charts(folder)
    write_summary(folder)


def settings_of(recipe: str | Recipe, data: str, overrides: Mapping[str, object]) -> Recipe:
    """A recipe with fields replaced and its images named.

    Raises UsageError when neither the recipe nor `data` names images.
    """
    if isinstance(recipe, str):
        settings, name = load_recipe(recipe, overrides), f"recipe {recipe}"
    else:
        settings, name = override(recipe, overrides), "the recipe"
    source = data or settings.data.source
    if not source:
        raise UsageError(
            f"{name} does not say which images",
            "add --data FOLDER, an archive, or a name such as --data=digits",
        )
    return _with_data(settings, source=source)


def with_images(settings: Recipe, images: PackedData) -> Recipe:
    """A recipe with the fingerprint of its images, and their path made absolute, so that the run
    can be continued from any folder."""
    source = settings.data.source
    path = source if source in NAMES else str(user_path(source).absolute())
    require_utf8(
        path,
        "and no recipe can hold it",
        "rename it, or make a link of another name (ln -s PATH images) and give that",
    )
    return _with_data(settings, source=path, fingerprint=images.fingerprint)


def _with_data(settings: Recipe, **fields: str) -> Recipe:
    return settings.model_copy(update={"data": settings.data.model_copy(update=fields)})
