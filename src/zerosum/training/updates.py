"""A player's update: its gradients are summed over micro-batches and averaged over processes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zerosum.adversarial.objectives import Measured
from zerosum.training.fabric import Fabric, mean_over_processes
from zerosum.training.game import MEASURES, Game, StepResult


@dataclass(frozen=True)
class PlayerUpdate:
    """What a player's step measured: scalars by their name in MEASURES, and a norm for each
    parameter's gradient."""

    player: str
    measures: dict[str, Tensor]
    norms: Tensor


def update_player(game: Game, player: str, loss_of: Callable[[slice], Measured]) -> PlayerUpdate:
    """One step of a player's optimiser down the mean of the losses of the batch's parts."""
    optimizer, parts = game.players.optimizers()[player], game.micro_batches()
    optimizer.zero_grad()
    means: dict[str, Tensor] = {}
    for part in parts:
        loss, measures = loss_of(part)
        (loss / len(parts)).backward()  # type: ignore[no-untyped-call]
        for name, value in measures.items():
            share = value / len(parts)
            means[name] = means[name] + share if name in means else share
    norms = average_gradients(game.players.modules()[player], game.fabric)
    optimizer.step()
    return PlayerUpdate(player, means | {f"gradient_norm_{player}": norms.norm()}, norms)


def average_gradients(network: nn.Module, fabric: Fabric) -> Tensor:
    """Average a network's gradients over all processes, in place; the norm of each, (parameters,).

    One flat call, on the bare module: wrappers that reduce in hooks miss gradients of double
    backward.
    """
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    if fabric.world_size > 1:
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        means = mean_over_processes(fabric, flat)
        sizes = [gradient.numel() for gradient in gradients]
        for gradient, part in zip(gradients, torch.split(means, sizes), strict=True):
            gradient.copy_(part.view(gradient.shape))
    return torch.stack(torch._foreach_norm(gradients))


def step_result(game: Game, updates: Sequence[PlayerUpdate], images: int) -> StepResult:
    """What the steps of one or both players give together."""
    modules, nothing = game.players.modules(), torch.zeros((), device=game.fabric.device)
    norms = {update.player: update.norms for update in updates}
    for player in {"discriminator", "generator"} - norms.keys():
        norms[player] = nothing.new_zeros(sum(1 for _ in modules[player].parameters()))
    measured = {name: value for update in updates for name, value in update.measures.items()}
    measures = torch.stack([measured.get(name, nothing) for name in MEASURES])
    both = torch.cat([norms["discriminator"], norms["generator"]])
    return StepResult(measures, frozenset(measured), both, images)
