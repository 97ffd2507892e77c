"""What a step asks a task for."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.test_step import small_game
from zerosum.data import Batches, Split
from zerosum.recipe import Recipe, load_recipe, shipped_recipes
from zerosum.recipe.tasks import TaskName
from zerosum.tasks import TASKS, Draw, Task, task_of
from zerosum.training.game import draw_batches


def test_every_task_computes() -> None:
    assert set(TASKS) == set(get_args(TaskName))


@pytest.mark.parametrize("name", shipped_recipes())
def test_the_generator_is_given_what_the_recipe_tells(name: str) -> None:
    recipe = load_recipe(name, {"batch": 4})
    side = recipe.data.resolution
    real = torch.zeros(2, recipe.data.channels, side, side)
    inputs = task_of(recipe).inputs(recipe, Draw(1, 0, slice(2, 4), 2, real, None))
    assert inputs.dtype == torch.float32
    assert tuple(inputs.shape) == (2, *recipe.task.inputs(recipe))


def test_a_task_may_give_the_generator_the_classes_of_the_real_images(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def classes(recipe: Recipe, draw: Draw) -> Tensor:  # noqa: ARG001
        assert draw.labels is not None
        return draw.labels

    monkeypatch.setitem(TASKS, "latent", Task(inputs=classes))
    game = small_game("wgan")
    pixels = np.broadcast_to(np.arange(64, dtype=np.uint8)[:, None, None, None], (64, 32, 32, 3))
    split = Split(pixels, np.arange(64), np.arange(64), ())
    batches = Batches(split, game.recipe.data, 0, game.fabric.device)
    for batch in draw_batches(replace(game, batches=batches), 1, 0):
        shown = ((batch.real[:, 0, 0, 0] + 1) * 127.5).round().int()
        assert batch.inputs.tolist() == shown.tolist()
