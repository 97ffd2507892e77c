"""The floor: real images against other real images."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zerosum.evaluation.features import Features
from zerosum.evaluation.measure import FEWEST, Measure, RealSide, Stage, real_features
from zerosum.evaluation.scores import Result, compute_scores
from zerosum.randomness import random_for

FLOOR_SCORES = ("fid", "kid", "precision", "recall", "coverage")


@dataclass(frozen=True)
class Floor:
    """Scores of real images against other real images: what no generator needs to beat."""

    scores: Mapping[str, Result]
    words: str
    """Which images against which."""


def measure_floor(
    real: Features,
    fakes: int,
    measure: Measure,
    *,
    others: RealSide | None = None,
    cache: Path | None = None,
    stage: Stage = lambda _what, _done, _total: None,
) -> Floor | None:
    """Real images against real images: `others`, as many as the fakes, or halves of `real`.

    Of a half, too, no more than there are fakes: few images make FID larger, real ones as well.
    None where there are too few to divide.
    """
    names = [name for name in measure.scores if name in FLOOR_SCORES]
    if not names:
        return None
    if others is not None and others.count >= FEWEST:
        features = real_features(others, measure, cache=cache, stage=stage)
        chosen = random_for(measure.seed, "floor").permutation(len(features))[:fakes]
        features = features[np.sort(chosen)]
        against, words = real, f"{len(features):,} of {others.name} ({others.part}) against these"
    else:
        half = len(real) // 2
        if half < FEWEST:
            return None
        few = min(half, fakes)
        order = random_for(measure.seed, "floor").permutation(len(real))
        features, against = real[np.sort(order[:few])], real[np.sort(order[half : 2 * half])]
        words = f"the real images in halves of {half:,}"
        if few < half:
            words = f"{few:,} of the real images against {half:,} others"
    results = compute_scores(
        names,
        features,
        against,
        seed=measure.seed,
        progress=lambda done, total: stage("the floor", done, total),
    )
    return Floor(results, words)
