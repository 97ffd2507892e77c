"""What scores are computed from, and what several of them share: computed once."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module

from zerosum.evaluation.scores.distances import Features
from zerosum.evaluation.scores.gaussian import RealSide
from zerosum.evaluation.scores.kid import KernelSums
from zerosum.evaluation.scores.labelled import Labelled
from zerosum.evaluation.scores.neighbourhoods import Neighbourhoods
from zerosum.evaluation.scores.pairs import compare_pairs
from zerosum.evaluation.scores.score import Result
from zerosum.parts import found_in
from zerosum.recipe.scores import SCORES

FORMULAS: dict[str, Callable[["Given"], Result]] = {}
"""Of scores from files of the user's; those of zerosum are in the file of their name."""


@dataclass(frozen=True)
class Given:
    """Features, float32 (count, dimension), of generated, real and training images, and the class
    logits (count, classes) of the generated ones; `names` are the scores that are wanted."""

    names: Collection[str]
    fake: Features
    real: RealSide
    train: Features | None = None
    logits: Features | None = None
    labelled: Labelled | None = None
    """Both sides with their classes, and their pixels."""
    seed: int = 0
    errors: bool = True
    own: Mapping[str, str] = field(default_factory=dict)
    """Of scores from files of the user's the digest of the file."""
    progress: Callable[[int, int], None] = lambda _done, _total: None
    found: dict[str, Result] = field(default_factory=dict)

    def score(self, name: str) -> Result:
        """The score of that name, by the function `score` in its file, or the user's own."""
        if name not in self.found and name in self.own:
            formula = found_in(FORMULAS, "score", name, self.own[name])
            self.found[name] = formula(self)
        elif name not in self.found:
            file = SCORES[name].file or name.replace("-", "_")
            self.found[name] = import_module(f"{__package__}.{file}").score(self)
        return self.found[name]

    @property
    def kernel(self) -> KernelSums:
        """What KID is made of."""
        assert self._pairs[0] is not None
        return self._pairs[0]

    @property
    def neighbourhoods(self) -> Neighbourhoods:
        """What precision, recall, coverage and density count."""
        assert self._pairs[1] is not None
        return self._pairs[1]

    @cached_property
    def _pairs(self) -> tuple[KernelSums | None, Neighbourhoods | None]:
        wanted = {SCORES[name].pairs for name in self.names}
        return compare_pairs(
            self.fake,
            self.real.features,
            kept=self.real.kept,
            kernel="kernel" in wanted,
            neighbours=bool(wanted & {"neighbourhoods", "folds"}),
            errors=self.errors and "folds" in wanted,
            progress=self.progress,
        )
