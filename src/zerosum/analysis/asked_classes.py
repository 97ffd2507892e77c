"""Whether generated images are of the class that was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zerosum.evaluation.classes import RealClasses
from zerosum.evaluation.scores.classified import Labels, renumbered


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which classes were asked for, and which ones the classifier finds."""

    table: tuple[tuple[int, ...], ...]
    """Images by the class that was asked for, and in a row by the one that came out."""
    real: float | None
    """The share of real images whose own class the classifier finds; None where not known."""

    @property
    def right(self) -> float:
        """The share of images that are of the class that was asked for."""
        images = sum(map(sum, self.table))
        return sum(row[kind] for kind, row in enumerate(self.table)) / max(images, 1)


def asked_and_found(
    labels: Labels, real: RealClasses, asked: NDArray[np.int64] | None, names: Sequence[str]
) -> Asked | None:
    """Images by the classes that were asked for, int64 (n,), which number the `names`, and by those
    that were found; None where none was asked for, or some are `unmatched`."""
    if asked is None or unmatched(real, names):
        return None
    table = np.zeros((len(real.class_names),) * 2, dtype=np.int64)
    np.add.at(table, (renumbered(asked, names, real.class_names), labels.classes), 1)
    return Asked(table=tuple(map(tuple, table.tolist())), real=real.right)


def unmatched(real: RealClasses, names: Sequence[str]) -> tuple[str, ...]:
    """Those of the names that are none of the classifier's classes."""
    return tuple(name for name in names if name not in real.class_names)
