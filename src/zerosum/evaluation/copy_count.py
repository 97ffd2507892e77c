"""Are some of them copies? Counted among generated images, and among real ones that are none."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from zerosum.evaluation.copies import COPY, EXACT_COPY, Matches, find_matches, index_pictures
from zerosum.evaluation.images import Images
from zerosum.evaluation.measure import Stage
from zerosum.words import percent

CHANCE = 0.001
"""So often at the most are real images called copies by chance."""
DOUBT = 0.05
"""Where chance would do it less often than that, the picture is worth a look."""
MOST = 0.5
"""From this share on the generator copies, and not some of its images are copies."""
BASE_LINE = 2_000
"""Held-out images, and training images, that are looked at for comparison."""
SURE = 0.95
"""Of a share that none of the generated images shows."""
FEWEST_PICTURES = 3
"""Different training pictures without which nothing is far, or near."""


@dataclass(frozen=True)
class CopyNumbers:
    """What is told of some images: how many are as near as copies."""

    count: int
    of: int
    ratio: dict[str, float] | None
    """Of the distances to the nearest and to the second nearest picture; None of no images."""


@dataclass(frozen=True)
class CopyCount:
    """How many generated images are as near to one training picture as copies are, and how many
    real images are."""

    generated: Matches
    held_out: Matches
    """Of held-out images that are no training pictures themselves (2,000, where there are more)."""
    training: Matches
    """Of training pictures among the others (2,000, where there are more)."""
    images: int
    """Training images."""
    pictures: int
    """Different ones among them."""
    held_out_repeats: int
    """Held-out images that are left out, because they are training pictures."""

    @property
    def share(self) -> float:
        """Of the generated images that are as near as copies."""
        return float(self.generated.copies.mean())

    @property
    def most(self) -> float:
        """Where none was found: the share of copies among all that the generator makes is below
        this, at 95 %; so many would else show one (Clopper and Pearson 1934)."""
        return float(1 - (1 - SURE) ** (1 / max(len(self.generated), 1)))

    @property
    def identical(self) -> int:
        """Generated images that are training pictures to the last pixel, mirrored or not."""
        return int(self.generated.identical.sum())

    @property
    def by_chance(self) -> float:
        """How often so many of the images that are as near as copies would be generated ones, were
        it the same for all images: Fisher's exact test against the real images, at both ratios
        COPY and EXACT_COPY, with Bonferroni's factor of two."""
        return min(1.0, 2 * min(self._by_chance(ratio) for ratio in (COPY, EXACT_COPY)))

    def _by_chance(self, ratio: float) -> float:
        found, *real = (
            int(matches.nearer_by(ratio).sum())
            for matches in (self.generated, self.held_out, self.training)
        )
        others = len(self.held_out) + len(self.training)
        return by_chance(found, len(self.generated), sum(real), others)

    @property
    def repeats(self) -> bool:
        """Whether held-out images are training pictures no less often than generated ones."""
        looked_at = len(self.held_out) + self.held_out_repeats
        share = self.held_out_repeats / looked_at if looked_at else 0.0
        return 0 < self.identical <= share * len(self.generated)

    @property
    def suspects(self) -> NDArray[np.int64]:
        """Numbers of the generated images, those that look most like copies first."""
        return np.argsort(np.where(self.generated.identical, -1, self.generated.ratio),
                          kind="stable")  # fmt: skip

    @property
    def clean(self) -> bool:
        """Whether there are pictures to copy, and they are copied no more often than by chance."""
        return self.pictures >= FEWEST_PICTURES and self.verdict().startswith("does not")

    def verdict(self) -> str:
        """In words: whether some of the generated images are copies."""
        if self.pictures < FEWEST_PICTURES:
            same = "the same picture" if self.pictures == 1 else f"{self.pictures} pictures"
            return f"no verdict: the {self.images:,} training images are {same}, over and over"
        found = int(self.generated.copies.sum())
        share = f"{self.share:.1%}" if found else f"fewer than {percent(self.most)} of all it makes"
        words = f"{found:,} of {len(self.generated):,} generated images ({share})"
        exact = f", {self.identical:,} to the last pixel" if self.identical else ""
        near = f"are as near to one training picture as a copy{exact}, as against {self._real()}"
        sure = self.by_chance < CHANCE or (self.identical and not self.repeats)
        if not sure:
            word = "look at the picture" if self.by_chance < DOUBT else "does not look copied"
            return f"{word}: {words} {near}"
        return f"{'copies' if self.share >= MOST else 'some are copies'}: {words} {near}"

    def _real(self) -> str:
        parts = [
            f"{int(matches.copies.sum()):,} of {len(matches):,} {name}"
            for matches, name in (
                (self.held_out, "held-out images"),
                (self.training, "training pictures among each other"),
            )
            if len(matches)
        ]
        return " and ".join(parts)

    def numbers(self) -> dict[str, CopyNumbers]:
        """Of whom how many are as near as copies, and the ratios of their distances."""
        return {
            name: CopyNumbers(int(matches.copies.sum()), len(matches), quantiles(matches.ratio))
            for name, matches in (
                ("generated", self.generated),
                ("held out", self.held_out),
                ("training", self.training),
            )
        }

    def notes(self) -> tuple[str, ...]:
        """What a reader should know of images that are there more than once."""
        notes = []
        if self.pictures < self.images:
            notes.append(
                f"{self.images - self.pictures:,} of {self.images:,} training images repeat others"
            )
        if self.held_out_repeats:
            looked_at = len(self.held_out) + self.held_out_repeats
            notes.append(
                f"{self.held_out_repeats:,} of {looked_at:,} held-out images are training pictures "
                "as well, and left out of the base line"
            )
        return tuple(notes)


def by_chance(found: int, generated: int, near: int, real: int) -> float:
    """How often so many of the `found` + `near` images would be among the `generated` ones and not
    among the `real` ones, were both drawn alike: Fisher's exact test, one-sided."""
    from scipy.stats import hypergeom  # takes most of a second

    return float(hypergeom.sf(found - 1, generated + real, found + near, generated))


def count_copies(fake: Images, train: Images, held_out: Images, stage: Stage) -> CopyCount:
    """Search generated images, held-out ones and training images themselves among the training
    images."""
    pictures = index_pictures(train, partial(stage, "looking through the training images"))
    held_out = held_out.chosen(spaced(len(held_out), BASE_LINE))
    if len(pictures) < FEWEST_PICTURES:
        none = Matches.empty()
        return CopyCount(none, none, none, len(train), len(pictures), 0)
    own = spaced(len(pictures), BASE_LINE)
    base = find_matches(held_out, pictures, partial(stage, "held-out copies"))
    training = find_matches(
        train.chosen(pictures.rows[own]),
        pictures,
        partial(stage, "copies among training images"),
        own=own,
    )
    return CopyCount(
        find_matches(fake, pictures, partial(stage, "generated copies")),
        base.take(~base.identical),
        training,
        len(train),
        len(pictures),
        int(base.identical.sum()),
    )


def quantiles(numbers: NDArray[np.float32]) -> dict[str, float] | None:
    """The smallest, the 5 % point, the median and the 95 % point; None of no numbers."""
    if not len(numbers):
        return None
    points = {"smallest": 0.0, "5 %": 0.05, "median": 0.5, "95 %": 0.95}
    return {name: float(np.quantile(numbers, place)) for name, place in points.items()}


def spaced(count: int, most: int) -> NDArray[np.int64]:
    """At most so many of `count` places, at even distances: images often lie in the order of their
    classes."""
    if count <= most:
        return np.arange(count, dtype=np.int64)
    return np.linspace(0, count - 1, most).astype(np.int64)
