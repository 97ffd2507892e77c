"""Where a run computes: device, precision and processes, through Lightning Fabric."""

import logging
import os
import platform
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import torch
from lightning_fabric.strategies.ddp import DDPStrategy
from lightning_utilities.core import rank_zero

from zerosum.errors import UsageError, ZerosumError
from zerosum.options import Precision
from zerosum.processor.instructions import has_bf16
from zerosum.recipe.load import differences
from zerosum.recipe.sections import SAME
from zerosum.recipe.settings import Recipe
from zerosum.training.fabric import Fabric
from zerosum.training.launched import by_torchrun
from zerosum.training.meeting import meet
from zerosum.training.request import Devices, TrainRequest
from zerosum.words import counted

TIME_LIMIT = timedelta(minutes=10)
"""How long a process waits within a step for the others, before it takes them for lost."""


def require_equal_shares(batch: int, devices: Devices, parts: int = 1) -> None:
    """Raise UsageError unless the processes to come can share a batch evenly, each in so many
    parts."""
    processes = processes_of(devices)
    if not batch % (shares := processes * parts):
        return
    shared = f"shared by {processes} processes"
    if parts > 1:
        by = counted(processes, "process", "processes")
        shared = f"computed in schedule.accumulate = {parts} equal parts by {by}"
    raise UsageError(
        f"schedule.batch = {batch} cannot be {shared}",
        f"choose --batch {-(-batch // shares) * shares}",
    )


def require_spread(recipe: Recipe, devices: Devices) -> None:
    """Raise UsageError where a batch norm would see one number at a time: of an mlp, which has no
    places to take means over, with one image in a process's part of the batch."""
    parts = processes_of(devices) * recipe.schedule.accumulate
    network = recipe.network
    norms = {"generator": network.generator.norm, "discriminator": network.discriminator.norm}
    others = [f"--network.{name}.norm=layer" for name, norm in norms.items() if norm == "batch"]
    if not network.family.feature_maps and others and recipe.schedule.batch == parts:
        raise UsageError(
            f"schedule.batch = {recipe.schedule.batch} leaves one image to a batch norm at a time, "
            "which has no spread to divide by",
            f"choose --batch {2 * parts} or more, or {' '.join(others)}",
        )


def require_one_graph(recipe: Recipe, devices: Devices) -> None:
    """Raise UsageError where a CUDA graph is asked for a training that one graph cannot hold."""
    why = _beyond_a_graph(recipe)
    if devices.cuda_graph and why:
        raise UsageError(f"--cuda-graph cannot be had {why}", "leave --cuda-graph out")


def takes_graph(recipe: Recipe, devices: Devices, fabric: Fabric) -> bool:
    """Whether each step starts as one CUDA graph: wherever it can, unless that is not wanted.

    With --compile it has to be asked for: no GPU has shown the two together yet.
    """
    if devices.cuda_graph is not None:
        return devices.cuda_graph
    alone = fabric.device.type == "cuda" and fabric.world_size == 1
    return alone and not _beyond_a_graph(recipe) and not devices.compile


def _beyond_a_graph(recipe: Recipe) -> str:
    """Why one graph cannot hold every step, or nothing."""
    if recipe.task.phases:
        return "with a recipe that restores: its phases have other steps"
    players = recipe.optimizer.generator, recipe.optimizer.discriminator
    if any(player.last_beta2 != SAME for player in players):
        # With decays in tensors PyTorch's Adam reads them on the processor (seen with 2.11).
        return "with last_beta2: Adam's decays in a graph stay as they were"
    return ""


def processes_of(devices: Devices) -> int:
    """Of all machines together; under torchrun torchrun's."""
    return int(os.environ["WORLD_SIZE"]) if by_torchrun() else devices.count * devices.nodes


def local_processes(devices: Devices) -> int:
    """Of this machine; under torchrun torchrun's."""
    return int(os.environ["LOCAL_WORLD_SIZE"]) if by_torchrun() else devices.count


def alone_on_processor(fabric: Fabric) -> bool:
    """Whether a training computes on the processor, in one process."""
    return fabric.device.type == "cpu" and fabric.world_size == 1


def make_fabric(devices: Devices) -> Fabric:
    """Fabric on the chosen device; its other processes are not started yet.

    Under torchrun the number of processes is torchrun's. Raises UsageError for a device that this
    machine does not have.
    """
    kind = resolve_device(devices.device)
    if devices.compile and kind != "cuda":
        raise UsageError(
            f"--compile is for CUDA devices, and this run is on {kind}",
            "leave --compile out",
        )
    if devices.cuda_graph and (kind != "cuda" or processes_of(devices) > 1):
        where = f"several devices, {processes_of(devices)}" if kind == "cuda" else kind
        raise UsageError(
            f"--cuda-graph is for one CUDA device, and this run is on {where}",
            "leave --cuda-graph out",
        )
    count = local_processes(devices)
    available = torch.cuda.device_count() if kind == "cuda" else (1 if kind == "mps" else count)
    if count > available:
        raise UsageError(
            f"--devices {count}, but this machine has {available} of kind {kind}",
            f"use --devices {available}",
        )
    # Its advice is on settings that a user cannot reach. Which logger it takes depends on what
    # else is imported: each library of Lightning's puts its own there.
    names = "lightning_fabric", rank_zero.log.name
    for logger in map(logging.getLogger, names):
        logger.setLevel(logging.WARNING)
    several = count * devices.nodes > 1 or by_torchrun()
    return Fabric(
        accelerator=kind,
        devices=count,
        num_nodes=devices.nodes,
        strategy=DDPStrategy(timeout=TIME_LIMIT) if several else "auto",
        precision="bf16-mixed" if resolve_precision(devices.precision, kind) == "bf16" else None,
    )


def agree(fabric: Fabric, check: Callable[[], object]) -> None:
    """Do something in the first process alone; what it refuses is refused in all of them.

    They wait for it however long it takes.
    """
    refusal: tuple[str, str] | None = None
    if fabric.is_global_zero:
        try:
            check()
        except ZerosumError as error:
            if fabric.world_size == 1:
                raise
            refusal = (error.what, error.remedy)
    meet(fabric)
    refusal = fabric.broadcast(refusal)
    if refusal is not None:
        raise ZerosumError(*refusal)


def require_same_command(fabric: Fabric, settings: Recipe, asked: TrainRequest) -> None:
    """Raise ZerosumError in all processes where one of them, on another machine perhaps, was given
    other settings or images than the first."""
    if fabric.world_size == 1:
        return
    first, *rest = fabric.broadcast((settings, asked.init_from, asked.back_to, asked.stop_on))
    named = zip(("--init-from", "--from", "--stop-on"), rest, strict=True)
    mine = asked.init_from, asked.back_to, asked.stop_on
    differ = [name for (name, its), own in zip(named, mine, strict=True) if its != own]
    found = [""] * fabric.world_size
    torch.distributed.all_gather_object(found, ", ".join([*differences(first, settings), *differ]))
    for place, others in enumerate(found, start=1):
        if others:
            raise ZerosumError(
                f"process {place} of {fabric.world_size} differs from the first in {others}",
                "give the same command on all machines, with the same images under the same path",
            )


def resolve_device(name: str) -> str:
    """cpu, cuda or mps; "auto" takes an accelerator where there is one."""
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return next(kind for kind, is_there in there.items() if is_there)
    if name not in there:
        raise UsageError(f"--device={name} is not a kind of device", "use cpu, cuda, mps or auto")
    if not there[name]:
        usable = [kind for kind, is_there in there.items() if is_there]
        raise UsageError(
            f"--device={name}: PyTorch sees no such device here",
            f"use {' or '.join(usable)}, or install the PyTorch build for your device",
        )
    return name


def resolve_precision(precision: Precision, kind: str) -> Literal["32", "bf16"]:
    """What "auto" means on a device: bfloat16 where it is computed in hardware."""
    if precision != "auto":
        return precision
    if kind == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "32"
    if kind == "cpu" and has_bf16():
        return "bf16"
    return "32"


def out_of_memory(recipe: Recipe) -> ZerosumError:
    """That a training needs more memory than there is: what needs it, and the fields that help."""
    schedule = recipe.schedule
    parts = schedule.accumulate
    parted = f", computed in {parts} parts" if parts > 1 else ""
    return ZerosumError(
        f"out of memory with a batch of {counted(schedule.batch, 'image')} of "
        f"{recipe.data.resolution.in_words} pixels{parted}",
        f"compute the batch in more parts, to the same gradients (--schedule.accumulate "
        f"{2 * parts}), or lower --batch, --width or --data.resolution",
    )


def machine_name(fabric: Fabric) -> str:
    """The device in words, for tables: processor and cores, or the GPU's name."""
    if fabric.device.type == "cuda":
        return torch.cuda.get_device_name(fabric.device)
    return f"{_processor()}, {counted(torch.get_num_threads(), 'thread')}"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
