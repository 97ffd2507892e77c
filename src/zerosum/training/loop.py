"""The loop around the step: when to log, to sample, to save, to stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from zerosum.data import Batches, PackedData
from zerosum.generation import TrainedGenerator, to_uint8
from zerosum.recipe import Recipe
from zerosum.run import LATEST, RunFolder, checkpoint_names, write_json
from zerosum.training.checkpoints import (
    Position,
    load_checkpoint,
    newest_whole_checkpoint,
    point_to,
    save_checkpoint,
)
from zerosum.training.devices import machine_name
from zerosum.training.finite import DivergedError, FiniteWatch
from zerosum.training.optimizers import DECAYS, set_learning_rate
from zerosum.training.place import begin_or_continue, images_total
from zerosum.training.players import Players, build_players
from zerosum.training.progress import Listener
from zerosum.training.records import Meter, Records, log_line
from zerosum.training.step import Game, train_step
from zerosum.training.stopping import StopRequest
from zerosum.training.transfer import demand_same_networks, initialise_from
from zerosum.versions import versions

SAMPLES = 64
"""Pictures in a sample grid: those numbered 0 to 63 of `zerosum sample`."""


@dataclass(frozen=True)
class Outcome:
    """How a training ended: finished, or stopped with everything saved."""

    status: str
    """"finished" or "stopped"."""
    signal: int | None
    """The signal that stopped it, if one did."""
    first: bool
    """Whether this is the first of several processes, the one that writes and may speak."""


@dataclass
class Training:
    """A run in progress: what a step needs, where it stands, and its open files."""

    run: RunFolder
    game: Game
    data: PackedData
    total: int
    position: Position
    meter: Meter
    watch: FiniteWatch
    records: Records | None
    """None in all processes but the first, which alone writes."""
    facts: dict[str, Any]
    """The part of state.json that stays the same."""


def train_run(
    recipe: Recipe,
    data: PackedData,
    run: RunFolder,
    fabric: Fabric,
    *,
    listener: Listener,
    stop_after: float | None = None,
    init_from: RunFolder | None = None,
    compiled: bool = False,
    command: str = "",
) -> Outcome:
    """Train until the recipe's schedule is over, from wherever the run folder stands.

    `recipe` carries the fingerprint of `data`. `stop_after` is in seconds. On the CPU, a run that
    was killed at any moment ends with the weights, bit for bit, of one that was not.

    Raises ZerosumError when the folder holds a run of other settings or images, when the disk is
    full, or (DivergedError) when a number stops being finite; the last good checkpoint stays.
    """
    stop = StopRequest(stop_after)
    with stop.listening():
        training = _start(recipe, data, run, fabric, listener, init_from, compiled, command)
        try:
            return _go_on(training, listener, stop)
        except DivergedError as error:
            _write_state(training, "failed", error.what)
            raise
        finally:
            listener.end()
            if training.records is not None:
                training.records.close()


def _go_on(training: Training, listener: Listener, stop: StopRequest) -> Outcome:
    """Step until the end or a stop; the run is saved either way."""
    game, fabric = training.game, training.game.fabric
    schedule = game.recipe.schedule
    listener.begin(training.position.images, training.total)
    since = time.monotonic()
    logged_at, logged_images = since, training.position.images
    while training.position.images < training.total and not stop.agreed(
        fabric, training.position.step
    ):
        before = training.position.images
        rates = _set_learning_rates(training)
        step = training.position.step + 1
        result = train_step(game, step, before)
        training.meter.add(result)
        training.watch.look(step, result)
        now = time.monotonic()
        training.position = Position(
            step, before + result.images, training.position.seconds + now - since
        )
        since = now
        listener.stepped(training.position.images)
        if step % schedule.log_every == 0:
            speed = (training.position.images - logged_images) / (now - logged_at)
            _log(training, listener, rates, speed)
            logged_at, logged_images = time.monotonic(), training.position.images
        if _crossed(before, training.position.images, schedule.sample_every):
            _sample(training)
        if _crossed(before, training.position.images, schedule.checkpoint_every):
            _save(training, "running")
    finished = training.position.images >= training.total
    status = "finished" if finished else "stopped"
    _sample(training)
    _save(training, status)
    return Outcome(status, None if finished else stop.signal, fabric.is_global_zero)


def _start(
    recipe: Recipe,
    data: PackedData,
    run: RunFolder,
    fabric: Fabric,
    listener: Listener,
    init_from: RunFolder | None,
    compiled: bool,
    command: str,
) -> Training:
    """Build everything, load the newest whole checkpoint, write what a new run begins with."""
    if init_from is not None:
        # Before the folder is begun: a refused command must leave it free for the right one.
        demand_same_networks(init_from, recipe)
    if fabric.is_global_zero:
        begin_or_continue(run, recipe, len(data.train))
    fabric.barrier()
    players = build_players(recipe, fabric)
    position = _resume(run, players, fabric, listener)
    if init_from is not None and position is None:
        initialise_from(init_from, players)
        listener.message(f"starts from the weights of {init_from.path}")
    here = position or Position()
    total = images_total(recipe, len(data.train))
    if here.images >= total:
        listener.message("it is finished already; a larger --epochs or --images trains on")
    modules = players.generator, players.discriminator
    generate, judge = map(_compile, modules) if compiled else modules
    batches = Batches(data.train, recipe.data, recipe.seed, fabric.device)
    game = Game(recipe, players, batches, fabric, generate, judge)
    training = Training(
        run=run,
        game=game,
        data=data,
        total=total,
        position=here,
        meter=Meter(fabric.device, here.sums, here.count),
        watch=FiniteWatch(players, fabric.device),
        records=Records(run, here.images if position else -1) if fabric.is_global_zero else None,
        facts=_facts(training_data=data, fabric=fabric, command=command, init_from=init_from),
    )
    if position is None:
        _first_pictures(training)
    _write_state(training, "running")
    return training


def _resume(
    run: RunFolder, players: Players, fabric: Fabric, listener: Listener
) -> Position | None:
    """Load the newest whole checkpoint; None when there is none."""
    found = newest_whole_checkpoint(run)
    fabric.barrier()
    for problem in found.damaged:
        listener.message(f"{problem}; trying the one before")
    if found.folder is None:
        if checkpoint_names(run):
            listener.message("no whole checkpoint is left; starting again from the beginning")
        return None
    position = load_checkpoint(found.folder, players)
    if fabric.is_global_zero:
        point_to(run.checkpoints / LATEST, found.folder.name)
    listener.message(f"continues {run.path} at {position.images:,} images")
    return position


def _compile(module: nn.Module) -> Callable[[Tensor], Tensor]:
    compiled: Callable[[Tensor], Tensor] = torch.compile(module)
    return compiled


def _set_learning_rates(training: Training) -> dict[str, float]:
    """Both players' learning rates for the next step, set and returned as log fields."""
    recipe = training.game.recipe
    factor = DECAYS[recipe.schedule.decay](training.position.images / training.total)
    rates = {}
    for player, optimizer in training.game.players.optimizers().items():
        rate = getattr(recipe.optimizer, player).learning_rate * factor
        set_learning_rate(optimizer, rate)
        rates[f"learning_rate_{player}"] = rate
    return rates


def _log(training: Training, listener: Listener, rates: dict[str, float], speed: float) -> None:
    training.watch.check()
    means: Tensor = training.meter.means()
    if training.game.fabric.world_size > 1:
        reduced = training.game.fabric.all_reduce(means, reduce_op="mean")
        assert isinstance(reduced, Tensor)
        means = reduced
    training.meter.clear()
    position = {
        "step": training.position.step,
        "images": training.position.images,
        "seconds": round(training.position.seconds, 3),
        "images_per_second": round(speed, 2),
    }
    wasserstein = training.game.recipe.objective.loss == "wasserstein"
    line = log_line(means, position, rates, wasserstein)
    if training.records is not None:
        training.records.log(line)
    listener.logged(line)


def _crossed(before: int, after: int, every: int) -> bool:
    """Whether a multiple of `every` lies in (before, after]."""
    return after // every > before // every


def _sample(training: Training) -> None:
    """Write the grid of the pictures numbered 0 to 63 at this point of the training, once."""
    game, images = training.game, training.position.images
    if training.records is None or training.records.has_picture(f"{images:09d}"):
        return
    module = game.players.best_generator
    module.eval()
    generator = TrainedGenerator(
        module=module,
        recipe=game.recipe,
        run=training.run.path.resolve().name,
        checkpoint=f"{images:09d}",
        averaged=game.players.average is not None,
        device=game.fabric.device,
    )
    pictures = generator(range(SAMPLES))
    module.train(module is game.players.generator)
    text = generator.labels() | {"seed": "0"}
    training.records.picture(f"{images:09d}", pictures, images, text)


def _first_pictures(training: Training) -> None:
    """Real images as the discriminator sees them, and the first fakes: faults show in a second."""
    if training.records is None:
        return
    reals = to_uint8(training.game.batches.at(0, SAMPLES))
    text = {"run": training.run.path.resolve().name, "data": training.data.name}
    training.records.picture("reals", reals, 0, text)
    _sample(training)


def _save(training: Training, status: str) -> None:
    """A checkpoint, then state.json: each counts on what was written before it."""
    training.watch.check_weights(training.position.step)
    if training.records is not None:
        training.records.sync()
        sums = tuple(training.meter.sums.tolist())
        position = replace(training.position, sums=sums, count=training.meter.count)
        keep = training.game.recipe.schedule.keep
        save_checkpoint(training.run, training.game.players, position, keep)
    _write_state(training, status)
    training.game.fabric.barrier()


def _write_state(training: Training, status: str, reason: str = "") -> None:
    if training.records is None:
        return
    names = checkpoint_names(training.run)
    write_json(
        training.run.state_file,
        {
            "status": status,
            "reason": reason,
            "step": training.position.step,
            "images": training.position.images,
            "images_total": training.total,
            "seconds": round(training.position.seconds, 3),
            "checkpoint": names[-1] if names else "",
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            **training.facts,
        },
    )


def _facts(
    training_data: PackedData, fabric: Fabric, command: str, init_from: RunFolder | None
) -> dict[str, Any]:
    return {
        "command": command,
        "init_from": str(init_from.path) if init_from else "",
        "machine": machine_name(fabric),
        "devices": fabric.world_size,
        "precision": "bf16" if "bf16" in fabric._precision.precision else "32",
        "versions": versions(),
        "data": {
            "name": training_data.name,
            "fingerprint": training_data.fingerprint,
            "train": len(training_data.train),
            "held_out": len(training_data.held_out),
            "bad": training_data.bad,
            "converted": training_data.converted,
        },
    }
