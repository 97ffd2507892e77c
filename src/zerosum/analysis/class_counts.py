"""What a generator covers: its images counted by class, beside real ones."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerosum.analysis.asked_classes import Asked
from zerosum.errors import UsageError
from zerosum.evaluation.classes import RealClasses
from zerosum.evaluation.features import Features
from zerosum.evaluation.scores import nearest
from zerosum.evaluation.scores.classified import Labels
from zerosum.words import counted, one_of, percent

FEWEST = 50
MISSED = 0.1
"""A class is missed that has less than this share of the images that real ones would give it."""
LITTLE = 0.5
"""A class is under-represented that has less than this share of them."""
WRONGLY = 0.05
"""How often, at most, images like the real ones are said to miss or under-represent any class."""
FEWEST_EXPECTED = 5.0
"""Classes of which fewer are expected are taken together in the chi-square test (Cochran 1954, Some
methods for strengthening the common χ² tests, section 2)."""
UNSURE = 0.5
"""Images whose likeliest class has a lower probability look like none."""
SAMPLED = 5_000
"""Real images, at most, that generated ones are compared with to see whether they are like any."""
USUAL = 0.99
"""So many real images are no farther than that from another one."""
FARTHER = f"farther from every real image than {USUAL:.0%} of real images are from another one"
"""Which generated images are like no real one, in words."""
UNLIKE = 0.8
"""What a classifier says of images means little where this share of them is farther."""
FEW_MODES = 0.5
"""Collapsed: fewer than this share of the classes are covered."""


@dataclass(frozen=True, kw_only=True)
class Modes:
    """Generated images by class. Older versions did not write what has a default."""

    class_names: tuple[str, ...]
    """Those that the classifier tells apart."""
    counts: tuple[int, ...]
    shares: tuple[float, ...]
    """Of real images, by class, as the same classifier sees them."""
    real_images: int = 0
    """How many real images these shares were counted on."""
    total_variation: float
    """Half the sum of the differences of both shares: 0 alike, 1 nothing in common."""
    usual_variation: float = 0.0
    """What it is by chance alone, on average, for so many images that are like the real ones."""
    chi_square: float
    p_value: float
    """Of counts at least as far apart, if generated and real images were drawn alike."""
    missed: tuple[str, ...]
    untold: tuple[str, ...] = ()
    """Neither surely missed nor surely covered: so few images may be chance, or may not."""
    under_represented: tuple[str, ...]
    uncounted: tuple[str, ...] = ()
    """Classes of the data that the classifier cannot find."""
    foreign: tuple[str, ...] = ()
    """Classes that the classifier knows and the data does not have."""
    confidence: float
    """The classifier's mean probability for the class that it chose."""
    unsure: float
    """The share of images whose class has a probability below a half."""
    how: str
    """Who classified, in words."""
    unlike: float | None = None
    """The share of images that are like no real one (`unlike_share`); None where not known."""
    asked: Asked | None = None
    """Of a generator that learnt classes; None of any other, and where some are `unmatched`."""
    unmatched: tuple[str, ...] = ()
    """Classes that were asked for and that the classifier does not tell apart."""

    def __post_init__(self) -> None:
        if not len(self.class_names) == len(self.counts) == len(self.shares):
            raise ValueError("not as many counts and shares as classes")

    @property
    def images(self) -> int:
        """How many images were classified."""
        return sum(self.counts)

    @property
    def classes(self) -> int:
        """How many classes the data has."""
        return len(self.class_names) - len(self.foreign)

    @property
    def covered(self) -> int:
        """Classes of which there are enough images to say that they are not missed: surely more
        than a tenth of those that real ones would give them."""
        return self.classes - len(self.missed) - len(self.untold) - len(self.uncounted)

    def verdict(self) -> str:
        """In words: what is covered and what is not."""
        absent = {*self.missed, *self.untold, *self.uncounted, *self.foreign}
        covered = [name for name in self.class_names if name not in absent]
        total = self.classes - len(self.uncounted)
        if self.unlike is not None and self.unlike > UNLIKE:
            unlike = f"{self.unlike:.0%} are like none"
            return f"too unlike the real ones to count classes ({unlike})"
        left = total - len(self.missed)  # only classes that are surely missed make a collapse
        parts = []
        if covered and len(covered) == total:
            parts.append(f"covers {self._all(total)}")
        elif self.untold and not self.missed:
            parts.append(f"shows {len(covered)} of {total} classes")
        if self.missed and (left < FEW_MODES * total or left == 1):
            modes = counted(len(covered), "mode")
            parts.append(f"collapsed to {modes} of {total}: {_listed(covered)}")
        elif self.missed:
            parts.append(f"misses {_listed(self.missed)}")
        if self.under_represented:
            parts.append(f"under-represents {_listed(self.under_represented)}")
        if self.untold:
            parts.append(
                f"{self.images:,} images are too few to tell of {_listed(self.untold)}: "
                f"{self._by_luck(self.untold)}"
            )
        if self.uncounted:
            parts.append(f"cannot count {_listed(self.uncounted)} (too few labelled images)")
        return "; ".join(parts)

    def can_show(self) -> str:
        """What so many images can show: how often the rarest class is absent by luck, in words."""
        countable = set(self.class_names) - {*self.uncounted, *self.foreign}
        rarest = self._by_luck([name for name in self.class_names if name in countable])
        return f"of {self.images:,} images {rarest}"

    def _by_luck(self, names: Sequence[str]) -> str:
        shares = dict(zip(self.class_names, self.shares, strict=True))
        share = min(shares[name] for name in names) if names else 0.0
        chance = (1 - share) ** self.images
        return f"a class of {percent(share)} is absent by luck in {one_of(chance)}"

    def _all(self, total: int) -> str:
        if not self.uncounted:
            return f"all {total} classes"
        return f"the {total} classes that can be counted" if total > 1 else "the only other class"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {
            "images": self.images,
            "verdict": self.verdict(),
            "can_show": self.can_show(),
        }


def _listed(names: Sequence[str]) -> str:
    if len(names) > 12:
        return f"{', '.join(names[:12])}, … ({len(names)} in all)"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def require_enough(count: int) -> None:
    """Raise UsageError for fewer than 50 images: with ten classes, a smaller number misses one by
    chance alone."""
    if count < FEWEST:
        images = "1 image is" if count == 1 else f"{count} images are"
        raise UsageError(f"{images} too few to count classes", f"classify {FEWEST} at least")


def count_modes(labels: Labels, real: RealClasses, unlike: float | None = None) -> Modes:
    """Generated images by class against the real ones, both by the same classifier.

    A class that is rare among the generated images is called missed or under-represented only where
    chance alone would hardly make it so: each class is tested by Fisher's exact test on its own
    images and all others, one-sided, at 0.05 over the number of the data's classes (Bonferroni).
    So images that are drawn like the real ones are accused of any class in at most 1 of 20 draws.
    The other way round a class is called covered only where it surely has more than a tenth of the
    expected images: by the same test against odds of a tenth, at 0.05 for each class. Of one with
    five expected images that takes three.
    Of a class without any image, beside very many real ones, that means that ln(20 · classes) or
    more are expected. Raises UsageError for fewer than 50 images.
    """
    require_enough(len(labels.classes))
    counts = np.bincount(labels.classes, minlength=len(real.class_names))
    shares = real.counts / max(int(real.counts.sum()), 1)
    expected = shares * counts.sum()
    countable = real.countable
    surely = chance_of_so_few(counts, real.counts) <= WRONGLY / max(int(real.known.sum()), 1)
    absent = countable & (counts < MISSED * expected)
    shown = chance_of_so_many(counts, real.counts) <= WRONGLY
    little = countable & ~absent & (counts < LITTLE * expected) & surely
    statistic, p_value = chi_square(counts, real.counts)

    def names(chosen: NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(name for name, yes in zip(real.class_names, chosen, strict=True) if yes)

    return Modes(
        class_names=real.class_names,
        counts=tuple(int(count) for count in counts),
        shares=tuple(float(share) for share in shares),
        real_images=int(real.counts.sum()),
        total_variation=float(np.abs(counts / counts.sum() - shares).sum() / 2),
        usual_variation=usual_variation(shares, int(counts.sum()), int(real.counts.sum())),
        chi_square=statistic,
        p_value=p_value,
        missed=names(absent & surely),
        untold=names(countable & ~shown & ~little & ~(absent & surely)),
        under_represented=names(little),
        uncounted=names(real.known & ~countable),
        foreign=names(~real.known),
        confidence=float(labels.confidence.mean()),
        unsure=float((labels.confidence < UNSURE).mean()),
        how=real.how,
        unlike=unlike,
    )


def chance_of_so_few(
    counts: NDArray[np.int64], real_counts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """For each class, how often so few generated images of it come by chance (classes,) in [0, 1].

    Given how many images of both sides are of the class, those of the generated side among them
    follow a hypergeometric distribution, whatever the class's share (Fisher's exact test).
    """
    from scipy.stats import hypergeom

    generated, both = counts.sum(), counts.sum() + real_counts.sum()
    chances: NDArray[np.float64] = hypergeom.cdf(counts, both, generated, counts + real_counts)
    return chances


def chance_of_so_many(
    counts: NDArray[np.int64], real_counts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """For each class, how often so many generated images of it come by chance from a generator that
    gives it a tenth of its odds among real ones (classes,) in [0, 1].

    As in `chance_of_so_few`, but the distribution is Fisher's noncentral hypergeometric one (Fog
    2008, Communications in Statistics - Simulation and Computation 37, 241-257).
    """
    from scipy.stats import nchypergeom_fisher

    generated, every = counts.sum(), counts.sum() + real_counts.sum()
    chances: NDArray[np.float64] = nchypergeom_fisher.sf(
        counts - 1, every, counts + real_counts, generated, MISSED
    )
    alone = (counts + real_counts == every) & (counts > 0)  # the only class has all odds
    return np.where(alone, 0.0, chances)


def chi_square(counts: NDArray[np.int64], real_counts: NDArray[np.int64]) -> tuple[float, float]:
    """Pearson's chi-square of both sides by class, and its p.

    Classes too rare for it are taken together, those that are about as rare on both sides in all,
    until enough are expected on the smaller side.
    """
    from scipy.stats import chi2_contingency

    table = np.stack([counts, real_counts])
    table = table[:, table.sum(0).argsort(kind="stable")[::-1]]
    smaller = table.sum(1).min() / max(int(table.sum()), 1)
    groups, so_far = [0], 0.0
    for place, expected in enumerate(table.sum(0) * smaller, 1):
        so_far += float(expected)
        if so_far >= FEWEST_EXPECTED:
            groups.append(place)
            so_far = 0.0
    # What is left over goes to the last group that is large enough.
    cells = np.add.reduceat(table, groups[:-1] or [0], axis=1)
    if cells.shape[1] < 2 or not cells.sum(1).all():
        return 0.0, 1.0
    found = chi2_contingency(cells, correction=False)
    return float(found.statistic), float(found.pvalue)


def usual_variation(shares: NDArray[np.float64], images: int, real_images: int) -> float:
    """The mean total variation of so many images and so many real ones drawn with these shares.

    Of a normal distribution the mean distance from its mean is √(2/π) deviations; the difference of
    two counted shares is nearly one, and nearly as far from 0 where few are expected.
    """
    variances = shares * (1 - shares) * (1 / images + 1 / max(real_images, 1))
    return float(np.sqrt(2 / np.pi * variances).sum() / 2)


def unlike_share(fake: Features, real: Features) -> float:
    """The share of generated images, by features (count, dimension), that are farther from their
    nearest real one than 99 of 100 real images are from theirs.

    A classifier must name a class for every picture, and is often sure of what it has never seen.
    """
    rows = np.linspace(0, len(real) - 1, min(SAMPLED, len(real))).astype(np.int64)
    sample = np.ascontiguousarray(real[rows])
    if len(sample) < 2:
        return 0.0
    own, _ = nearest(sample, sample, 1, exclude_self=True)
    found, _ = nearest(fake[:SAMPLED], sample, 1)
    return float((found[:, 0] > np.quantile(own[:, 0], USUAL)).mean())
