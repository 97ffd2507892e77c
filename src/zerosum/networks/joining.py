"""Several batches through a network as one, each with the result that it has alone.

On a processor the layers of a small network take about as long to be called as to be computed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor, nn

_BATCHES: ContextVar[int] = ContextVar("batches", default=1)


class BatchNorm1d(nn.BatchNorm1d):
    """`nn.BatchNorm1d`; of batches that are joined each is normalised by itself."""

    def forward(self, vectors: Tensor) -> Tensor:
        """(n, units) → the same."""
        return _apart(super().forward, vectors)


class BatchNorm2d(nn.BatchNorm2d):
    """`nn.BatchNorm2d`; of batches that are joined each is normalised by itself."""

    def forward(self, maps: Tensor) -> Tensor:
        """(n, channels, height, width) → the same."""
        return _apart(super().forward, maps)


def _apart(norm: Callable[[Tensor], Tensor], batches: Tensor) -> Tensor:
    count = _BATCHES.get()
    return norm(batches) if count == 1 else torch.cat([norm(each) for each in batches.chunk(count)])


def joined(network: Callable[[Tensor], Tensor], batches: Sequence[Tensor]) -> Sequence[Tensor]:
    """What the network makes of batches of the same size, in one pass; batch norm sees them in
    this order. The network is one that `can_join`."""
    with _in_parts(len(batches)):
        return network(torch.cat(list(batches))).chunk(len(batches))


@contextmanager
def _in_parts(count: int) -> Iterator[None]:
    token = _BATCHES.set(count)
    try:
        yield
    finally:
        _BATCHES.reset(token)


_EACH_IMAGE_BY_ITSELF = (
    *(nn.Sequential, nn.Conv2d, nn.Linear, nn.Flatten, nn.ReLU, nn.LeakyReLU),
    *(nn.InstanceNorm2d, nn.GroupNorm, nn.LayerNorm, BatchNorm1d, BatchNorm2d),
)


def can_join(network: nn.Module) -> bool:
    """Whether a network is made of layers alone that `joined` is known to be right for: not of
    dropout, whose masks would be others, nor of spectral norm, which a pass moves on."""
    return all(isinstance(module, _EACH_IMAGE_BY_ITSELF) for module in network.modules())
