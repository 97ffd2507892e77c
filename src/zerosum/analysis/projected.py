"""What a search for latents comes to: pictures with what came nearest to them, kind by kind, and
whether those of the training are nearer than others."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ttest_ind

from zerosum.analysis.opening import Source
from zerosum.analysis.projection import SAMPLES, Distance, Projection
from zerosum.words import counted

Pixels = NDArray[np.uint8]
Kind = Literal["given", "held out", "training", "its own"]
IN_WORDS: Mapping[Kind, str] = {
    "given": "given",
    "held out": "held out",
    "training": "of the training",
    "its own": "that it made itself",
}
CHANCE = 0.01
"""p below which training pictures are called nearer."""
FEWEST = 2
"""Pictures of a kind at least, for that: one has no variance."""


@dataclass(frozen=True)
class Target:
    """A picture to be searched for."""

    kind: Kind
    name: str
    """Of its file; or its number: among the training or held-out images, or of the seed."""
    picture: Pixels
    """(height, width, channels), as the run's data have it."""
    label: str = ""
    """Its class, where it is known and the run learnt classes."""


@dataclass(frozen=True)
class Projected:
    """A picture and what came nearest to it."""

    target: Target
    found: Projection
    label: str
    """The class that the generator was asked for; "" where it learnt none."""

    def as_dict(self, latent: int) -> dict[str, object]:
        """For JSON; `latent` is how many of the generator's inputs are the latent."""
        return {
            "of": _key(self.target.kind),
            "name": self.target.name,
            **({"class": self.label} if self.label else {}),
            "distance": asdict(self.found.distance),
            "nearest_sample": self.found.nearest_sample,
            "nearest_sample_distance": asdict(self.found.sample_distance),
            "latent": self.found.latent[:latent].tolist(),
        }


@dataclass(frozen=True)
class Group:
    """Pictures of one kind."""

    kind: Kind
    projected: tuple[Projected, ...]

    def mean(self, of: Callable[[Projection], float]) -> tuple[float, float]:
        """The mean of something over the pictures, and its standard error; 0 of one picture."""
        values = np.array([of(each.found) for each in self.projected])
        error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
        return float(values.mean()), float(error)

    def in_words(self) -> str:
        """How far off what came nearest is, on average."""
        pixels, error = self.mean(lambda each: each.distance.pixels)
        features, _ = self.mean(lambda each: each.distance.features)
        before, _ = self.mean(lambda each: each.sample_distance.pixels)
        more = f" ± {error:.2g}" if error else ""
        return (
            f"{counted(len(self.projected), 'picture')}, {IN_WORDS[self.kind]}: {pixels:.3g}{more} "
            f"grey levels off, features {features:.3f} (the nearest of {SAMPLES} samples: "
            f"{before:.3g})"
        )

    def as_dict(self) -> dict[str, object]:
        """For JSON: means and their standard errors."""

        def told(of: Callable[[Projection], Distance]) -> dict[str, dict[str, float]]:
            found = {
                "pixels": self.mean(lambda each: of(each).pixels),
                "features": self.mean(lambda each: of(each).features),
            }
            return {
                name: {"mean": mean, "standard_error": error}
                for name, (mean, error) in found.items()
            }

        return {
            "images": len(self.projected),
            "distance": told(lambda each: each.distance),
            "nearest_sample_distance": told(lambda each: each.sample_distance),
        }


@dataclass(frozen=True)
class ProjectedPictures:
    """All pictures of a search, by their kind."""

    groups: tuple[Group, ...]
    source: Source
    steps: int
    starts: int
    latent: int
    classes: tuple[str, ...] = ()
    """Those that were searched in; of pictures whose class is known, that one alone."""

    @property
    def projected(self) -> tuple[Projected, ...]:
        """All of them, kind by kind."""
        return tuple(each for group in self.groups for each in group.projected)

    @property
    def compared(self) -> dict[Kind, int]:
        """How many training and held-out pictures there are; none of those that a user gives."""
        count = {group.kind: len(group.projected) for group in self.groups}
        kinds: tuple[Kind, Kind] = ("training", "held out")
        return {kind: count.get(kind, 0) for kind in kinds} if count.keys() & set(kinds) else {}

    @property
    def chance(self) -> float | None:
        """How often training pictures that the generator knows no better than held-out ones would
        be as much nearer (p, one side of Welch's test); None where there are not two of both."""
        whole = {
            group.kind: [each.found.distance.whole for each in group.projected]
            for group in self.groups
        }
        if min(self.compared.values(), default=0) < FEWEST:
            return None
        test = ttest_ind(whole["training"], whole["held out"], equal_var=False, alternative="less")
        return 1.0 if np.isnan(test.pvalue) else float(test.pvalue)

    def verdict(self) -> str:
        """What training and held-out pictures say, in words; "" where there are none."""
        count = self.compared
        if not count:
            return ""
        of_each = f"{count['training']:,} and {count['held out']:,} pictures"
        if self.chance is None:
            return (
                "too few training and held-out pictures to tell whether it learnt some by heart: "
                f"{of_each}, and {FEWEST} of each are the fewest"
            )
        told = f"p = {self.chance:.2g}, {of_each}"
        if self.chance < CHANCE:
            return (
                "it comes nearer to pictures that it was trained on than to held-out ones: it "
                f"learnt some of them by heart ({told})"
            )
        return (
            "it comes no nearer to pictures that it was trained on than to held-out ones: no sign "
            f"that it learnt them by heart ({told})"
        )

    def lines(self) -> list[str]:
        """The verdict, and how far each kind of picture is off."""
        verdict = [self.verdict()] if self.verdict() else []
        return [*verdict, *(group.in_words() for group in self.groups)]

    def digest(self) -> str:
        """The same for the same pictures, searched for in the same way."""
        asked = hashlib.sha256(json.dumps([self.steps, self.starts, self.classes]).encode())
        for each in self.projected:
            asked.update(f"{each.target.kind} {each.target.picture.shape}".encode())
            asked.update(each.target.picture.tobytes())
        return asked.hexdigest()[:8]

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        told: dict[str, object] = {"verdict": self.verdict()} if self.verdict() else {}
        return {
            **told,
            "images": len(self.projected),
            **self.source.as_dict(),
            "steps": self.steps,
            "starts": self.starts,
            **({"classes": self.classes} if self.classes else {}),
            "searched": self.digest(),
            "samples": SAMPLES,
            "p": self.chance,
            "groups": {_key(group.kind): group.as_dict() for group in self.groups},
            "pictures": [each.as_dict(self.latent) for each in self.projected],
        }


def _key(kind: Kind) -> str:
    """In JSON."""
    return kind.replace(" ", "_")


@dataclass(frozen=True)
class Mean:
    """A mean over pictures, as it is kept."""

    mean: float
    standard_error: float


@dataclass(frozen=True)
class MeanDistance:
    """Of pixels in grey levels, and of features."""

    pixels: Mean
    features: Mean


@dataclass(frozen=True)
class GroupFacts:
    """Pictures of one kind, as they are kept."""

    images: int
    distance: MeanDistance
    nearest_sample_distance: MeanDistance


@dataclass(frozen=True)
class ProjectionFacts:
    """What a search came to, as it is kept."""

    images: int
    steps: int
    starts: int
    samples: int
    groups: Mapping[str, GroupFacts]

    def in_words(self) -> list[tuple[str, GroupFacts]]:
        """The kinds of pictures, what they are called and how far off they are."""
        return [
            (words, self.groups[_key(kind)])
            for kind, words in IN_WORDS.items()
            if _key(kind) in self.groups
        ]
