"""FID within classes: the mean over the classes of the FID of each (Miyato & Koyama 2018, arXiv
1802.05637, section 4.1, "intra FID")."""

from zerosum.evaluation.scores.fid import fid
from zerosum.evaluation.scores.given import Given
from zerosum.evaluation.scores.labelled import within_classes
from zerosum.evaluation.scores.score import Result


def score(given: Given) -> Result:
    """FID within classes of what is given, with that of each class."""
    return within_classes(given, lambda fake, real: fid(fake, real, error=given.errors))
