"""The directions of latents along which a generator's pictures change most: GANSpace (Härkönen et
al. 2020, arXiv 2004.02546), section 3.2."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from zerosum.generation.generator import TrainedGenerator, exactly, require_latents
from zerosum.networks.first_maps import first_maps
from zerosum.networks.latents import DEVIATIONS

USUAL_COUNT = 8


@dataclass(frozen=True)
class PrincipalDirections:
    """Directions of latents, by how much of the variation of the first feature map lies along
    each."""

    directions: Tensor
    """Float32 (count, latent) on the processor: of length 1, at right angles to each other."""
    explained: tuple[float, ...]
    """The share of the map's variance along each, the largest first; those of all directions of
    the latent add up to 1."""
    unit: float
    """The standard deviation of latents along any direction."""

    def __len__(self) -> int:
        return len(self.explained)

    def moved(self, inputs: Tensor, moves: Sequence[float]) -> Tensor:
        """Inputs of the generator (n, latent, or more where it learnt classes), moved along the
        first of the directions, each by so many standard deviations; a new tensor.

        Inputs that are not moved at all are the same bit for bit.
        """
        steps = torch.tensor(moves, dtype=torch.float32) * self.unit
        moved, latent = inputs.clone(), self.directions.shape[1]
        moved[:, :latent] += steps @ self.directions[: len(moves)]
        return moved


def principal_directions(
    generator: TrainedGenerator, count: int = USUAL_COUNT
) -> PrincipalDirections:
    """The principal components of the generator's first feature map, as directions of its latent;
    fewer than `count` where the latent has fewer numbers.

    The paper samples latents, takes the principal components of their maps, and finds the latents'
    directions by a regression. All numbers of a latent have the same variance, so that both are one
    step, the left singular vectors of how the map depends on the latent (`networks.first_maps`).
    Each time the directions are the same. Of the two signs each has that in which its largest
    number is positive.
    Raises UsageError where the run restores pictures.
    """
    require_latents(generator)
    with exactly(generator.device):
        maps = first_maps(generator.module, generator.recipe)
    variances, vectors = torch.linalg.eigh(maps @ maps.T)  # the smallest first
    variances, directions = variances.flip(0).clamp_min(0), vectors.T.flip(0)[:count]
    largest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    return PrincipalDirections(
        directions=(directions * largest.sign()).float(),
        explained=tuple((variances / variances.sum())[:count].tolist()),
        unit=DEVIATIONS[generator.recipe.network.prior],
    )
