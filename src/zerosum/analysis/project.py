"""Which latents of a run make pictures that are given, and does it know those it was trained on
better than others?

Webster et al. 2019 (arXiv 1901.03396), section 3: a generator that learnt its training images by
heart comes nearer to them than to others of their kind.
"""

from collections.abc import Iterator

import numpy as np

from zerosum.analysis.opening import Source, training_data
from zerosum.analysis.projected import Group, Kind, Projected, ProjectedPictures, Target
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

USUAL_COUNT = 8


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
        generator.class_names,
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
