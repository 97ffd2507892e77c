"""What a step asks a task for."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

import zerosum
from tests.training.test_step import small_game
from zerosum.data.batches import Batches
from zerosum.errors import ZerosumError
from zerosum.networks import dcgan
from zerosum.networks.blocks import Family
from zerosum.recipe.load import load_recipe
from zerosum.recipe.settings import Recipe
from zerosum.recipe.shipped import shipped_recipes
from zerosum.recipe.tasks import TaskName
from zerosum.tasks import TASKS, Draw, latent, task_of
from zerosum.training.step import train_step


def test_every_task_computes() -> None:
    assert set(TASKS) == set(get_args(TaskName))


@pytest.mark.parametrize("name", shipped_recipes())
def test_the_generator_is_given_what_the_recipe_tells(name: str) -> None:
    recipe = load_recipe(name, {"batch": 4})
    real = torch.zeros(2, recipe.data.channels, *recipe.data.resolution.shape)
    task = task_of(recipe)
    labels = torch.zeros(2, dtype=torch.int64) if task.labels else None
    inputs = task.inputs(recipe, Draw(1, 0, slice(2, 4), 2, real, labels))
    assert inputs.dtype == torch.float32
    assert tuple(inputs.shape) == (2, *recipe.task.inputs(recipe))


CLASSES = 4


def classes(recipe: Recipe, draw: Draw) -> Tensor:
    """Latents that begin with the class, as a one-hot vector."""
    assert draw.labels is not None
    chance = latent.draw_latents(recipe, draw)[:, CLASSES:]
    return torch.cat([functional.one_hot(draw.labels, CLASSES).float(), chance], dim=1)


class Projection(nn.Module):
    """Scores images of a class (n, C, H, W), (n,) → (n,); keeps the classes that it was asked."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        pixels = recipe.data.channels * recipe.data.resolution.pixels
        self.scores, self.asked = nn.Linear(pixels, CLASSES), list[list[int]]()

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        self.asked.append(labels.tolist())
        scores: Tensor = self.scores(images.flatten(1))
        return scores.gather(1, labels[:, None])[:, 0]


@pytest.fixture
def with_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that is told the classes of images, and a family of networks for it."""
    monkeypatch.setitem(TASKS, "latent", replace(latent.TASK, inputs=classes, labels=True))
    monkeypatch.setattr(dcgan, "FAMILY", Family(dcgan.dcgan_generator, Projection))


@pytest.mark.usefixtures("with_classes")
@pytest.mark.parametrize("accumulate", [1, 2])
def test_classes_reach_the_generator_and_the_discriminator_in_every_pass(accumulate: int) -> None:
    game = small_game("wgan-gp", **{"schedule.accumulate": accumulate})
    split = replace(game.batches._split, labels=np.arange(64) % CLASSES)
    batches = Batches(split, game.recipe.data, 0, game.fabric.device)
    given: list[Tensor] = []

    def generate(inputs: Tensor) -> Tensor:
        given.append(inputs)
        made: Tensor = game.players.generator(inputs)
        return made

    game = replace(game, batches=batches, generate=generate)
    discriminator = game.players.discriminator
    assert isinstance(discriminator, Projection)
    train_step(game, 1, 0)
    steps, size = game.recipe.schedule.critic_steps, 8 // accumulate
    shown = batches.labels(0, 8 * steps)
    assert shown is not None
    parts = torch.split(shown, size)
    # Real and made images and the penalty's between them; then those of the generator's step.
    wanted = [part.tolist() for part in parts for _ in range(3)]
    wanted += [part.tolist() for part in parts[-accumulate:]]
    assert discriminator.asked == wanted
    told = [inputs[:, :CLASSES].argmax(1).tolist() for inputs in given]
    assert told[: len(parts)] == [part.tolist() for part in parts]


@pytest.mark.usefixtures("with_classes")
def test_a_task_with_classes_trains_and_refuses_images_without(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for number in range(16):
        folder = tmp_path / "images" / f"class {number % CLASSES}"
        folder.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    fields: dict[str, object] = {
        "data.resolution": 32, "latent": 8, "width": 4, "batch": 4, "images": 80,
        "evaluation.images": 0,
    }  # fmt: skip
    run = zerosum.train("wgan-gp", tmp_path / "images", tmp_path / "run", overrides=fields)
    assert run.outcome is not None and run.outcome.status == "finished"
    assert "spread_fake" in run.metrics()[-1] and list(run.path.glob("samples/0*.png"))
    with pytest.raises(ZerosumError, match="has none"):
        zerosum.train(
            "wgan-gp", tmp_path / "images" / "class 0", tmp_path / "other", overrides=fields
        )
    assert not (tmp_path / "other").exists() or not (tmp_path / "other" / "recipe.toml").exists()
