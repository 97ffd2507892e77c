"""What is said of somebody's pictures before it is chosen what to train on them."""

from collections.abc import Sequence
from statistics import median

import numpy as np

from zerosum.data.inspection import Inspection, inspect
from zerosum.data.opening import divide, require_readable
from zerosum.data.pack import Progress
from zerosum.data.sources import Source
from zerosum.errors import ZerosumError
from zerosum.recipe.advice import FEWEST, FEWEST_TRAINED, Pictures
from zerosum.recipe.data import DataSettings
from zerosum.visible import shell_word
from zerosum.words import counted

NEARLY_ALL, ALIKE = 0.9, 0.02
"""The share of pictures whose proportions are told, and by how much these may differ."""
ANY_SEED = 0
"""The seed chooses which pictures are trained on, not how many."""


def require_enough(
    source: Source, settings: DataSettings, name: str, progress: Progress
) -> Inspection:
    """Look at all pictures of a source. Raises ZerosumError where training would refuse them, or
    where they are too few to learn from. `name` is how somebody called it."""
    require_readable(source, settings)
    inspection = inspect(source, progress, settings.range)
    if inspection.question is not None:
        raise ZerosumError(*inspection.question)
    if not inspection.good:
        raise ZerosumError(
            f"there is no usable image in {name}",
            f"`zerosum data check {shell_word(name)}` lists what is there; name another folder",
        )
    if inspection.distinct < FEWEST:
        doubles = ", duplicates left out," if inspection.distinct < inspection.good else ""
        verb = "is" if inspection.distinct == 1 else "are"
        raise ZerosumError(
            f"{counted(inspection.distinct, 'picture')} in {name}{doubles} {verb} too few to learn "
            "from",
            f"give {FEWEST} or more: some hundreds are a start, thousands are good",
        )
    rows, _ = divide(inspection.layout.test, settings, ANY_SEED)
    if len(rows) < FEWEST_TRAINED:
        verb = "is" if len(rows) == 1 else "are"
        raise ZerosumError(
            f"of {counted(inspection.good, 'picture')} in {name} {len(rows)} {verb} trained on, "
            "which is too few to learn from",
            f"give {FEWEST_TRAINED} or more to train on: a test/ folder, --data.limit and "
            "--data.validation leave fewer",
        )
    return inspection


def pictures_of(inspection: Inspection, settings: DataSettings, seed: int) -> Pictures:
    """What the rules ask of pictures that were looked at, divided by `settings` and the seed."""
    shapes = list(inspection.sizes.elements())
    train, held_out = divide(inspection.layout.test, settings, seed)
    used = min(inspection.distinct, len(train) + len(held_out))
    labels, names = inspection.layout.labels, inspection.layout.class_names
    return Pictures(
        count=min(used, settings.limit) if settings.limit else used,
        train=len(train),
        side=int(median(min(shape) for shape in shapes)),
        aspect=float(median(max(shape) / min(shape) for shape in shapes)),
        grey=inspection.grey == inspection.good,
        classes=len(names),
        least_of_class=(
            int(np.bincount(labels[train], minlength=len(names)).min()) if labels is not None else 0
        ),
        bad=len(inspection.bad) / inspection.files,
        proportions=common_proportions(shapes),
    )


def common_proportions(shapes: Sequence[tuple[int, int]]) -> float:
    """Width over height that nearly all of these (width, height) have; 1.0 where they differ."""
    proportions = np.array([width / height for width, height in shapes])
    middle = float(np.median(proportions))
    alike = np.abs(proportions / middle - 1) <= ALIKE
    return middle if alike.mean() >= NEARLY_ALL else 1.0


def found_words(inspection: Inspection) -> str:
    """What the pictures are like, in a line."""
    (width, height), most = inspection.sizes.most_common(1)[0]
    sizes = f"{'all' if most == inspection.good else 'most often'} {width}×{height}"
    colour = "grey" if inspection.grey == inspection.good else "in colour"
    told = [f"{counted(inspection.good, 'picture')}, {sizes}, {colour}"]
    if classes := len(inspection.layout.class_names):
        told.append(counted(classes, "class", "classes"))
    if doubles := inspection.good - inspection.distinct:
        told.append(counted(doubles, "exact duplicate"))
    if inspection.bad:
        told.append(f"{counted(len(inspection.bad), 'bad file')}, skipped")
    return "; ".join(told)
