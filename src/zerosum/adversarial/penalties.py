"""Penalties on the discriminator's gradient at its input, without their weight."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Place = Literal["real", "fake", "between"]
"""Images at which a gradient can be taken: real ones, generated ones, and mixtures of both, which
the discriminator is asked about for a penalty alone."""


@dataclass(frozen=True)
class Penalty:
    """The sum, over some places, of a function of the gradients ∇ₓ D(x) there."""

    places: tuple[Place, ...]
    of_gradient: Callable[[Tensor], Tensor]
    """Gradients float32 (n, channels, height, width) → a scalar, float32."""

    def of(self, images: Mapping[Place, Tensor], scores: Mapping[Place, Tensor]) -> Tensor:
        """The penalty, a float32 scalar that can be differentiated again.

        `scores` (n,) are the discriminator's outputs on `images` (n, channels, height, width),
        which require a gradient; the outputs that a loss is made of will do.
        """
        terms = [self.of_gradient(input_gradient(scores[at], images[at])) for at in self.places]
        return torch.stack(terms).sum()


def input_gradient(scores: Tensor, images: Tensor) -> Tensor:
    """∇ₓ D(x) for each image: the shape of `images`, float32."""
    gradient: Tensor = torch.autograd.grad(scores.float().sum(), images, create_graph=True)[0]
    return gradient.to(torch.float32)


def squared_distance_from_one(gradient: Tensor) -> Tensor:
    """E (‖∇ D(x̂)‖₂ − 1)²: Gulrajani et al. 2017 (arXiv 1704.00028), equation 3."""
    norms: Tensor = torch.linalg.vector_norm(gradient.flatten(1), dim=1)
    return (norms - 1).square().mean()


def half_square(gradient: Tensor) -> Tensor:
    """½ E ‖∇ D(x)‖²: Mescheder et al. 2018 (arXiv 1801.04406), equations 9 and 10."""
    return gradient.square().flatten(1).sum(1).mean() / 2


PENALTIES: dict[str, Penalty] = {
    "gradient": Penalty(("between",), squared_distance_from_one),
    "r1": Penalty(("real",), half_square),
    "r2": Penalty(("fake",), half_square),
    # Both, with one weight: Huang et al. 2024 (arXiv 2501.05441), section 2.2.
    "r1+r2": Penalty(("real", "fake"), half_square),
}
"""By `objective.penalty`, of which "none" has no entry."""
