"""Typed settings: every field of a recipe with its unit, range and meaning; those of the images are
in `data.py`, of their damage in `damage.py`, of the two players in `network.py`.

The same descriptions are the help of the command line, the recipe reference in the docs, and the
error messages.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from zerosum.recipe.extractors import AUTO, ExtractorName
from zerosum.recipe.losses import LOSS_PROPERTIES, LossName, LossProperties, PenaltyName
from zerosum.recipe.naming import NamesParts
from zerosum.recipe.scores import ScoreName


@dataclass(frozen=True)
class Later:
    """What a run that goes on may have of a field: any value, or one that makes it no shorter.

    A field without this stays as it was, since the weights depend on it.
    """

    change: Literal["freely", "longer"]


FREELY = Later("freely")
LONGER = Later("longer")


class Settings(BaseModel):
    """A section of a recipe: unknown names are errors, nothing changes after it is built."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Below1 = Annotated[float, Field(ge=0.0, lt=1.0)]
Factor = Annotated[float, Field(ge=0.0)]
StepSize = Annotated[float, Field(gt=0.0)]
Same = Literal["same"]
SAME: Same = "same"
"""A last value that is the first: it stays as it is, whatever else schedule.decay leads."""


class ObjectiveSettings(Settings, NamesParts):
    """What the players play for."""

    loss: LossName = Field("non-saturating", description="the loss of both players")
    real_label: float = Field(
        1.0,
        description="target of real images in the discriminator's step; 0.9: one-sided label "
        "smoothing",
    )
    fake_label: float = Field(
        0.0, description="target of generated images in the discriminator's step"
    )
    generator_label: float = Field(
        1.0,
        description="target of generated images in the generator's step; tutorials that smooth "
        "have that of real_label here too",
    )
    penalty: PenaltyName = Field("none", description="what is added to the discriminator's loss")
    penalty_weight: Factor | Literal["auto"] = Field(
        10.0,
        description="factor of the penalty; auto: 0.0002 × width × height / batch, StyleGAN2's "
        "rule for r1",
    )
    last_penalty_weight: Factor | Same = Field(
        SAME, description="where schedule.decay leads it; same: it stays as it is"
    )
    clip: Factor = Field(
        0.0, description="largest absolute weight of the critic, after each of its steps; 0: none"
    )
    adversarial_weight: Factor = Field(
        1.0, description="factor of the loss above in the generator's step"
    )
    class_weight: Factor = Field(
        1.0,
        description="factor of the classifier's cross-entropy in both players' steps "
        "(network.discriminator.classes)",
    )
    pixel_weight: Factor = Field(
        0.0, description="factor of a unet's pixel loss in the generator's step"
    )
    pixel_loss: Literal["mse", "l1"] = Field(
        "mse", description="difference of a restored picture and its original"
    )
    feature_weight: Factor = Field(
        0.0, description="factor, in the pixel loss, of the difference in ImageNet features"
    )

    @property
    def of_loss(self) -> LossProperties:
        """What the discriminator's output means under this loss."""
        return self.part("loss", LOSS_PROPERTIES)

    @property
    def equilibrium(self) -> float | None:
        """What the discriminator says of any image where real and generated ones are distributed
        alike and it plays its best. None where only the difference of two outputs means anything.
        """
        answer = self.of_loss.equilibrium
        return None if answer is None else answer(self.real_label, self.fake_label)

    @property
    def boundary(self) -> float | None:
        """The output of the discriminator, before any sigmoid, that lies between those of real and
        of generated images. None where only the difference of two outputs means anything."""
        return 0.0 if self.of_loss.told_by_sign else self.equilibrium


class PretrainSettings(Settings):
    """What a unet does before the game, each player alone. Counted in images, on top of the
    schedule's."""

    generator_images: Count = Field(0, description="the generator on the pixel loss; 0: none")
    generator_learning_rate: StepSize = Field(1e-3, description="step size meanwhile")
    critic_images: Count = Field(
        0, description="then the discriminator on restored against real, at most; 0: none"
    )
    critic_accuracy: Share = Field(
        0.9, description="it ends sooner when this share of a log line's images is told right"
    )


class ScheduleSettings(Settings):
    """How long, in what portions, and how often something is written. Counted in real images."""

    epochs: Annotated[Count, LONGER] = Field(
        25, description="passes over the training images, unless images is set"
    )
    images: Annotated[Count, LONGER] = Field(
        0, description="real images to train on; 0: epochs decide"
    )
    minimum_steps: Annotated[Count, FREELY] = Field(
        0,
        description="generator steps before which pictures are unfinished: the recipe's own epochs "
        "train at least these; 0: not known",
    )
    batch: Positive = Field(128, description="images in a batch, over all devices together")
    critic_steps: Positive = Field(1, description="discriminator's steps to one of the generator")
    critic_batches: Literal["fresh", "same"] = Field(
        "fresh", description="real batches of the critic's steps: each its own, or one for all"
    )
    switch: Literal["fixed", "adaptive"] = Field(
        "fixed", description="who trains next; adaptive: the discriminator while its loss is high"
    )
    switch_loss: StepSize = Field(
        0.65, description="adaptive: the generator's turn comes below it; indifferent: 0.693"
    )
    accumulate: Annotated[Positive, FREELY] = Field(
        1, description="parts that a batch is computed in: less memory, the same gradients"
    )
    decay: Literal["none", "linear", "cosine"] = Field(
        "none",
        description="how both learning rates, and all else that has a last value, go there from "
        "their first, over the run or each phase",
    )
    decay_images: Count = Field(0, description="images over which they go there; 0: all")
    average: Count = Field(
        0, description="half-life of the generator's average in images; 0: no average"
    )
    last_average: Count | Same = Field(
        SAME, description="where schedule.decay leads it, also from 0; same: it stays as it is"
    )
    log_every: Annotated[Positive, FREELY] = Field(
        50, description="generator steps between log lines"
    )
    sample_every: Annotated[Count, FREELY] = Field(
        0, description="images between sample grids; 0: 50,000, or a sixteenth of a short run"
    )
    checkpoint_every: Annotated[Count, FREELY] = Field(
        0, description="images between checkpoints; 0: 200,000, or a quarter of a short run"
    )
    keep: Annotated[int, Field(ge=2), FREELY] = Field(
        3, description="newest checkpoints that stay on disk, at least 2"
    )
    evaluate_every: Annotated[Count, FREELY] = Field(
        0, description="images between evaluations; 0: at the end only"
    )

    @property
    def averages(self) -> bool:
        """Whether an average of the generator is kept."""
        return self.average > 0 or self.last_average not in (0, SAME)


def images_per_step(schedule: ScheduleSettings) -> int:
    """Real images that a step shows: a batch, or one for each critic step."""
    return schedule.batch * (schedule.critic_steps if schedule.critic_batches == "fresh" else 1)


class EvaluationSettings(Settings, NamesParts):
    """How the result is scored."""

    extractor: ExtractorName = Field(
        AUTO, description="feature network; auto: digits for grey digits, otherwise inception"
    )
    images: Count = Field(10_000, description="generated images that are scored; 0: no scores")
    scores: tuple[ScoreName, ...] = Field(
        ("fid", "kid", "precision", "recall", "coverage"), description="which scores"
    )
    decides: ScoreName = Field("fid", description="the score that chooses the best checkpoint")
