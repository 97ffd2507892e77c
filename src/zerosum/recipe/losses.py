"""What losses and penalties are apart from their formulas: what outputs mean in a game.

The formulas of losses are in `zerosum.adversarial.losses`, by the same names. This stands below
them because a recipe is checked before anything that computes is imported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from zerosum.recipe.names import NameOf


@dataclass(frozen=True)
class LossProperties:
    """What the discriminator's output means under a loss."""

    output: Literal["logit", "score"]
    """logit: its sigmoid is a probability of being real; score: an unbounded number."""
    equilibrium: Callable[[float, float], float] | None
    """(target of reals, target of fakes) → what the discriminator answers (a probability, where its
    output is a logit) where real and generated images are distributed alike and it plays its best.
    None where only the difference of two outputs means anything."""
    labels: bool = False
    """Whether the discriminator's outputs are held against targets, which can be smoothed."""
    bounded: bool = True
    """Whether the discriminator's loss has a smallest value."""
    estimates_distance: bool = False
    """Whether the discriminator is a critic, the difference of whose mean outputs on real and on
    generated images estimates how far apart the two distributions are."""
    told_by_sign: bool = False
    """Whether an output above 0 is its answer that an image is real."""

    @property
    def probability(self) -> bool:
        """Whether the sigmoid of one output, without another beside it, is a probability."""
        return self.output == "logit" and self.equilibrium is not None

    @property
    def cross_entropy(self) -> bool:
        """Whether the discriminator's loss is a cross-entropy: logits against labels."""
        return self.output == "logit" and self.labels


def _between_labels(real_label: float, fake_label: float) -> float:
    """Goodfellow et al. 2014 (arXiv 1406.2661), proposition 1; Mao et al. 2017 (arXiv 1611.04076),
    equation 5."""
    return (real_label + fake_label) / 2


CROSS_ENTROPY = LossProperties("logit", _between_labels, labels=True, told_by_sign=True)
WASSERSTEIN = LossProperties("score", None, bounded=False, estimates_distance=True)
HINGE = LossProperties("score", lambda _real, _fake: 0.0, told_by_sign=True)
LEAST_SQUARES = LossProperties("score", _between_labels, labels=True)
RELATIVISTIC = LossProperties("logit", None)

LOSS_PROPERTIES: dict[str, LossProperties] = {
    "non-saturating": CROSS_ENTROPY,
    "saturating": CROSS_ENTROPY,
    "wasserstein": WASSERSTEIN,
    "hinge": HINGE,
    "least-squares": LEAST_SQUARES,
    "relativistic": RELATIVISTIC,
}
"""By `objective.loss`."""

LossName = Annotated[str, NameOf("loss", LOSS_PROPERTIES)]


@dataclass(frozen=True)
class PenaltyProperties:
    """What a penalty on the discriminator's gradient is, apart from its formula."""

    of_size: bool = False
    """Whether StyleGAN2's rule for its weight holds, by the size of images and of the batch."""


PENALTY_PROPERTIES: dict[str, PenaltyProperties] = {
    "none": PenaltyProperties(),
    "gradient": PenaltyProperties(),
    "r1": PenaltyProperties(of_size=True),
    "r2": PenaltyProperties(of_size=True),
    "r1+r2": PenaltyProperties(of_size=True),
}
"""By `objective.penalty`. The formulas are in `zerosum.adversarial.penalties`."""

PenaltyName = Annotated[str, NameOf("penalty", PENALTY_PROPERTIES)]
