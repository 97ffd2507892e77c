"""Images of classes on both sides, and scores that are a mean over the classes."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zerosum.evaluation.images import Images
from zerosum.evaluation.scores.distances import Features
from zerosum.evaluation.scores.gaussian import RealSide
from zerosum.evaluation.scores.score import Result

if TYPE_CHECKING:
    from zerosum.evaluation.scores.given import Given


@dataclass(frozen=True)
class Labelled:
    """Generated and real images whose `classes`, int64, number the same `names`."""

    names: tuple[str, ...]
    fakes: Images
    reals: Images
    fake_classes: NDArray[np.int64]
    """The classes that were asked for (fakes,)."""
    real_classes: NDArray[np.int64]
    """(reals,)."""
    found: NDArray[np.int64] | None = None
    """Of the generated images (fakes,), as the feature network's own classifier has them; -1 for a
    class of another name. None where it knows no such classes."""
    progress: Callable[[int, int], None] = lambda _done, _total: None
    """Hears how many steps of how many a classifier has learnt."""

    def counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Generated and real images of each class (classes,)."""
        number = len(self.names)
        return (
            np.bincount(self.fake_classes, minlength=number),
            np.bincount(self.real_classes, minlength=number),
        )


def labelled(given: "Given") -> Labelled:
    """The classes of what is given, which scores within classes need."""
    assert given.labelled is not None
    return given.labelled


def within_classes(given: "Given", score: Callable[[Features, RealSide], Result]) -> Result:
    """The mean over the classes of a score of the generated images (count, dimension) of each
    against the real ones of it, with that of each class."""
    sides, found = labelled(given), {}
    for number, name in enumerate(sides.names):
        fake = given.fake[sides.fake_classes == number]
        real = given.real.features[sides.real_classes == number]
        found[name] = score(fake, RealSide(real, given.real.kept.of(real)))
    return mean_of_classes(found)


def mean_of_classes(classes: dict[str, Result]) -> Result:
    """The mean over the classes, whose images are drawn independently of each other, so that their
    variances add up; its degrees of freedom by Welch and Satterthwaite (Satterthwaite 1946,
    Biometrics Bulletin 2, 110-114). No error where one class has none."""
    value = math.fsum(each.value for each in classes.values()) / len(classes)
    variances = [each.error**2 for each in classes.values() if each.error is not None]
    if len(variances) < len(classes):
        return Result(value, classes=classes)
    freedoms = [each.freedom for each in classes.values()]
    terms = math.fsum(own**2 / free for own, free in zip(variances, freedoms, strict=True))
    freedom = int(math.fsum(variances) ** 2 / terms) if terms else min(freedoms)
    return Result(value, math.sqrt(math.fsum(variances)) / len(classes), freedom, classes=classes)


def share_of_classes(
    right: NDArray[np.bool_],
    classes: NDArray[np.int64],
    names: tuple[str, ...],
    share: Callable[[NDArray[np.float64]], Result],
) -> Result:
    """The `share` of images (n,) that are `right`, ones and zeros, of all and of each class; their
    classes number the names."""
    ones = right.astype(np.float64)
    of_each = {name: share(ones[classes == number]) for number, name in enumerate(names)}
    whole = share(ones)
    return Result(whole.value, whole.error, whole.freedom, classes=of_each)
