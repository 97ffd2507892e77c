"""Penalties on the discriminator's gradient at its input, without their weight.

Each takes the discriminator, real and generated images (n, channels, height, width), and mixing
weights epsilon (n, 1, 1, 1) in [0, 1); it returns a float32 scalar that can be differentiated
again. Images are detached: a penalty trains the discriminator alone.
"""

from collections.abc import Callable

import torch
from torch import Tensor

Forward = Callable[[Tensor], Tensor]
Penalty = Callable[[Forward, Tensor, Tensor, Tensor], Tensor]


def input_gradient(discriminator: Forward, images: Tensor) -> Tensor:
    """∇ₓ D(x) for each image: the shape of `images`, float32."""
    images = images.detach().requires_grad_()
    scores = discriminator(images)
    gradient: Tensor = torch.autograd.grad(scores.float().sum(), images, create_graph=True)[0]
    return gradient.to(torch.float32)


def gradient_penalty(discriminator: Forward, real: Tensor, fake: Tensor, epsilon: Tensor) -> Tensor:
    """E (‖∇ D(x̂)‖₂ − 1)² at points x̂ on the lines between real and generated images.

    Gulrajani et al. 2017 (arXiv 1704.00028), equation 3; `epsilon` is ε of algorithm 1.
    """
    gradient = input_gradient(discriminator, torch.lerp(fake, real, epsilon))
    norms: Tensor = torch.linalg.vector_norm(gradient.flatten(1), dim=1)
    return (norms - 1).square().mean()


def r1(discriminator: Forward, real: Tensor, _fake: Tensor, _epsilon: Tensor) -> Tensor:
    """½ E ‖∇ D(x)‖² at real images: Mescheder et al. 2018 (arXiv 1801.04406), equation 9."""
    return input_gradient(discriminator, real).square().flatten(1).sum(1).mean() / 2


def r2(discriminator: Forward, _real: Tensor, fake: Tensor, _epsilon: Tensor) -> Tensor:
    """½ E ‖∇ D(G(z))‖² at generated images: Mescheder et al. 2018, equation 10."""
    return input_gradient(discriminator, fake).square().flatten(1).sum(1).mean() / 2


def r1_and_r2(discriminator: Forward, real: Tensor, fake: Tensor, epsilon: Tensor) -> Tensor:
    """Both, with one weight: Huang et al. 2024 (arXiv 2501.05441), section 2.2."""
    return r1(discriminator, real, fake, epsilon) + r2(discriminator, real, fake, epsilon)


PENALTIES: dict[str, Penalty] = {
    "gradient": gradient_penalty,
    "r1": r1,
    "r2": r2,
    "r1+r2": r1_and_r2,
}
"""By `objective.penalty`; "none" has no function."""
