"""Means of what the steps of a training measured, from one log line to the next."""

import torch
from torch import Tensor

from zerosum.training.game import MEASURES, StepResult


class Meter:
    """Means of what the steps since the last log line measured, added up on the device."""

    def __init__(
        self,
        device: torch.device,
        sums: tuple[float, ...] = (),
        counts: tuple[int, ...] = (),
        steps: int = 0,
    ) -> None:
        # An earlier version's checkpoint has fewer: new ones are added behind them.
        start = (*sums, *(0.0,) * (len(MEASURES) - len(sums)))
        self.sums = torch.tensor(start, dtype=torch.float32, device=device)
        self.counts = [*counts, *(0,) * (len(MEASURES) - len(counts))]
        """How many steps measured each."""
        self.steps = steps

    def add(self, result: StepResult) -> None:
        """Add a step. Queues work, waits for nothing."""
        self.sums = self.sums + result.measures
        self.steps += 1
        for place, name in enumerate(MEASURES):
            self.counts[place] += name in result.measured

    def means(self) -> Tensor:
        """The means so far, float32 (15,) in the order of MEASURES, on the device; 0 for what no
        step measured."""
        counts = [max(count, 1) for count in self.counts]
        return self.sums / torch.tensor(counts, dtype=torch.float32, device=self.sums.device)

    def measured(self) -> list[str]:
        """What at least one step measured."""
        return [name for name, count in zip(MEASURES, self.counts, strict=True) if count]

    def generator_share(self) -> float:
        """The share of the steps in which the generator learnt."""
        learnt = self.counts[MEASURES.index("gradient_norm_generator")]
        return learnt / max(self.steps, 1)

    def clear(self) -> None:
        """Begin anew after a log line."""
        self.sums = torch.zeros_like(self.sums)
        self.counts = [0] * len(MEASURES)
        self.steps = 0
