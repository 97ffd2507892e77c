"""Pictures of a class: latents, and beside them which class is wanted.

What the generator is given is (n, latent + classes): latents, then a weight for each class, 1 for
the one that is wanted. Mirza and Osindero 2014 (arXiv 1411.1784), equation 2.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zerosum.data import PackedData
from zerosum.networks.classes import one_hot
from zerosum.recipe.settings import Recipe
from zerosum.tasks.latent import draw_latents, numbered_latents
from zerosum.tasks.task import Draw, Make, Numbers, Task

COLUMNS = 8
ROWS = 16
"""Classes on a sheet, at most: the first ones."""


def draw_inputs(recipe: Recipe, draw: Draw) -> Tensor:
    """Fresh latents for the classes of the real images: each pair of a real and a made picture is
    of one class, as a relativistic loss compares them."""
    assert draw.labels is not None
    return torch.cat([draw_latents(recipe, draw), one_hot(draw.labels, recipe.classes)], dim=1)


def numbered_inputs(
    recipe: Recipe,
    seed: int,
    numbers: Numbers,
    truncate: float | None = None,
    classes: Sequence[int] = (),
) -> Tensor:
    """The latents of these pictures, and their classes, which take turns."""
    latents = numbered_latents(recipe, seed, numbers, truncate)
    labels = torch.from_numpy(classes_in_turn(recipe, numbers, classes))
    return torch.cat([latents, one_hot(labels, recipe.classes)], dim=1)


def classes_in_turn(
    recipe: Recipe, numbers: Numbers, classes: Sequence[int] = ()
) -> NDArray[np.int64]:
    """The class of each picture by its number, int64 (n,): of those given, or of all."""
    turns = np.asarray(classes or range(recipe.classes), dtype=np.int64)
    return turns[np.asarray(numbers, dtype=np.int64) % len(turns)]


def by_class(count: int, classes: int) -> NDArray[np.int64]:
    """The numbers of the first `count` pictures of classes that take turns, class by class."""
    numbers = np.arange(count, dtype=np.int64)
    return numbers[np.argsort(numbers % classes, kind="stable")]


def samples(
    recipe: Recipe, _data: PackedData, make: Make
) -> tuple[NDArray[np.uint8], dict[str, str]]:
    """A row for each class, of the first pictures of seed 0."""
    rows = min(ROWS, recipe.classes)
    numbers = by_class(COLUMNS * recipe.classes, recipe.classes)[: COLUMNS * rows]
    text = {"seed": "0", "classes": ", ".join(recipe.data.classes[:rows])}
    return make(numbered_inputs(recipe, 0, numbers)), text


TASK = Task(inputs=draw_inputs, sheet=samples, numbered=numbered_inputs, labels=True)
