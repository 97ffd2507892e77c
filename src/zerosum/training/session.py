"""A run in progress: what it trains with, where it stands, its open files."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import torch
from torch import Tensor

from zerosum.data import PackedData
from zerosum.data.batches import Batches
from zerosum.diagnosis.health import HealthWatch
from zerosum.errors import ZerosumError
from zerosum.networks.build import demand_room
from zerosum.networks.imagenet import imagenet_features, load_imagenet_encoder
from zerosum.recipe.load import read_recipe
from zerosum.recipe.phases import Phase, few_images, images_at_end, phase_at, phases_of
from zerosum.recipe.settings import Recipe
from zerosum.records.logs import LogLine
from zerosum.records.run import LATEST, RunFolder, checkpoint_names
from zerosum.records.run_state import RunState, RunStatus
from zerosum.tasks import task_of
from zerosum.training.augmenter import augmenter_of
from zerosum.training.captured import CapturedStep
from zerosum.training.checkpoints import (
    Position,
    load_checkpoint,
    newest_whole_checkpoint,
    point_to,
)
from zerosum.training.compiled import compiled_forward
from zerosum.training.devices import agree, alone_on_processor, machine_name, takes_graph
from zerosum.training.fabric import Fabric
from zerosum.training.finite import FiniteWatch
from zerosum.training.game import MEASURES, Game
from zerosum.training.going_back import go_back, whole_checkpoint
from zerosum.training.log_writer import LogWriter
from zerosum.training.meeting import meet
from zerosum.training.meter import Meter
from zerosum.training.place import begin_or_continue, nothing_saved
from zerosum.training.players import Players, build_players
from zerosum.training.progress import Listener
from zerosum.training.request import Devices
from zerosum.training.resumed import changes, noted, rates_that_jump
from zerosum.training.thread_choice import choose_threads
from zerosum.training.transfer import Source, checkpoint_of, demand_same_networks, initialise_from
from zerosum.versions import versions


@dataclass
class Training:
    """A run in progress."""

    run: RunFolder
    game: Game
    data: PackedData
    listener: Listener
    position: Position
    meter: Meter
    watch: FiniteWatch
    health: HealthWatch
    writer: LogWriter | None
    """None in all processes but the first, which alone writes."""
    held_out: Batches | None
    """Held-out images as the training would be shown them; None where the discriminator is not
    asked about any."""
    facts: RunState
    """The part of state.json that stays the same."""
    fresh: bool
    """Whether it begins here, without a checkpoint to go on from."""

    @property
    def total(self) -> int:
        """Real images that the schedule asks for, in all."""
        return phases_of(self.game.recipe, len(self.data.train), self.position.critic_ended)[-1].end

    @property
    def at_end(self) -> int:
        """Real images that the run will have shown at its end, in whole steps."""
        here, ended = self.position.images, self.position.critic_ended
        return images_at_end(self.game.recipe, len(self.data.train), here, ended)

    @property
    def over(self) -> bool:
        """Whether the run had ended, by the state on disk, and nothing is to be trained."""
        ended = self.run.state().get("status") == "finished"
        return ended and self.position.images >= self.total

    @property
    def phase(self) -> Phase:
        """The phase that the next step belongs to."""
        here, ended = self.position.images, self.position.critic_ended
        return phase_at(self.game.recipe, len(self.data.train), here, ended)

    def log_line(
        self, phase: Phase, numbers: Tensor, place: Mapping[str, float], rates: Mapping[str, float]
    ) -> LogLine:
        """A line as metrics.jsonl has it: where the run stands, the means `numbers` of what the
        meter measured (float32, in the order of MEASURES; waits for the device), learning rates."""
        values = dict(zip(MEASURES, numbers.tolist(), strict=True))
        means = {name: values[name] for name in self.meter.measured()}
        line: dict[str, object] = {**place, **means, **rates}
        recipe = self.game.recipe
        distance = recipe.objective.of_loss.estimates_distance
        if distance and {"d_real", "d_fake_before"} <= set(means):
            # Arjovsky et al. 2017, equation 2: the larger, the further apart the two distributions.
            line["distance"] = means["d_real"] - means["d_fake_before"]
        if self.game.augmenter is not None and recipe.augmentation.method == "ada":
            line["augmentation_probability"] = float(self.game.augmenter.amount)
        if recipe.task.phases:
            line |= {"phase": phase.name, "generator_share": self.meter.generator_share()}
        return line


def start(
    recipe: Recipe,
    data: PackedData,
    run: RunFolder,
    fabric: Fabric,
    listener: Listener,
    init_from: Source | None,
    back_to: str,
    devices: Devices,
    command: str,
) -> Training:
    """Build everything and load the newest whole checkpoint; nothing is trained yet.

    `back_to` names a checkpoint of the run, or is "": what came after it is kept aside first.
    """
    # Before the folder is begun: a refused command must leave it free for the right one.
    begins = nothing_saved(run)
    if init_from is not None:
        demand_same_networks(init_from.run, recipe)
        if begins:
            checkpoint_of(init_from)
    demand_room(recipe)
    if task_of(recipe).labels and data.train.labels is None:
        raise ZerosumError(
            f"this recipe learns the classes of images, and {data.name} has none",
            "give it images that lie in a folder for each class",
        )
    if back_to:
        back_to = whole_checkpoint(run, back_to).name
    command = command or _command_so_far(run, recipe)
    anew = begins and run.exists()
    recipe_before = recipe if begins else read_recipe(run.recipe_file)
    agree(fabric, lambda: begin_or_continue(run, recipe, len(data.train)))
    if anew:
        listener.message(f"nothing was saved in {run.path}: it begins anew")
    if back_to:
        agree(fabric, lambda: _go_back(run, back_to, listener))
    players = build_players(recipe, fabric)
    position = _resume(run, players, fabric, listener)
    here = position or Position()
    if init_from is not None and position is None:
        here = replace(here, images_before=initialise_from(init_from, players))
        listener.message(f"starts from the weights of {init_from}")
    elif position is None and recipe.network.pretrained:
        load_imagenet_encoder(players.generator)
        if players.average is not None:
            players.average.load_state_dict(players.generator.state_dict())
    ended = here.images >= phases_of(recipe, len(data.train), here.critic_ended)[-1].end
    if ended:
        listener.message(f"{run.path} is finished already; a larger --epochs or --images trains on")
    elif position is not None:
        listener.message(f"continues {run.path} at {here.images:,} images")
    if position is None:
        for text in few_images(recipe, len(data.train)):
            listener.message(text)
    if alone_on_processor(fabric):
        state = None if position is None else run.state()
        threads = choose_threads(recipe, players, devices.threads, state)
        torch.set_num_threads(threads.number)
        if not ended:
            listener.message(threads.line)
    modules = players.generator, players.discriminator
    generate, discriminate = map(compiled_forward, modules) if devices.compile else modules
    batches = Batches(data.train, recipe.data, recipe.seed, fabric.device)
    features = None
    if recipe.objective.feature_weight > 0:
        features = imagenet_features().to(fabric.device)
    augmenter = augmenter_of(
        recipe.augmentation, fabric.device, here.augmentation, from_another=init_from is not None
    )
    game = Game(
        recipe, players, batches, fabric, generate, discriminate, features, augmenter=augmenter
    )
    game.live.images_before = here.images_before
    if takes_graph(recipe, devices, fabric):
        game = replace(game, captured=CapturedStep(game, listener.message))
    # Whatever a command says that goes on: its weights were loaded where the run began.
    begun_from = str(init_from or "") if position is None else run.state().get("init_from", "")
    facts = _facts(training_data=data, fabric=fabric, command=command, init_from=begun_from)
    if position is not None and not ended:
        told = changes(before := run.state(), facts)
        told += rates_that_jump(recipe_before, recipe, len(data.train), here)
        for text in told:
            listener.message(text)
        facts["changes"] = noted(before, facts, told, here.images)
    writer, held_out = None, None
    if game.task.numbered is not None and len(data.held_out) > 0:
        held_out = Batches(data.held_out, recipe.data, recipe.seed, fabric.device)
    if fabric.is_global_zero:
        writer = LogWriter(run, recipe, here.images if position else -1)
    return Training(
        run=run,
        game=game,
        data=data,
        listener=listener,
        position=here,
        meter=Meter(fabric.device, here.sums, here.counts, here.steps),
        watch=FiniteWatch(players, fabric.device),
        health=HealthWatch(recipe.objective, run.metrics(), here.images_before),
        writer=writer,
        held_out=held_out,
        facts=facts,
        fresh=position is None,
    )


def _command_so_far(run: RunFolder, recipe: Recipe) -> str:
    """The command noted in a run that goes on with the same settings; "" where it would not do."""
    if not run.exists() or read_recipe(run.recipe_file) != recipe:
        return ""
    return str(run.state().get("command", ""))


def _go_back(run: RunFolder, checkpoint: str, listener: Listener) -> None:
    aside = go_back(run, checkpoint)
    if aside is None:
        listener.message(f"nothing in {run.path} is newer than checkpoint {checkpoint}")
        return
    listener.message(
        f"what came after checkpoint {checkpoint} is kept in {aside.path}, a run of its own: every "
        f"command takes it, and with --out {aside.path} this one goes on from there"
    )


def _resume(
    run: RunFolder, players: Players, fabric: Fabric, listener: Listener
) -> Position | None:
    """Load the newest whole checkpoint; None when there is none."""
    newest, damaged = newest_whole_checkpoint(run)
    meet(fabric)
    for problem in damaged:
        listener.message(f"{problem}; trying the one before")
    if newest is None:
        if checkpoint_names(run):
            listener.message("no whole checkpoint is left; starting again from the beginning")
        return None
    position = load_checkpoint(newest, players)
    if fabric.is_global_zero:
        point_to(run.checkpoints / LATEST, newest.name)
    return position


def write_state(
    training: Training, status: RunStatus, reason: str = "", *, diverged: bool = False
) -> None:
    """Write state.json: where the run stands. `reason` says why it failed or stopped, `diverged`
    that it would do so again."""
    if training.writer is None:
        return
    names = checkpoint_names(training.run)
    training.run.write_state(
        {
            "status": status,
            "reason": reason,
            "diverged": diverged,
            "step": training.position.step,
            "images": training.position.images,
            "images_before": training.position.images_before,
            "images_total": training.total,
            "seconds": round(training.position.seconds, 3),
            "checkpoint": names[-1] if names else "",
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "cuda_graph": training.game.captured is not None and training.game.captured.in_use,
            **training.facts,
        },
    )


def _facts(training_data: PackedData, fabric: Fabric, command: str, init_from: str) -> RunState:
    return {
        "threads": torch.get_num_threads() if alone_on_processor(fabric) else 0,
        "command": command,
        "init_from": init_from,
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
