"""What every evaluation of a run needs: a feature network, the real side, the held-out pictures."""

from dataclasses import dataclass

import torch

from zerosum.data import PackedData
from zerosum.data.opening import fitting_of
from zerosum.evaluation.extractors import open_extractor
from zerosum.evaluation.measure import Measure, RealSide
from zerosum.evaluation.opening import choose_extractor, real_images
from zerosum.evaluation.protocol import fit_name
from zerosum.evaluation.restoration import HeldOut
from zerosum.recipe import Recipe
from zerosum.scoring.restorations import held_out_pictures
from zerosum.weights import MissingWeightsError

SHARE_COMPARED = 4
"""Checkpoints are compared by a fourth of the images that are reported."""
FEWEST_COMPARED = 50
WITHOUT = "--evaluation.images 0 trains without scores"


@dataclass(frozen=True)
class Tools:
    """What every evaluation of a run needs, made once."""

    measure: Measure
    reals: RealSide
    others: RealSide | None
    pictures: HeldOut | None
    """Where pictures are restored: the held-out ones, which are then the real side as well."""


def open_tools(recipe: Recipe, data: PackedData, device: torch.device) -> Tools:
    """What scores the runs of a recipe on images. Raises ZerosumError where weights are missing, or
    too few pictures are held out."""
    pictures, part = None, "held out"
    if recipe.task.pairs:
        pictures = held_out_pictures(recipe, data)
        reals = pictures.reported.images
    else:
        reals, part = real_images(data, fit=fit_name(fitting_of(recipe.data)))
    try:
        extractor = open_extractor(
            choose_extractor(recipe.evaluation.extractor, reals),
            device=device,
            without=WITHOUT,
        )
    except MissingWeightsError as error:
        raise error.without_option() from error
    others = None
    if part == "held out" and pictures is None:
        others = RealSide.of(real_images(data, "train")[0], "train")
    measure = Measure(extractor, extractor.default_layer, recipe.evaluation.scores)
    return Tools(measure, RealSide.of(reals, part), others, pictures)


def compared_count(recipe: Recipe) -> int:
    """Generated images by which checkpoints are compared."""
    return max(recipe.evaluation.images // SHARE_COMPARED, FEWEST_COMPARED)
