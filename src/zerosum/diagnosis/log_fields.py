"""The fields of metrics.jsonl: what each is called wherever it is drawn or printed, and what it is.

TensorBoard, the charts, the page, the summary and docs/how-to/logs.md take their words from here.
"""

from dataclasses import dataclass

from zerosum.recipe.sections import ObjectiveSettings
from zerosum.recipe.settings import Recipe


@dataclass(frozen=True)
class LogField:
    """A field of a line of metrics.jsonl."""

    field: str
    """Its key in the line."""
    name: str
    """What it is called; {discriminator}, {output} and {fake} stand for the words of the recipe."""
    meaning: str
    group: str = ""
    """Of TensorBoard's curves; "" for what is no curve."""
    only: str = ""
    """Which lines have it; "" for all."""

    def words(self, recipe: Recipe) -> str:
        """What it is called in a training by this recipe."""
        return self.name.format(
            discriminator=discriminator_name(recipe),
            output=output_word(recipe.objective),
            fake=recipe.task.fake,
        )


def discriminator_name(recipe: Recipe) -> str:
    """What the discriminator is called: of restorations, and where its output is no probability but
    estimates a distance, a critic."""
    critic = recipe.task.critic or recipe.objective.of_loss.estimates_distance
    return "critic" if critic else "discriminator"


def output_word(objective: ObjectiveSettings) -> str:
    """What stands before D(x) and D(G(z)) where they are no probabilities but plain outputs, as
    every number can be; "" where they are probabilities."""
    return "" if objective.of_loss.output == "logit" else "output "


LAST_STEP = "last_step"
"""Marks the line of the step that a training ended with, where that lies between two of the others.
A run that goes on has it no longer, and no verdict hears of it: both are as if it had not ended."""
LEARNS = "lines in which the {} learnt"
_GENERATOR, _DISCRIMINATOR = LEARNS.format("generator"), LEARNS.format("discriminator")
_RESTORES = "restorations"
_NO_RESTORATION = "all but restorations"
_HELD_OUT = "all but restorations, where two images or more are held out"
_CLASSIFIES = "recipes with network.discriminator.classes = classifier"
_ADAPTS = "recipes with augmentation.method = ada and a target"
FIELDS: tuple[LogField, ...] = (
    LogField("step", "step", "steps so far: of the generator, but for the phases of restorations"),
    LogField("images", "images seen", "real images shown so far; the x axis of every curve"),
    LogField(
        LAST_STEP, "last step", "true: the training stopped or ended here, between two lines; the "
        "line goes where it trains on, and neither verdicts nor TensorBoard have it",
        only="the last, there",
    ),
    LogField("seconds", "seconds", "time spent in steps so far, without scoring"),
    LogField(
        "images_per_second", "images per second", "real images since the line before, by the time",
        "speed",
    ),
    LogField(
        "loss_generator", "generator's loss", "what the generator minimises against the other "
        "player, without weights and without the pixel loss", "losses", _GENERATOR,
    ),
    LogField(
        "loss_discriminator", "{discriminator}'s loss",
        "what the discriminator minimises, without the penalty", "losses", _DISCRIMINATOR,
    ),
    LogField(
        "penalty", "penalty, weighted", "objective.penalty × its weight at that time, which the "
        "discriminator minimises besides", "losses", "recipes with a penalty",
    ),
    LogField(
        "distance", "critic's estimate of the distance",
        "D(x) − D(G(z)) in the critic's step; larger: the two distributions are further apart "
        "(Arjovsky et al. 2017, equation 2)", "losses", "Wasserstein losses",
    ),
    LogField(
        "loss_pixel", "pixel loss", "difference of restored pictures and their originals",
        "losses", _RESTORES,
    ),
    LogField(
        "loss_classifier_real", "classifier's loss, real images", "cross-entropy of the classes "
        "that the discriminator names with those of real images, without its weight; by chance: "
        "the logarithm of how many classes there are", "losses", _CLASSIFIES,
    ),
    LogField(
        "loss_classifier_fake", "classifier's loss, generated images",
        "the same with the classes that generated images were asked for, which both players "
        "minimise", "losses", _CLASSIFIES,
    ),
    LogField(
        "d_real", "{output}D(x)", "mean answer of the discriminator to real images: a probability "
        "from 0 to 1, or for Wasserstein, hinge and least squares losses its plain output",
        "discriminator", _DISCRIMINATOR,
    ),
    LogField(
        "d_fake_before", "{output}{fake}, {discriminator}'s step",
        "mean answer to generated images, before the discriminator learnt from them",
        "discriminator", _DISCRIMINATOR,
    ),
    LogField(
        "d_fake_after", "{output}{fake}, generator's step",
        "mean answer to generated images, after the discriminator learnt from them",
        "discriminator", _GENERATOR,
    ),
    LogField(
        "d_train", "training images", "mean output of the discriminator, before any sigmoid, on "
        "one batch of training images, augmented as in training", "overfitting", _HELD_OUT,
    ),
    LogField(
        "d_held_out", "held-out images", "the same on as many held-out images", "overfitting",
        _HELD_OUT,
    ),
    LogField(
        "d_generated", "generated images", "the same on as many generated images", "overfitting",
        _HELD_OUT,
    ),
    LogField(
        "sign_real", "mean sign of output D(x)", "share of real images whose output is on the side "
        "of real ones, less that of the others: r_t of Karras et al. 2020, section 3.1",
        "augmentation", _ADAPTS,
    ),
    LogField(
        "augmentation_probability", "probability of each change",
        "of what is done to images before the discriminator sees them", "augmentation",
        "recipes with augmentation.method = ada",
    ),
    LogField(
        "classified_real", "real images", "share of real images whose class the discriminator "
        "names rightly", "classes", _CLASSIFIES,
    ),
    LogField(
        "classified_fake", "generated images", "share of generated images that it names as what "
        "they were asked to be, before it learnt from them", "classes", _CLASSIFIES,
    ),
    LogField(
        "accuracy", "share told right", "share of real and restored pictures that the critic "
        "tells right", "discriminator", _RESTORES,
    ),
    LogField(
        "gradient_norm_generator", "generator's gradient norm",
        "Euclidean norm of its whole gradient", "gradients", _GENERATOR,
    ),
    LogField(
        "gradient_norm_discriminator", "{discriminator}'s gradient norm",
        "Euclidean norm of its whole gradient", "gradients", _DISCRIMINATOR,
    ),
    LogField(
        "learning_rate_generator", "generator's learning rate", "of the last step",
        "learning rates",
    ),
    LogField(
        "learning_rate_discriminator", "{discriminator}'s learning rate", "of the last step",
        "learning rates",
    ),
    LogField(
        "variety_images", "images compared", "how many generated and real images the "
        "distances and contrasts below are measured on", only=_NO_RESTORATION,
    ),
    LogField(
        "spread_fake", "generated, to each other", "mean distance of two generated images: root "
        "mean square difference of pixels at 16×16, from 0 to 2", "variety", _NO_RESTORATION,
    ),
    LogField(
        "nearest_fake", "generated, to the nearest",
        "mean distance of a generated image to its nearest", "variety", _NO_RESTORATION,
    ),
    LogField(
        "spread_real", "real, to each other", "mean distance of two real images",
        "variety", _NO_RESTORATION,
    ),
    LogField(
        "nearest_real", "real, to the nearest", "mean distance of a real image to its nearest",
        "variety", _NO_RESTORATION,
    ),
    LogField(
        "contrast_fake", "contrast of generated", "mean standard deviation of a generated image's "
        "pixels at 16×16 about the mean of their channel, from 0 (one even colour) to 1",
        "variety", _NO_RESTORATION,
    ),
    LogField(
        "contrast_real", "contrast of real", "the same of real images",
        "variety", _NO_RESTORATION,
    ),
    LogField(
        "phase", "phase", "generator, critic or adversarial: who learns", only=_RESTORES,
    ),
    LogField(
        "generator_share", "generator's share of the steps",
        "share of the steps in which the generator learnt", "turns", _RESTORES,
    ),
)  # fmt: skip
"""In the order in which docs/how-to/logs.md tells them."""

BY_FIELD: dict[str, LogField] = {each.field: each for each in FIELDS}


def curve_name(field: str, recipe: Recipe) -> str:
    """What a field of metrics.jsonl is called in a training by this recipe."""
    return BY_FIELD[field].words(recipe)


def curve_tags(recipe: Recipe) -> dict[str, str]:
    """Fields of metrics.jsonl → names of TensorBoard's curves."""
    return {each.field: f"{each.group}/{each.words(recipe)}" for each in FIELDS if each.group}
