"""Optimisers by the names that recipes use, their learning rate over a run, and their state."""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop

from zerosum.recipe.optimizers import PlayerOptimizerSettings

OPTIMIZERS: dict[str, Callable[[list[nn.Parameter], PlayerOptimizerSettings], Optimizer]] = {
    "adam": lambda parameters, settings: Adam(
        parameters,
        settings.learning_rate,
        settings.betas,
        settings.epsilon,
        fused=_fused(parameters),
    ),
    "adamw": lambda parameters, settings: AdamW(
        parameters,
        settings.learning_rate,
        settings.betas,
        settings.epsilon,
        settings.weight_decay,
        fused=_fused(parameters),
    ),
    "rmsprop": lambda parameters, settings: RMSprop(
        parameters,
        settings.learning_rate,
        eps=settings.epsilon,
        momentum=settings.momentum,
        foreach=True,
    ),
    "sgd": lambda parameters, settings: SGD(
        parameters, settings.learning_rate, settings.momentum, fused=_fused(parameters)
    ),
}
"""By `optimizer.PLAYER.kind`, each in its fastest form: one kernel over all parameters."""

DECAYS: dict[str, Callable[[float], float]] = {
    "none": lambda progress: 1.0,  # noqa: ARG005
    "linear": lambda progress: 1.0 - progress,
    "cosine": lambda progress: (1.0 + math.cos(math.pi * progress)) / 2,
}
"""By `schedule.decay`: share of the way that is over, 0 to 1 → share that is left of the
difference of a first value and its last."""

ASK_FOR_ACCELERATOR = (
    "_accelerator_graph_capture_health_check",
    "_cuda_graph_capture_health_check",  # its name in earlier versions
)
"""Methods that look for an accelerator's driver at every step of Adam and RMSprop. On a processor
that takes longer than the update of a small network, and there is no graph to be captured."""


def build_optimizer(
    parameters: Iterable[nn.Parameter], settings: PlayerOptimizerSettings
) -> Optimizer:
    """The optimiser of one player."""
    parameters = list(parameters)
    optimizer = OPTIMIZERS[settings.kind](parameters, settings)
    if parameters[0].device.type == "cpu":
        for name in ASK_FOR_ACCELERATOR:
            setattr(optimizer, name, lambda: None)
    return optimizer


def _fused(parameters: list[nn.Parameter]) -> bool:
    return parameters[0].device.type in ("cpu", "cuda", "mps")


def set_learning_rate(optimizer: Optimizer, rate: float) -> None:
    """Set the learning rate of all parameters; in its place, where a CUDA graph reads it."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate


def set_beta2(optimizer: Optimizer, beta2: float) -> None:
    """Set the decay of Adam's second moment. A CUDA graph would not see it."""
    for group in optimizer.param_groups:
        group["betas"] = (group["betas"][0], beta2)


def optimizer_tensors(optimizer: Optimizer, prefix: str) -> dict[str, Tensor]:
    """All state of an optimiser as named tensors: `prefix/parameter number/name`."""
    return {
        f"{prefix}/{number}/{name}": value
        for number, state in optimizer.state_dict()["state"].items()
        for name, value in state.items()
    }


def load_optimizer_tensors(optimizer: Optimizer, prefix: str, tensors: dict[str, Tensor]) -> None:
    """Put back what `optimizer_tensors` gave, in the layout of the parameters."""
    parameters = optimizer.param_groups[0]["params"]
    for key, value in tensors.items():
        owner, number, name = (*key.split("/"), "", "")[:3]
        if owner != prefix:
            continue
        parameter = parameters[int(number)]
        if value.shape == parameter.shape:
            value = torch.empty_like(parameter, requires_grad=False).copy_(value)
        elif optimizer.defaults.get("fused"):
            value = value.to(parameter.device)
        optimizer.state[parameter][name] = value
