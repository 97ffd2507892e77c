"""KID within classes: the mean over the classes of the KID of each. Unbiased whatever the number of
images, so that it is of use where a class has too few for FID."""

from zerosum.evaluation.scores.distances import Features
from zerosum.evaluation.scores.gaussian import RealSide
from zerosum.evaluation.scores.given import Given
from zerosum.evaluation.scores.labelled import within_classes
from zerosum.evaluation.scores.pairs import compare_pairs
from zerosum.evaluation.scores.score import Result


def score(given: Given) -> Result:
    """KID within classes of what is given, with that of each class."""
    return within_classes(given, _kid)


def _kid(fake: Features, real: RealSide) -> Result:
    sums, _ = compare_pairs(fake, real.features, kernel=True, neighbours=False, kept=real.kept)
    assert sums is not None
    return sums.result()
