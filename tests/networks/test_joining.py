"""Batches that pass a network together have the outputs, gradients and statistics of each alone."""

import copy

import pytest
import torch
from torch import Tensor, nn

from zerosum.networks.build import build_discriminator
from zerosum.networks.joining import can_join, joined
from zerosum.recipe.load import load_recipe

SMALL = {
    "network.discriminator.width": 4,
    "data.resolution": 16,
    "data.channels": 3,
    "data.source": "nowhere",
}
REAL = torch.randn(6, 3, 16, 16, generator=torch.Generator().manual_seed(1))
FAKE = 0.3 * REAL.flip(0) + 0.5


def discriminator(kind: str, norm: str, **more: object) -> nn.Module:
    settings = {"network.kind": kind, "network.discriminator.norm": norm}
    named = {f"network.discriminator.{name}": value for name, value in more.items()}
    return build_discriminator(load_recipe("dcgan", SMALL | settings | named)).train()


def learnt(network: nn.Module, real: Tensor, fake: Tensor) -> list[Tensor]:
    """The outputs, the gradients of a function of both, and the statistics that are left."""
    (real.square().mean() - fake.sigmoid().mean()).backward()  # type: ignore[no-untyped-call]
    gradients = [parameter.grad for parameter in network.parameters()]
    return [real, fake, *[each for each in gradients if each is not None], *network.buffers()]


@pytest.mark.parametrize(
    ("kind", "norm"),
    [("dcgan", "batch"), ("dcgan", "instance"), ("dcgan", "layer"), ("mlp", "batch")],
)
def test_batches_that_pass_together_are_as_each_alone(kind: str, norm: str) -> None:
    apart = discriminator(kind, norm)
    together = copy.deepcopy(apart)
    expected = learnt(apart, apart(REAL), apart(FAKE))
    real, fake = joined(together, [REAL, FAKE])
    found = learnt(together, real, fake)
    assert len(found) == len(expected) > 2
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


def test_norms_see_one_batch_again_after_batches_were_joined() -> None:
    network = discriminator("dcgan", "batch")
    before = network(REAL)
    joined(network, [REAL, FAKE])
    torch.testing.assert_close(network(REAL), before)


def test_batches_are_joined_where_nothing_but_the_batch_norm_sees_them_together() -> None:
    assert can_join(discriminator("dcgan", "batch"))
    assert can_join(discriminator("mlp", "none"))
    assert not can_join(discriminator("dcgan", "batch", dropout=0.5))
    assert not can_join(discriminator("dcgan", "none", spectral_norm=True))
    assert not can_join(nn.Sequential(nn.BatchNorm2d(3)))
