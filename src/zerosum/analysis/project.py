"""Which latents of a run make pictures that are given, and does it know those it was trained on
better than others?

Webster et al. 2019 (arXiv 1901.03396), section 3: a generator that learnt its training images by
heart comes nearer to them than to others of their kind.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ttest_ind

from zerosum.analysis.opening import Source, training_data
from zerosum.analysis.projection import SAMPLES, Projection, Search
from zerosum.analysis.requests import ProjectRequest
from zerosum.data import PackedData, Split
from zerosum.data.check import examine
from zerosum.data.opening import fitting_of
from zerosum.data.sources.folder import read_file
from zerosum.errors import UsageError, ZerosumError
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.generation.generator import (
    TrainedGenerator,
    load_discriminator,
    load_generator,
    require_latents,
)
from zerosum.randomness import random_for
from zerosum.recipe.image_size import ImageSize
from zerosum.recipe.settings import Recipe
from zerosum.records.run import RunFolder
from zerosum.words import counted

Pixels = NDArray[np.uint8]
Kind = Literal["given", "held out", "training", "its own"]
IN_WORDS: Mapping[Kind, str] = {
    "given": "given",
    "held out": "held out",
    "training": "of the training",
    "its own": "that it made itself",
}
USUAL_COUNT = 8
CHANCE = 0.01
"""p below which training pictures are called nearer."""


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
            "of": self.target.kind,
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
        found = {
            "pixels": self.mean(lambda each: each.distance.pixels),
            "features": self.mean(lambda each: each.distance.features),
            "nearest_sample_pixels": self.mean(lambda each: each.sample_distance.pixels),
            "nearest_sample_features": self.mean(lambda each: each.sample_distance.features),
        }
        return {"count": len(self.projected)} | {
            name: {"mean": mean, "standard_error": error} for name, (mean, error) in found.items()
        }


@dataclass(frozen=True)
class ProjectedPictures:
    """All pictures of a search, by their kind."""

    groups: tuple[Group, ...]
    source: Source
    steps: int
    starts: int
    latent: int

    @property
    def projected(self) -> tuple[Projected, ...]:
        """All of them, kind by kind."""
        return tuple(each for group in self.groups for each in group.projected)

    @property
    def chance(self) -> float | None:
        """How often training pictures that the generator knows no better than held-out ones would
        be as much nearer (p, one side of Welch's test); None where there are not both."""
        whole = {
            group.kind: [each.found.distance.whole for each in group.projected]
            for group in self.groups
        }
        if not {"training", "held out"} <= whole.keys():
            return None
        test = ttest_ind(whole["training"], whole["held out"], equal_var=False, alternative="less")
        return 1.0 if np.isnan(test.pvalue) else float(test.pvalue)

    def verdict(self) -> str:
        """What training and held-out pictures say, in words; "" where there are not both."""
        if self.chance is None:
            return ""
        count = {group.kind: len(group.projected) for group in self.groups}
        told = f"p = {self.chance:.2g}, {count['training']:,} and {count['held out']:,} pictures"
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

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        told: dict[str, object] = {"verdict": self.verdict()} if self.verdict() else {}
        return {
            **told,
            "images": len(self.projected),
            **self.source.as_dict(),
            "steps": self.steps,
            "starts": self.starts,
            "samples": SAMPLES,
            "p": self.chance,
            "groups": {group.kind: group.as_dict() for group in self.groups},
            "pictures": [each.as_dict(self.latent) for each in self.projected],
        }


def project_pictures(
    run: RunFolder, asked: ProjectRequest, stage: Stage = no_stage
) -> ProjectedPictures:
    """Search the generator of a run for pictures: those that are given, or some of its data.

    Raises UsageError or ZerosumError where they cannot be searched for.
    """
    generator = load_generator(run, asked.checkpoint, averaged=asked.average, device=asked.device)
    require_latents(generator)
    generator = generator.of_classes(asked.classes)
    targets = list(_given(generator.recipe, asked))
    if count := asked.count or (0 if targets else USUAL_COUNT):
        targets += _of_run(training_data(run, asked, stage), generator, count, asked.seed)
    discriminator = load_discriminator(run, generator.checkpoint, device=str(generator.device))
    total = asked.steps * len(targets)
    projected: list[Projected] = []
    for number, target in enumerate(targets):

        def told(done: int, before: int = number * asked.steps) -> None:
            stage("steps of the projection", before + done, total)

        known = generator.of_classes([target.label]) if target.label else generator
        search = Search(known, discriminator, asked.seed, asked.steps, asked.starts)
        found = search.project(target.picture, told)
        projected.append(Projected(target, found, _label(generator.recipe, found)))
    kinds = dict.fromkeys(target.kind for target in targets)
    return ProjectedPictures(
        tuple(
            Group(kind, tuple(each for each in projected if each.target.kind == kind))
            for kind in kinds
        ),
        Source(generator.run, generator.checkpoint, generator.weights, asked.seed),
        asked.steps,
        asked.starts,
        generator.recipe.network.latent,
    )


def _given(recipe: Recipe, asked: ProjectRequest) -> Iterator[Target]:
    """The pictures that a user gives. Raises ZerosumError for what is none."""
    for path in asked.pictures:
        if path.is_dir():
            raise UsageError(f"{path} is a folder", f"give pictures: {path}/*.png")
        if not path.exists():
            raise ZerosumError(f"there is nothing at {path}", "give the path of a picture")
        found, pixels = examine(read_file(path, path.name), fitting_of(recipe.data))
        if pixels is None:
            raise ZerosumError(f"{path}: {found.problem}", "give another picture")
        yield Target("given", path.name, pixels)
    if asked.array is not None:
        wanted = (*recipe.data.resolution.shape, recipe.data.channels)
        if asked.array.shape != wanted:
            sizes = [_in_words(shape) for shape in (asked.array.shape, wanted)]
            raise UsageError(
                f"the pictures are {sizes[0]}, and those of the run {sizes[1]}",
                "bring them to that size, or give the paths of files, which are fitted",
            )
        for number in range(len(asked.array)):
            yield Target("given", str(number), asked.array.read(number, 1)[0])


def _in_words(shape: tuple[int, int, int]) -> str:
    return f"{ImageSize.of_shape(shape).in_words} {'grey' if shape[2] == 1 else 'in colour'}"


def _of_run(
    data: PackedData, generator: TrainedGenerator, count: int, seed: int
) -> Iterator[Target]:
    """So many held-out pictures, as many of the training, and as many that the generator made."""
    yield from _some(data.held_out, "held out", generator, count, seed)
    yield from _some(data.train, "training", generator, count, seed)
    # Not among the samples where a search starts.
    numbers = range(SAMPLES, SAMPLES + count)
    made = generator(generator.latents(seed, numbers))
    recipe, labels = generator.recipe, [""] * count
    if recipe.classes:
        labels = [recipe.data.classes[number] for number in generator.classes_of(numbers)]
    for number, picture, label in zip(numbers, made, labels, strict=True):
        yield Target("its own", str(number), picture, label)


def _some(
    split: Split, kind: Kind, generator: TrainedGenerator, count: int, seed: int
) -> Iterator[Target]:
    rows, labels = np.arange(len(split)), None
    if generator.recipe.classes and split.labels is not None:
        labels = split.labels[split.rows]
        if generator.classes:
            rows = rows[np.isin(labels, generator.classes)]
    random = random_for(seed, f"projected/{kind}")
    chosen = np.sort(random.choice(rows, min(count, len(rows)), replace=False))
    for row, picture in zip(chosen.tolist(), split.take(chosen), strict=True):
        label = "" if labels is None else split.class_names[labels[row]]
        yield Target(kind, str(row), picture, label)


def _label(recipe: Recipe, found: Projection) -> str:
    if not recipe.classes:
        return ""
    return recipe.data.classes[int(found.latent[recipe.network.latent :].argmax())]
