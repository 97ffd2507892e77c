"""Class accuracy: the share of generated images that a classifier finds to be of the class that was
asked for. Of real images it is the classifier's own accuracy. One picture of each class, made again
and again, has all of it."""

from zerosum.evaluation.scores.classified import neighbours_vote
from zerosum.evaluation.scores.errors import of_mean
from zerosum.evaluation.scores.given import Given
from zerosum.evaluation.scores.labelled import labelled, share_of_classes
from zerosum.evaluation.scores.score import Result


def score(given: Given) -> Result:
    """The share of what is given, and of each class, by the feature network's own classifier, or
    where that knows no such classes by the 5 nearest real images."""
    sides = labelled(given)
    found = sides.found
    if found is None:
        voters = given.real.features, sides.real_classes
        found = neighbours_vote(given.fake, *voters, len(sides.names)).classes
    right = found == sides.fake_classes
    return share_of_classes(right, sides.fake_classes, sides.names, of_mean)
