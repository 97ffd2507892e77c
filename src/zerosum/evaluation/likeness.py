"""Whether generated images are like the real ones at all: without that, no score ranks them.

Between images that are all far from the real ones FID and KID order what no eye would: grey noise
before coloured blotches. Such scores say "far"; a difference between two of them says nothing.
"""

from dataclasses import dataclass

from zerosum.recipe.scores import SCORES
from zerosum.records.logs import ScoreLine

LEAST = 0.01
"""Images are like the real ones where a score of overlap is above this."""
OVERLAPS = tuple(name for name, score in SCORES.items() if score.overlap)
MEANING = (
    "of 100 generated images at most one lies among the real ones, and of 100 real ones at most "
    "one among the generated"
)
"""What "not like the data" is, in words."""
UNKNOWN = (
    "none of precision, recall, coverage and density was measured, so that nobody knows whether "
    "the images are like the data at all"
)


@dataclass(frozen=True)
class Likeness:
    """Whether generated images are like the real ones, and what says so."""

    like: bool | None
    """None where no score of overlap was measured, so that it cannot be told."""
    reason: str
    """The scores that decide: "precision 0.003, recall 0.000"."""


def likeness(line: ScoreLine) -> Likeness:
    """Of a line of scores.jsonl: its images are like the real ones where any of its scores of
    overlap (precision, recall, coverage, density) is above 0.01.

    FID and KID alone cannot tell: they have no zero, and how large they are for noise depends on
    the feature network, the images and their number. Images of a collapsed generator may be like
    the data, and so may grey clouds to a network that knows blurred pictures: this says that
    something is there to be ranked, not that it is good. Restored pictures are always like their
    originals.
    """
    if line.versions:
        return Likeness(True, "restored from real images")
    found = {name: value for name in OVERLAPS if (value := line.value(name)) is not None}
    if not found:
        return Likeness(None, UNKNOWN)
    reason = ", ".join(f"{SCORES[name].title} {value:.3f}" for name, value in found.items())
    return Likeness(any(value > LEAST for value in found.values()), reason)
