"""The losses of the two players: pure functions of logits, averaged over the batch.

Logits are float32 tensors (n,): the discriminator's outputs on real and on generated images, in
the order of the batch.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from zerosum.recipe.losses import (
    CROSS_ENTROPY,
    HINGE,
    LEAST_SQUARES,
    RELATIVISTIC,
    WASSERSTEIN,
    LossProperties,
)

DiscriminatorLoss = Callable[[Tensor, Tensor, float, float], Tensor]
"""(real logits, fake logits, target of reals, target of fakes) → a scalar."""

GeneratorLoss = Callable[[Tensor, Tensor | None, float], Tensor]
"""(fake logits, real logits where `needs_real`, target of the generator) → a scalar."""


@dataclass(frozen=True)
class Loss:
    """The two losses of a game. `zerosum.recipe.losses` says what the discriminator's output means
    in it."""

    discriminator: DiscriminatorLoss
    generator: GeneratorLoss
    properties: LossProperties
    needs_real: bool = False
    """Whether the generator's loss looks at the real images' logits too."""


def _cross_entropy(logits: Tensor, target: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def cross_entropy_discriminator(
    real: Tensor, fake: Tensor, real_label: float, fake_label: float
) -> Tensor:
    """Goodfellow et al. 2014 (arXiv 1406.2661), equation 1, negated; labels may be smoothed
    (Salimans et al. 2016, arXiv 1606.03498, section 3.4)."""
    return _cross_entropy(real, real_label) + _cross_entropy(fake, fake_label)


def non_saturating_generator(fake: Tensor, _real: Tensor | None, label: float) -> Tensor:
    """−E log D(G(z)), with the target 1: Goodfellow et al. 2014, section 3, the log-D trick."""
    return _cross_entropy(fake, label)


def saturating_generator(fake: Tensor, _real: Tensor | None, label: float) -> Tensor:
    """E log(1 − D(G(z))), with the target 1: Goodfellow et al. 2014, equation 1, as the generator
    minimises it. It moves away from the opposite of its target."""
    return -_cross_entropy(fake, 1 - label)


def wasserstein_discriminator(
    real: Tensor, fake: Tensor, _real_label: float, _fake_label: float
) -> Tensor:
    """E D(G(z)) − E D(x): Arjovsky et al. 2017 (arXiv 1701.07875), equation 2, negated."""
    return fake.mean() - real.mean()


def wasserstein_generator(fake: Tensor, _real: Tensor | None, _label: float) -> Tensor:
    """−E D(G(z)): Arjovsky et al. 2017, algorithm 1, line 10."""
    return -fake.mean()


def hinge_discriminator(
    real: Tensor, fake: Tensor, _real_label: float, _fake_label: float
) -> Tensor:
    """E max(0, 1 − D(x)) + E max(0, 1 + D(G(z))): Miyato et al. 2018 (arXiv 1802.05957), eq. 16.

    Its generator's loss is `wasserstein_generator` (equation 17).
    """
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def least_squares_discriminator(
    real: Tensor, fake: Tensor, real_label: float, fake_label: float
) -> Tensor:
    """½ E (D(x) − b)² + ½ E (D(G(z)) − a)²: Mao et al. 2017 (arXiv 1611.04076), equation 2."""
    return ((real - real_label).square().mean() + (fake - fake_label).square().mean()) / 2


def least_squares_generator(fake: Tensor, _real: Tensor | None, label: float) -> Tensor:
    """½ E (D(G(z)) − c)² with c the generator's target: Mao et al. 2017, equations 2 and 9."""
    return (fake - label).square().mean() / 2


def relativistic_discriminator(
    real: Tensor, fake: Tensor, _real_label: float, _fake_label: float
) -> Tensor:
    """−E log σ(D(x) − D(G(z))), in pairs: Jolicoeur-Martineau 2018 (arXiv 1807.00734), sec. 4.1."""
    return F.softplus(fake - real).mean()


def relativistic_generator(fake: Tensor, real: Tensor | None, _label: float) -> Tensor:
    """−E log σ(D(G(z)) − D(x)), in pairs: Jolicoeur-Martineau 2018, section 4.1."""
    assert real is not None, "the relativistic loss compares with real images"
    return F.softplus(real - fake).mean()


LOSSES: dict[str, Loss] = {
    "non-saturating": Loss(cross_entropy_discriminator, non_saturating_generator, CROSS_ENTROPY),
    "saturating": Loss(cross_entropy_discriminator, saturating_generator, CROSS_ENTROPY),
    "wasserstein": Loss(wasserstein_discriminator, wasserstein_generator, WASSERSTEIN),
    "hinge": Loss(hinge_discriminator, wasserstein_generator, HINGE),
    "least-squares": Loss(least_squares_discriminator, least_squares_generator, LEAST_SQUARES),
    "relativistic": Loss(
        relativistic_discriminator, relativistic_generator, RELATIVISTIC, needs_real=True
    ),
}
"""By `objective.loss`."""

PIXEL_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": F.mse_loss,
    "l1": F.l1_loss,
}
"""By `objective.pixel_loss`: restored and original images (n, C, H, W) → a scalar."""
