"""How a run is scored: generated images against real ones, or restored ones against their
originals."""

from dataclasses import dataclass, replace
from functools import partial
from typing import TypedDict

import torch

from zerosum.analysis.class_counts import FEWEST as FEWEST_CLASSIFIED
from zerosum.analysis.modes import count_digits
from zerosum.data import PackedData
from zerosum.data.opening import fitting_of
from zerosum.evaluation.extractors import OwnExtractors, open_extractor
from zerosum.evaluation.features import extract_features
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Measure, Stage
from zerosum.evaluation.opening import choose_extractor, is_digits, real_images
from zerosum.evaluation.protocol import fit_name
from zerosum.evaluation.restoration import HeldOut, divide_held_out, score_restoration
from zerosum.evaluation.scoring import Scores, score_images
from zerosum.generation.generator import TrainedGenerator
from zerosum.generation.images import generated_images, run_images
from zerosum.generation.restored import restoration_versions, restored_images
from zerosum.recipe.settings import Recipe
from zerosum.records.logs import FINAL, CoveredClasses, ScoreLine
from zerosum.records.run import RunFolder
from zerosum.training.checkpoints import weights_digest
from zerosum.weights import MissingWeightsError

SHARE_COMPARED = 4
"""Checkpoints are compared by a fourth of the images that are reported."""
FEWEST_COMPARED = 50
FIRST_COMPARED = 1_000_000
"""Number of the first picture that checkpoints are compared by; reported ones count from 0."""
WITHOUT = "--evaluation.images 0 trains without scores"


class How(TypedDict):
    """What of a scoring is the same whatever is scored: as in `score_images`."""

    train: Images | None
    shorter: str
    stage: Stage


@dataclass(frozen=True)
class Tools:
    """What every evaluation of a run needs, made once: a network and the real side."""

    recipe: Recipe
    measure: Measure
    reals: Images
    others: Images | None

    def live(self, generator: TrainedGenerator, how: How) -> Scores:
        """The scores of a generator as it is now, to compare with other checkpoints of the run."""
        fakes = generated_images(
            generator,
            compared_count(self.recipe),
            first=FIRST_COMPARED,
            weights=weights_digest(generator.module),
        )
        return score_images(fakes, self.reals, self.measure, keep=False, **how)

    def saved(self, run: RunFolder, checkpoint: str, device: torch.device, how: How) -> ScoreLine:
        """The scores of a checkpoint, on images that chose nothing, with the classes that they
        cover, where those are known."""
        fakes = run_images(
            run, self.recipe.evaluation.images, checkpoint=checkpoint, device=str(device)
        )
        covered = self._classes_covered(fakes, how["stage"])
        scores = score_images(fakes, self.reals, self.measure, others=self.others, **how)
        return replace(scores.line(FINAL, int(fakes.checkpoint)), modes=covered)

    def _classes_covered(self, fakes: Images, stage: Stage) -> CoveredClasses | None:
        """The classes that generated digits cover; None for other images, or for few."""
        if not is_digits(self.reals) or len(fakes) < FEWEST_CLASSIFIED:
            return None
        extractor = self.measure.extractor
        if extractor.name != "digits":
            # Whatever it is scored with: this network knows which digit is which.
            extractor = open_extractor("digits", device=extractor.device)
        # Both layers in one pass: what follows finds its own in the cache.
        layers = (extractor.default_layer, extractor.logits)
        told = partial(stage, "features of the images")
        extract_features(fakes, extractor, layers, progress=told)
        _, modes = count_digits(fakes, self.reals, extractor, stage)
        return {"covered": modes.covered, "classes": modes.classes, "verdict": modes.verdict()}


@dataclass(frozen=True)
class RestorationTools(Tools):
    """The same where held-out pictures are restored, and scored against their originals."""

    pictures: HeldOut

    def live(self, generator: TrainedGenerator, how: How) -> Scores:
        recipe, originals = self.recipe, self.pictures.compared
        weights = weights_digest(generator.module)
        images = restored_images(generator, originals, recipe.damage, recipe.seed, weights)
        return score_restoration(
            originals,
            {"restored": images},
            recipe.damage,
            recipe.seed,
            self.measure,
            keep=False,
            **how,
        )

    def saved(self, run: RunFolder, checkpoint: str, device: torch.device, how: How) -> ScoreLine:
        """With those of the damaged pictures and of the pre-trained generator."""
        recipe, originals = self.recipe, self.pictures.reported
        versions = restoration_versions(run, originals, checkpoint=checkpoint, device=str(device))
        scores = score_restoration(
            originals, versions, recipe.damage, recipe.seed, self.measure, **how
        )
        return scores.line(FINAL, int(scores.protocol.checkpoint))


def open_tools(recipe: Recipe, data: PackedData, device: torch.device) -> Tools:
    """What scores the runs of a recipe on images. Raises ZerosumError where weights are missing, or
    too few pictures are held out."""
    pictures, fit = None, fit_name(fitting_of(recipe.data))
    if recipe.task.pairs:
        pictures = divide_held_out(data, recipe.seed, recipe.evaluation.images, fit)
        reals = pictures.reported.images
    else:
        reals = real_images(data, fit=fit)
    try:
        extractor = open_extractor(
            choose_extractor(recipe.evaluation.extractor, reals),
            device=device,
            without=WITHOUT,
            own=OwnExtractors(recipe.parts.extractors, reals.shape),
        )
    except MissingWeightsError as error:
        raise error.without_option() from error
    own = recipe.parts.brought("score")
    measure = Measure(extractor, extractor.default_layer, recipe.evaluation.scores, own=own)
    if pictures is not None:
        return RestorationTools(recipe, measure, reals, None, pictures)
    others = real_images(data, "train") if reals.part == "held out" else None
    return Tools(recipe, measure, reals, others)


def compared_count(recipe: Recipe) -> int:
    """Generated images by which checkpoints are compared."""
    return max(recipe.evaluation.images // SHARE_COMPARED, FEWEST_COMPARED)
