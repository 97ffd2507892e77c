"""What may be hoped for from so many pictures."""

from dataclasses import dataclass

ADA = "Karras et al. 2020 (arXiv 2006.06676), section 1"
RESULTS = "docs/results.md"


@dataclass(frozen=True)
class Expectation:
    """What may be hoped for from so many different pictures."""

    below: int
    """Pictures; 0: however many."""
    text: str
    source: str


COMPARE = "compare with `zerosum neighbours RUN`"
ONE_KIND = "of one kind of thing, such as faces or digits, new ones"
MANY_KINDS = "of many kinds, or of whole scenes, colours and layouts but few objects"
EXPECTATIONS = (
    Expectation(
        100, f"it will make little but copies of them: {COMPARE}; collect some hundreds", ADA
    ),
    Expectation(2_000, f"it will learn their look and copy some: {COMPARE}", ADA),
    Expectation(10_000, f"{ONE_KIND}, soft in detail; {MANY_KINDS}; {COMPARE}", ADA),
    Expectation(0, f"{ONE_KIND}, soft in detail and some of them wrong; {MANY_KINDS}", RESULTS),
)


def expectation(different: int) -> str:
    """What may be hoped for from so many different pictures."""
    return next(it.text for it in EXPECTATIONS if not it.below or different < it.below)
