"""The scores of a run that restores pictures: held-out ones, restored, against their originals."""

from zerosum.data import PackedData
from zerosum.data.opening import fitting_of
from zerosum.evaluation.images import GeneratedSide, Images
from zerosum.evaluation.measure import Measure, Stage
from zerosum.evaluation.protocol import fit_name
from zerosum.evaluation.restoration import HeldOut, divide_held_out, score_restoration
from zerosum.evaluation.scoring import Scores
from zerosum.generation.restored import restoration_versions, restored_images
from zerosum.recipe import Recipe
from zerosum.scoring.pictures import live_generator
from zerosum.training.checkpoints import weights_digest
from zerosum.training.session import Training


def held_out_pictures(recipe: Recipe, data: PackedData) -> HeldOut:
    """The held-out pictures of a training. Raises ZerosumError where too few were held out."""
    fit = fit_name(fitting_of(recipe.data))
    return divide_held_out(data, recipe.seed, recipe.evaluation.images, fit)


def score_live_restoration(
    training: Training,
    pictures: HeldOut,
    measure: Measure,
    train: Images | None,
    shorter: str,
    stage: Stage,
) -> Scores:
    """The scores of the generator as it is now, to compare with other checkpoints of the run."""
    recipe = training.game.recipe
    with live_generator(training) as generator:
        weights = weights_digest(generator.module)
        images = restored_images(
            generator, pictures.compared, recipe.damage, recipe.seed, weights=weights
        )
        kind = "average" if generator.averaged else "last"
        return score_restoration(
            pictures.compared,
            {"restored": GeneratedSide(images, generator.checkpoint, kind)},
            recipe.damage,
            recipe.seed,
            measure,
            train=train,
            keep=False,
            shorter=shorter,
            stage=stage,
        )


def score_saved_restoration(
    training: Training,
    checkpoint: str,
    pictures: HeldOut,
    measure: Measure,
    train: Images | None,
    shorter: str,
    stage: Stage,
) -> Scores:
    """The scores of a checkpoint, with those of the damaged pictures and of the pre-trained
    generator, on pictures that chose nothing."""
    recipe = training.game.recipe
    versions = restoration_versions(
        training.run,
        pictures.reported,
        checkpoint=checkpoint,
        device=str(training.game.fabric.device),
    )
    return score_restoration(
        pictures.reported,
        versions,
        recipe.damage,
        recipe.seed,
        measure,
        train=train,
        shorter=shorter,
        stage=stage,
    )
