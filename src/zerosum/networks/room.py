"""Whether a network fits into memory, asked before any of it is taken."""

import os
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from zerosum.errors import ZerosumError
from zerosum.recipe.settings import Recipe

BYTES = 4
"""Of a float32."""


def require_room(make: Callable[[Recipe], nn.Module], recipe: Recipe, player: str) -> None:
    """Raise ZerosumError where this machine has no room for a network's weights.

    The network is laid out without memory first: its sizes may come from anybody's file.
    """
    try:
        with torch.device("meta"):
            weights = sum(weight.numel() for weight in make(recipe).parameters())
        needed = f"{weights * BYTES / 1e9:,.1f} GB"
    except (RuntimeError, TypeError, ValueError, OverflowError):
        # A size beyond what a 64-bit number holds.
        weights, needed = None, "more memory than there are addresses"
    free = free_memory()
    if weights is None or (free is not None and weights * BYTES > free):
        network, settings = recipe.network, getattr(recipe.network, player)
        there = "" if free is None else f", and {free / 1e9:,.1f} GB are free"
        raise ZerosumError(
            f"the {player} needs {needed} for its weights{there} (network.{player}.width = "
            f"{settings.width}, network.latent = {network.latent}, data.resolution = "
            f"{recipe.data.resolution})",
            "make these smaller: usual are a width of 64 and a latent of 100",
        )


def free_memory() -> int | None:
    """Bytes of memory that programs may still take; None where the system does not say."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        # Not all of it is free, but more than this there cannot be.
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return None
