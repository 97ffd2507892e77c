"""Noticing the first number that is not finite, without waiting for the device at every step."""

import torch

from zerosum.errors import ZerosumError
from zerosum.training.checkpoints import first_unusable_tensor
from zerosum.training.game import MEASURES, StepResult
from zerosum.training.players import Players

NEVER = torch.iinfo(torch.int64).max

HELP = (
    "what usually helps: a lower --learning-rate, --precision 32, a gradient penalty or spectral "
    "norm in the discriminator; then start again with another --out"
)


class DivergedError(ZerosumError):
    """A loss, gradient or weight is no longer a finite number."""


class FiniteWatch:
    """The step at which each loss and each gradient stopped being finite, kept on the device."""

    def __init__(self, players: Players, device: torch.device) -> None:
        self.players = players
        self.names = [name.replace("loss_", "loss of the ") for name in MEASURES] + [
            f"gradient of {player} {name}"
            for player, network in (
                ("discriminator", players.discriminator),
                ("generator", players.generator),
            )
            for name, _ in network.named_parameters()
        ]
        self.first = torch.full((len(self.names),), NEVER, dtype=torch.int64, device=device)

    def look(self, step: int, result: StepResult) -> None:
        """Note what is not finite after step number `step`. Queues work, waits for nothing."""
        finite = torch.isfinite(torch.cat([result.measures, result.gradient_norms]))
        self.first = torch.where(finite, self.first, self.first.clamp(max=step))

    def check(self) -> None:
        """Raise DivergedError when anything was not finite. Waits for the device."""
        step = int(self.first.min())
        if step == NEVER:
            return
        culprits = [
            name
            for name, first in zip(self.names, self.first.tolist(), strict=True)
            if first == step
        ]
        tensors = [name for name in culprits if name.startswith("gradient of")]
        losses = [name for name in culprits if name.startswith("loss of")]
        named = "; ".join([*losses[:1], *tensors[:1]]) or culprits[0]
        raise DivergedError(f"training diverged at step {step}: not finite: {named}", HELP)

    def check_weights(self, step: int) -> None:
        """Raise DivergedError when a weight is not finite: before anything is saved."""
        self.check()
        tensor = first_unusable_tensor(self.players)
        if tensor is not None:
            raise DivergedError(f"training diverged by step {step}: not finite: {tensor}", HELP)
