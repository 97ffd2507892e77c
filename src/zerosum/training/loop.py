"""The loop around the step: when to log, to sample, to score, to save, to stop."""

import time
from collections.abc import Sequence
from dataclasses import replace

import torch

from zerosum.data import PackedData
from zerosum.diagnosis.log_fields import LAST_STEP
from zerosum.networks.device import is_out_of_memory
from zerosum.processor.memory import kept_memory
from zerosum.recipe.phases import PHASE_WORDS, Phase
from zerosum.recipe.sections import images_per_step
from zerosum.recipe.settings import Recipe
from zerosum.records.logs import VerdictLine
from zerosum.records.run import BEST, PRETRAINED, RunFolder
from zerosum.records.run_state import RunStatus
from zerosum.training.checkpoints import point_to, save_checkpoint
from zerosum.training.devices import alone_on_processor, out_of_memory
from zerosum.training.evaluator import Evaluator, EvaluatorOf
from zerosum.training.fabric import Fabric, mean_over_processes
from zerosum.training.finite import DivergedError
from zerosum.training.held_out import held_out_outputs
from zerosum.training.intervals import SheetsByTheClock, checkpoint_every, sample_every
from zerosum.training.meeting import meet
from zerosum.training.outcome import Outcome
from zerosum.training.pictures import first_pictures, live_variety, sample_sheet
from zerosum.training.progress import Guarded, Listener
from zerosum.training.request import Devices
from zerosum.training.session import Training, start, write_state
from zerosum.training.slowdown import Slowdown
from zerosum.training.speed import Speed, tell
from zerosum.training.stopping import StopRequest
from zerosum.training.transfer import Source
from zerosum.training.turns import set_values, take_step


def train_run(
    recipe: Recipe,
    data: PackedData,
    run: RunFolder,
    fabric: Fabric,
    *,
    devices: Devices,
    listener: Listener,
    evaluator_of: EvaluatorOf,
    stop_after: float | None = None,
    stop_on: Sequence[str] = (),
    init_from: Source | None = None,
    back_to: str = "",
    command: str = "",
) -> Outcome:
    """Train until the recipe's schedule is over, from wherever the run folder stands; then score.

    `recipe` carries the fingerprint of `data`. `evaluator_of` makes what pictures and scores come
    from. `stop_after` is in seconds; `stop_on` names the verdicts on its health that end the run;
    `back_to` names a checkpoint to go on from, and what is newer is kept aside. On the CPU, a run
    that was killed at any moment ends with the weights, bit for bit, of one that was not.

    Raises ZerosumError when the folder holds a run of other settings or images, when the disk is
    full, or (DivergedError) when a number stops being finite; the last good checkpoint stays.
    """
    stop = StopRequest(stop_after)
    told = Guarded(listener, stop)
    with stop.listening(told.message), kept_memory():
        training = start(recipe, data, run, fabric, told, init_from, back_to, devices, command)
        try:
            meet(fabric)  # loading, and downloads of weights
            over = bool(fabric.broadcast(training.over))
            evaluator = evaluator_of(training, stop)
            if over:
                outcome = _complete(training, evaluator)
            else:
                if training.fresh:
                    first_pictures(training, evaluator)
                write_state(training, "running")
                outcome = run_loop(training, evaluator, stop, stop_on)
            if outcome.status == "finished":
                evaluator.report()
            _write_failure(training, stop, over)  # before listeners hear of the end
        except DivergedError as error:
            write_state(training, "failed", error.what, diverged=True)
            raise
        except (RuntimeError, MemoryError) as error:
            if is_out_of_memory(error):
                raise out_of_memory(recipe) from error
            raise
        finally:
            told.ended()
            if training.writer is not None:
                training.writer.close()
        if stop.failure is not None:
            _write_failure(training, stop, over)  # of a listener that raised at the end
            return replace(outcome, failure=stop.failure)
        return outcome


def _write_failure(training: Training, stop: StopRequest, over: bool) -> None:
    """A listener that raised makes the run a failed one, but for one that was over before. Where
    whoever read what is printed has gone, as in `zerosum train digits | head`, it is saved."""
    if stop.failure is not None and not over and not isinstance(stop.failure, BrokenPipeError):
        write_state(training, "failed", _in_words(stop.failure))


def _in_words(failure: Exception) -> str:
    """A listener's exception, as a reason that a run ended."""
    return f"its listener raised {type(failure).__name__}: {failure}".strip(": ")


def _complete(training: Training, evaluator: Evaluator) -> Outcome:
    """Do what a stop or a kill while a run that is over was scored has left out; nothing else of it
    changes."""
    sample_sheet(training, evaluator)
    if training.game.recipe.schedule.evaluate_every > 0 and evaluator.compare():
        _point(training, BEST)
    return Outcome("finished", None, training.game.fabric.is_global_zero, trained=False)


def run_loop(
    training: Training, evaluator: Evaluator, stop: StopRequest, stop_on: Sequence[str]
) -> Outcome:
    """Step until the end or a stop; the run is saved either way."""
    game, fabric, listener = training.game, training.game.fabric, training.listener
    schedule = game.recipe.schedule
    listener.begun(training.position.images, training.at_end)
    since = time.monotonic()
    logged_at, logged_images = since, training.position.images
    reason, speed = "", Speed(training.position)
    train = len(training.data.train)
    slowdown = Slowdown(torch.get_num_threads()) if alone_on_processor(fabric) else None
    sheets, checkpoints = sample_every(game.recipe, train), checkpoint_every(game.recipe, train)
    clock = SheetsByTheClock(since, None if schedule.sample_every else stop.seconds_left)
    here = training.position.images
    if _at_border(training):
        # A run that was killed between this checkpoint and its name gives it that name now.
        _point(training, PRETRAINED)
    if here > 0 and _crossed(here - images_per_step(schedule), here, schedule.evaluate_every):
        # A run that goes on from a stop during its scoring is scored now.
        if evaluator.compare():
            _point(training, BEST)
        since = logged_at = time.monotonic()
    while training.position.images < training.total and not stop.agreed(
        fabric, training.position.step
    ):
        before, phase = training.position.images, training.phase
        rates = set_values(game, phase, before)
        step = training.position.step + 1
        begun = time.monotonic()
        result, turn = take_step(game, phase, training.position)
        stepped = time.monotonic() - begun
        training.meter.add(result)
        training.watch.look(step, result)
        now = time.monotonic()
        here = before + result.images
        training.position = replace(
            training.position,
            step=step,
            images=here,
            seconds=training.position.seconds + now - since,
            turn=turn,
        )
        since = now
        listener.stepped(here, training.at_end)
        if slowdown is not None and (
            slow := slowdown.stepped((phase.name, result.measured), result.images, stepped)
        ):
            listener.message(slow)
        if speed.look_due(training.position, last=here >= training.total):
            tell(training, phase, speed)
        if step % schedule.log_every == 0 or here >= training.total:
            verdict = _log(training, phase, rates, here - logged_images, logged_at)
            logged_at, logged_images = time.monotonic(), here
            if stop_on and fabric.broadcast(verdict) in stop_on:
                reason = f"health: {verdict}"
                break
        if clock.due(now, by_images=_crossed(before, here, sheets) or here >= training.total):
            # Before any checkpoint of the same step: what follows a checkpoint is made once.
            sample_sheet(training, evaluator)
        best = False
        if _crossed(before, here, schedule.evaluate_every):
            begun = time.monotonic()
            best = evaluator.compare()
            pause = time.monotonic() - begun  # not training time
            since, logged_at = since + pause, logged_at + pause
        border = _at_border(training)
        if best or border or _crossed(before, here, checkpoints):
            _save(training, "running")
        if best:
            _point(training, BEST)
        if border:
            _point(training, PRETRAINED)
    if here > logged_images:
        _log(training, phase, rates, here - logged_images, logged_at)
    finished = training.position.images >= training.total
    status: RunStatus = "finished" if finished else "stopped"
    sample_sheet(training, evaluator)
    best = finished and schedule.evaluate_every > 0 and evaluator.compare()
    _save(training, status, reason)
    if best:
        _point(training, BEST)
    if reason:
        listener.message(f"stopped by --stop-on: {reason.removeprefix('health: ')}")
    return Outcome(status, None if finished else stop.signal, fabric.is_global_zero, trained=True)


def _log(
    training: Training, phase: Phase, rates: dict[str, float], images: int, since: float
) -> str:
    """Write a log line of so many images since a moment of the clock, and the verdict, where it
    changed; the verdict that is new, or "".

    The critic's phase ends here, where it is right often enough. Where the training ends between
    two log lines, only the line is written: what a run that goes on does at the next one, to the
    meter, the verdict and the phase, must not depend on whether it was stopped before.
    """
    training.watch.check()
    numbers = mean_over_processes(training.game.fabric, training.meter.means()).cpu()
    # A GPU was asked for these steps and has only now done them.
    speed = images / (time.monotonic() - since)
    place = {
        "step": training.position.step,
        "images": training.position.images,
        "seconds": round(training.position.seconds, 3),
        "images_per_second": round(speed, 2),
    }
    line = {
        **training.log_line(phase, numbers, place, rates),
        **live_variety(training),
        **held_out_outputs(training),
    }
    last = training.position.step % training.game.recipe.schedule.log_every > 0
    if last:
        line[LAST_STEP] = True
    else:
        training.meter.clear()
    if training.writer is not None:
        training.writer.log(line)
    training.listener.logged(line)
    if last:
        return ""
    if phase.name == "critic" and line["accuracy"] >= training.game.recipe.pretrain.critic_accuracy:
        training.position = replace(training.position, critic_ended=training.position.images)
    diagnosis = training.health.logged(line)
    if diagnosis is None:
        return ""
    if training.writer is not None:
        told = VerdictLine(int(line["images"]), diagnosis.verdict, diagnosis.evidence)
        training.run.add_verdict(told)
    where = f" ({PHASE_WORDS[diagnosis.phase]})" if diagnosis.phase else ""
    training.listener.message(f"health: {diagnosis.verdict}{where}")
    return diagnosis.verdict


def _at_border(training: Training) -> bool:
    """Whether the last step ended the phase in which the generator learnt alone."""
    recipe, here = training.game.recipe, training.position.images
    alone = recipe.pretrain.generator_images
    return alone > 0 and alone <= here < alone + recipe.schedule.batch


def _point(training: Training, link: str) -> None:
    """Give the checkpoint of this point a second name: the best, or what the generator was before
    it met the critic, to compare with."""
    if training.writer is not None:
        point_to(training.run.checkpoints / link, f"{training.position.images:09d}")


def _crossed(before: int, after: int, every: int) -> bool:
    """Whether a multiple of `every` lies in (before, after]; never, where that is 0."""
    return every > 0 and after // every > before // every


def _save(training: Training, status: RunStatus, reason: str = "") -> None:
    """A checkpoint, then state.json: each counts on what was written before it."""
    training.watch.check_weights(training.position.step)
    sums = mean_over_processes(training.game.fabric, training.meter.sums)
    augmenter = training.game.augmenter
    augmentation = () if augmenter is None else augmenter.state(training.game.fabric)
    if training.writer is not None:
        training.writer.sync()
        position = replace(
            training.position,
            sums=tuple(sums.tolist()),
            counts=tuple(training.meter.counts),
            steps=training.meter.steps,
            augmentation=augmentation,
        )
        keep = training.game.recipe.schedule.keep
        save_checkpoint(training.run, training.game.players, position, keep)
        training.listener.saved(
            training.run.checkpoints / f"{position.images:09d}", position.images
        )
    write_state(training, status, reason)
    meet(training.game.fabric)
