"""Checkpoints: everything a run needs to go on bit for bit, in safetensors and JSON.

A checkpoint is a folder that is written beside, synced and renamed; its state.json holds the
checksum of each of its files and of itself, so that a damaged one is told from a whole one.
"""

import hashlib
import shutil
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from zerosum.errors import ZerosumError
from zerosum.files import sync, write_atomically, writing
from zerosum.records.checkpoint import damage, read_saved, read_state, write_state
from zerosum.records.run import BEST, LATEST, PRETRAINED, RunFolder, checkpoint_names
from zerosum.training.optimizers import load_optimizer_tensors, optimizer_tensors
from zerosum.training.players import Players

OPTIMIZERS_FILE = "optimizers.safetensors"


@dataclass(frozen=True)
class Position:
    """Where a run stands between two steps."""

    step: int = 0
    """Generator steps done."""
    images: int = 0
    """Real images seen."""
    images_before: int = 0
    """Those that its weights were learnt from before this run, in the one that it started from."""
    seconds: float = 0.0
    """Time spent training."""
    sums: tuple[float, ...] = ()
    """Sums of what was measured since the last log line (`Meter`)."""
    counts: tuple[int, ...] = ()
    """How many steps since then measured each of them."""
    steps: int = 0
    """Steps since the last log line."""
    turn: str = "discriminator"
    """Who trains next where the switch is adaptive: "discriminator" or "generator"."""
    critic_ended: int = 0
    """Images at which the critic's own phase ended before its budget did; 0: it did not."""
    augmentation: tuple[float, ...] = ()
    """What an adaptive augmentation goes on from (`Augmenter.state`)."""


def save_checkpoint(run: RunFolder, players: Players, position: Position, keep: int) -> Path:
    """Write a checkpoint, point `latest` at it, and delete all but the `keep` newest.

    Raises ZerosumError that names the path when the disk is full; the checkpoints before are
    untouched then.
    """
    folder = run.checkpoints / f"{position.images:09d}"
    beside = run.checkpoints / f".{folder.name}.partial"
    with writing(folder):
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        try:
            _write_files(beside, players, position)
            if folder.exists():
                # The same position of the same run: equal content, or the damaged copy of it.
                shutil.rmtree(folder)
            beside.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        sync(run.checkpoints)
        point_to(run.checkpoints / LATEST, folder.name)
    _delete_old(run, keep)
    return folder


def _write_files(folder: Path, players: Players, position: Position) -> None:
    files = {
        f"{name}.safetensors": weights_file(network) for name, network in players.modules().items()
    }
    states: dict[str, Tensor] = {}
    for name, optimizer in players.optimizers().items():
        states |= optimizer_tensors(optimizer, name)
    files[OPTIMIZERS_FILE] = save(_plain(states))
    for name, content in files.items():
        write_atomically(folder / name, content)
    write_state(folder, asdict(position), files)


def weights_file(network: nn.Module) -> bytes:
    """What a checkpoint's file of a network's weights holds."""
    return save(_plain(network.state_dict()))


def weights_digest(network: nn.Module) -> str:
    """SHA-256 of that file: which weights these are, saved or not."""
    return hashlib.sha256(weights_file(network)).hexdigest()


def _plain(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors in the layout that safetensors stores, whatever the memory format in use."""
    return {name: tensor.detach().contiguous().cpu() for name, tensor in tensors.items()}


def point_to(link: Path, name: str) -> None:
    """Make a symbolic link beside a folder point to it, replacing an older one in one go."""
    beside = link.with_name(f".{link.name}.partial")
    beside.unlink(missing_ok=True)
    beside.symlink_to(name)
    beside.replace(link)
    sync(link.parent)


def _delete_old(run: RunFolder, keep: int) -> None:
    links = (run.checkpoints / BEST, run.checkpoints / PRETRAINED)
    spared = {link.resolve().name for link in links if link.exists()}
    for name in checkpoint_names(run)[:-keep]:
        if name not in spared:
            shutil.rmtree(run.checkpoints / name, ignore_errors=True)


def newest_whole_checkpoint(run: RunFolder) -> tuple[Path | None, list[str]]:
    """The newest checkpoint whose checksums are right, and what was found damaged on the way to
    it."""
    damaged: list[str] = []
    for name in reversed(checkpoint_names(run)):
        problem = damage(run.checkpoints / name)
        if problem is None:
            return run.checkpoints / name, damaged
        damaged.append(f"checkpoint {name} is damaged ({problem})")
    return None, damaged


def load_checkpoint(folder: Path, players: Players) -> Position:
    """Put a checkpoint's weights and optimiser states in place; where it stands."""
    for name, network in players.modules().items():
        load_weights(folder, f"{name}.safetensors", network)
    tensors = load(read_saved(folder, OPTIMIZERS_FILE))
    for name, optimizer in players.optimizers().items():
        load_optimizer_tensors(optimizer, name, tensors)
    return saved_position(folder)


def saved_position(folder: Path) -> Position:
    """Where a checkpoint stands."""
    state = read_state(folder)
    known = {
        # What an earlier version did not write is as at the beginning.
        field.name: state.get(field.name, field.default)
        for field in fields(Position)
    }
    tuples = {name: tuple(known[name]) for name in ("sums", "counts", "augmentation")}
    return Position(**known | tuples)


def load_weights(folder: Path, name: str, network: nn.Module) -> None:
    """Copy the tensors of a file of a checkpoint into a network of the same layers."""
    try:
        network.load_state_dict(load(read_saved(folder, name)))
    except (SafetensorError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise ZerosumError(
            f"{folder / name} cannot be loaded: {reason}", "take another checkpoint, or train again"
        ) from error


@torch.no_grad()
def first_unusable_tensor(players: Players) -> str | None:
    """The first weight or statistic that is not finite, as "generator 4x4.norm.weight"."""
    for player, network in players.modules().items():
        for name, tensor in network.state_dict().items():
            if not torch.isfinite(tensor).all():
                return f"{player} {name}"
    return None
