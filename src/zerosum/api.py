"""The public Python API of a training. The command is thin over it."""

import contextlib
import shlex
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zerosum.api_run import Run, write_reports
from zerosum.arguments import request_of, text_of, threads_of
from zerosum.data import PackedData, open_data
from zerosum.data.opening import fitting_of, require_classes
from zerosum.data.pool import decoding_with
from zerosum.data.sources import NAMES
from zerosum.diagnosis.verdicts import require_verdicts
from zerosum.errors import UsageError
from zerosum.evaluation.extractors import OwnExtractors, open_extractor
from zerosum.generation.restored import write_restoration
from zerosum.notebook import ProgressBar
from zerosum.processor import WATCH
from zerosum.reading import require_utf8, user_path
from zerosum.recipe.changes import set_differently_in_words
from zerosum.recipe.fields import field_names, option_words
from zerosum.recipe.length import length_in_words, long_enough
from zerosum.recipe.load import load_recipe, override
from zerosum.recipe.oddities import oddities
from zerosum.recipe.settings import Recipe
from zerosum.records.lock import lock
from zerosum.records.run import RunFolder
from zerosum.scoring.checkpoints import Scoring
from zerosum.spelling import python_call
from zerosum.training.companions import companions
from zerosum.training.devices import (
    agree,
    require_equal_shares,
    require_one_graph,
    require_same_command,
    require_spread,
)
from zerosum.training.finite import DivergedError
from zerosum.training.loop import train_run
from zerosum.training.meeting import meet
from zerosum.training.own_parts import try_parts
from zerosum.training.place import as_begun, choose_run, nothing_saved
from zerosum.training.progress import Listener, Several
from zerosum.training.request import Devices, TrainRequest
from zerosum.training.transfer import find_source

MACHINE = {
    "device": "devices=Devices({})",
    "precision": "devices=Devices(precision={})",
    "threads": "devices=Devices(threads={})",
}
"""How Python says what options of the command line say of one device."""


@python_call(
    field_names,
    **{
        **MACHINE,
        "from": "back_to",
        "devices": "devices=Devices(count={})",
        "nodes": "devices=Devices(nodes={})",
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
    init_from: str | Path | Run | None = None,
    back_to: str | int = "",
    stop_after: float | str | None = None,
    stop_on: str | Sequence[str] = (),
    listener: Listener | Sequence[Listener] | None = None,
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

    A progress bar is shown, or lines where nobody looks at a terminal, unless it is to be `quiet`.
    A `listener`, or several, are told of each event (`zerosum.Listener`; `zerosum.listeners` has
    those of experiment trackers). What one raises ends the run as failed, saved, and is raised
    here. Ctrl-C (or the notebook's stop button) saves before it raises KeyboardInterrupt;
    the same call goes on from there.

    The run that comes back tells in `outcome` how the training ended. Raises ZerosumError, which
    says what to do, and TypeError.
    """
    if isinstance(init_from, Run):
        init_from = init_from.path
    asked = request_of(TrainRequest, locals())
    listeners: list[Listener] = [] if quiet else [ProgressBar()]
    listeners += [listener] if isinstance(listener, Listener) else listener or []
    run = run_training(
        recipe if isinstance(recipe, Recipe) else text_of(recipe, "recipe"),
        asked,
        devices or Devices(),
        listeners,
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
    asked: TrainRequest,
    devices: Devices,
    listeners: Sequence[Listener],
    command: str | None = None,
) -> Run:
    """`train` for those that look after signals themselves: a stopped run comes back. `command` is
    noted in the run as what trains it; None: the one that would train the same."""
    require_verdicts(asked.stop_on)
    settings = begin_settings(recipe, asked, devices)
    if command is None:
        command = _command_of(recipe, asked.data, asked.overrides)
    source = find_source(asked.init_from) if asked.init_from else None
    if source is not None and asked.back_to:
        raise UsageError(
            "a run starts from another's weights or goes back to a checkpoint of its own, not both",
            "leave --init-from or --from out",
        )
    with contextlib.ExitStack() as held:
        held.enter_context(decoding_with(devices.threads))
        fabric = held.enter_context(companions(devices))
        listener = Several(listeners if fabric.is_global_zero else ())
        begun = open_training(recipe, settings, asked, listener)
        meet(fabric)  # one of them may have packed the images of its machine
        require_same_command(fabric, begun.settings, asked)
        # All processes looked, but the first one's answer counts: a folder may have come between.
        folder = fabric.broadcast(begun.folder)
        settings, images = as_begun(folder, begun.settings, asked.overrides), begun.images
        first = fabric.is_global_zero
        require_utf8(str(folder.path), "and TensorBoard cannot write there", "choose another --out")
        listener.data_opened(images, folder)
        if not folder.exists() or nothing_saved(folder):
            for text in first_words(recipe, begun.asked, settings, images):
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
                evaluator_of=Scoring,
                stop_after=asked.stop_after,
                stop_on=asked.stop_on,
                init_from=source,
                back_to=asked.back_to,
                devices=devices,
                command=command,
            )
        except DivergedError:
            held.close()  # all processes found it, and end: this one is no longer to watch them
            # Its curves show how it came to that.
            if first:
                write_reports(folder)
            raise
        if first:
            if settings.task.pairs and outcome.status == "finished":
                write_restoration(folder, images, device=str(fabric.device))
            write_reports(folder)
        if outcome.failure is not None:
            raise outcome.failure
    return Run(folder, outcome)


@dataclass(frozen=True)
class Begun:
    """What a training is, before anything of it is done."""

    asked: Recipe
    """What was asked for, with the fingerprint of the images."""
    settings: Recipe
    """The same made long enough: what is trained in a new folder."""
    images: PackedData
    folder: RunFolder


def begin_settings(recipe: str | Recipe, asked: TrainRequest, devices: Devices) -> Recipe:
    """The settings of a training, once it is known that these devices can share its work; other
    programs are looked at from here on."""
    threads_of(devices.threads)
    if devices.threads == "auto":
        WATCH.begin()
    settings = settings_of(recipe, asked.data, asked.overrides)
    require_equal_shares(settings.schedule.batch, devices, settings.schedule.accumulate)
    require_spread(settings, devices)
    require_one_graph(settings, devices)
    try_parts(settings)
    return settings


def open_training(
    recipe: str | Recipe, settings: Recipe, asked: TrainRequest, listener: Listener
) -> Begun:
    """Open the images (packed, where they are not yet) and choose the run folder; nothing is
    written there."""
    # A Recipe says itself how long it trains, and so does that of a run.
    named = isinstance(recipe, str) and not settings.data.fingerprint
    images = open_data(
        settings.data,
        settings.seed,
        own=settings.parts.image_sets,
        data_root=asked.data_root,
        progress=listener.packed,
    )
    if settings.network.conditional:
        require_classes(images, settings.data, asked.data_root, settings.parts.image_sets)
    if settings.evaluation.images and settings.evaluation.is_own("extractor"):
        own = OwnExtractors(settings.parts.extractors, fitting_of(settings.data).shape)
        open_extractor(settings.evaluation.extractor, own=own)  # tried before anything is written
    settings = wanted = with_images(settings, images)
    given = asked.overrides
    if named:
        settings = long_enough(wanted, len(images.train), given)
    name = recipe if isinstance(recipe, str) else "recipe"
    folder = choose_run(settings, name, images.name, asked.out, given, finished=bool(asked.back_to))
    return Begun(wanted, settings, images, folder)


def first_words(
    recipe: str | Recipe, asked: Recipe, settings: Recipe, images: PackedData
) -> Iterator[str]:
    """What is said of a training that begins: what is not as in its recipe, and how long it is."""
    shipped = load_recipe(recipe) if isinstance(recipe, str) else recipe
    if changed := set_differently_in_words(shipped, asked):
        yield f"differs from the recipe: {changed}"
    yield from length_in_words(asked, settings, len(images.train))


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
    named = source in NAMES or source in settings.parts.image_sets
    path = source if named else str(user_path(source).absolute())
    require_utf8(
        path,
        "and no recipe can hold it",
        "rename it, or make a link of another name (ln -s PATH images) and give that",
    )
    classes = images.train.class_names if settings.network.conditional else ()
    return _with_data(settings, source=path, fingerprint=images.fingerprint, classes=classes)


def _with_data(settings: Recipe, **fields: str | tuple[str, ...]) -> Recipe:
    return settings.model_copy(update={"data": settings.data.model_copy(update=fields)})
