"""The generator's average, and learning rates over a run."""

import copy
from itertools import pairwise

import pytest
import torch
from torch import nn

from zerosum.training.optimizers import DECAYS
from zerosum.training.step import RAMP_UP, update_average

LATE = 10_000_000
"""Images after which the ramp-up is long over."""


def constant(value: float) -> nn.Module:
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    with torch.no_grad():
        for tensor in [*network.parameters(), *network.buffers()]:
            tensor.fill_(value)
    return network


@pytest.mark.parametrize("batch", [10, 50])
def test_after_a_half_life_an_old_weight_counts_half(batch: int) -> None:
    average, generator = constant(0.0), constant(1.0)
    for _ in range(1000 // batch):
        update_average(average, generator, LATE, batch, half_life=1000)
    for weight in average.parameters():
        torch.testing.assert_close(weight, torch.full_like(weight, 0.5), rtol=1e-4, atol=0)


def test_statistics_of_batch_norm_are_averaged_and_its_counter_copied() -> None:
    average, generator = constant(0.0), constant(1.0)
    update_average(average, generator, LATE, 1000, half_life=1000)
    statistics = dict(average.named_buffers())
    assert statistics["1.running_mean"].tolist() == pytest.approx([0.5, 0.5])
    assert statistics["1.running_var"].tolist() == pytest.approx([0.5, 0.5])
    assert int(statistics["1.num_batches_tracked"]) == 1


def test_first_weights_are_forgotten_within_the_ramp_up() -> None:
    # At the start the half-life is a share of what was seen, far below the 10 million asked for.
    average, generator = constant(0.0), constant(1.0)
    for step in range(1, 101):
        update_average(average, generator, step * 64, 64, half_life=10_000_000)
    expected = 1 - 0.5 ** sum(1 / (step * RAMP_UP) for step in range(1, 101))
    assert expected > 0.999
    assert average.get_parameter("0.weight")[0, 0].item() == pytest.approx(expected)


def test_averaging_leaves_the_generator_alone() -> None:
    average, generator = constant(0.0), constant(1.0)
    before = copy.deepcopy(generator.state_dict())
    update_average(average, generator, LATE, 64, half_life=1000)
    for name, tensor in generator.state_dict().items():
        assert torch.equal(tensor, before[name])


@pytest.mark.parametrize("name", DECAYS)
def test_learning_rates_start_whole_and_never_rise(name: str) -> None:
    factors = [DECAYS[name](share / 100) for share in range(101)]
    assert factors[0] == 1.0
    assert all(later <= earlier for earlier, later in pairwise(factors))
    assert factors[-1] == pytest.approx(1.0 if name == "none" else 0.0)


def test_decays_are_half_way_at_half_time() -> None:
    assert DECAYS["linear"](0.5) == pytest.approx(0.5)
    assert DECAYS["cosine"](0.5) == pytest.approx(0.5)
    assert DECAYS["cosine"](0.1) > DECAYS["linear"](0.1)
