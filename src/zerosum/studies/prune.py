"""When a cell is not worth going on: the median rule on scores along the way.

A cell is poor when, after as many images, its best score so far is worse than the median of what
the others had (Golovin et al. 2017, Google Vizier, section 3.2). Others count once their images
are like the data: the scores of noise tell nothing.
"""

from collections.abc import Sequence
from statistics import median

from zerosum.evaluation.likeness import likeness
from zerosum.recipe.scores import SCORES
from zerosum.records.logs import SELECTION
from zerosum.studies.folder import StudyFolder

FEWEST = 3
"""Other cells that must have been like the data after as many images, before any is stopped."""


def poor_reason(folder: StudyFolder, cell: str, others: Sequence[str], score: str) -> str:
    """Why a cell should be stopped, in one line, or "".

    `others` are the cells that it is held against, `score` is what decides.
    """
    own = compared_scores(folder, cell, score, any_images=True)
    if not own:
        return ""
    images, value = own[-1]
    lower = SCORES[score].better == "lower"
    best = min if lower else max
    value = best(each for _, each in own)
    theirs = []
    for other in others:
        scored = compared_scores(folder, other, score)
        until = [each for at, each in scored if at <= images]
        reached = [at for at, _ in scored if at >= images]
        if other != cell and until and reached:
            theirs.append(best(until))
    if len(theirs) < FEWEST:
        return ""
    middle = median(theirs)
    if (value <= middle) if lower else (value >= middle):
        return ""
    return (
        f"at {images:,} images its best {score} was {value:.4g}, "
        f"and the median of {len(theirs)} others {middle:.4g}"
    )


def compared_scores(
    folder: StudyFolder, cell: str, score: str, *, any_images: bool = False
) -> list[tuple[int, float]]:
    """The scores of a cell along the way, from where its images are like the data (of
    `any_images`): images seen and value, oldest first."""
    return [
        (line.images, value)
        for line in folder.run(cell).scores()
        if line.kind == SELECTION
        and (value := line.value(score)) is not None
        and (any_images or likeness(line).like is not False)
    ]
