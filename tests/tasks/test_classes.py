"""A training that learns classes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

import zerosum
from tests.training.test_step import small_game
from zerosum.data.batches import Batches
from zerosum.errors import ZerosumError
from zerosum.tasks.classes import by_class, classes_in_turn
from zerosum.training.game import Game, draw_batches
from zerosum.training.step import train_step

CLASSES = ("cat", "dog", "eel")
FIELDS: dict[str, object] = {
    "data.resolution": 16, "latent": 4, "width": 4, "batch": 4, "images": 80,
    "network.generator.embedding": 3, "network.conditional": True, "evaluation.images": 0,
    "schedule.average": 20, "schedule.checkpoint_every": 40,
}  # fmt: skip
LEVELS = (40, 128, 215)


def folders(path: Path, count: int = 24) -> Path:
    """Images of one grey level a class, in a folder for each class."""
    random = np.random.default_rng(0)
    for number in range(count):
        label = number % len(CLASSES)
        (path / CLASSES[label]).mkdir(parents=True, exist_ok=True)
        pixels = LEVELS[label] + random.integers(-30, 31, (16, 16, 3))
        Image.fromarray(pixels.astype(np.uint8)).save(path / CLASSES[label] / f"{number}.png")
    return path


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folders(tmp_path_factory.mktemp("photos"))


def game_with_classes(name: str, **more: object) -> Game:
    fields = {"network.conditional": True, "network.generator.embedding": 3, **more}
    game = small_game(name, **{"data.classes": CLASSES, **fields})
    split = replace(game.batches._split, labels=np.arange(64) % 3, class_names=CLASSES)
    return replace(game, batches=Batches(split, game.recipe.data, 0, game.fabric.device))


def test_made_pictures_are_of_the_classes_of_the_real_ones() -> None:
    """So that a relativistic loss compares a pair of one class."""
    game = game_with_classes("dcgan", **{"objective.loss": "relativistic"})
    [batch] = draw_batches(game, 1, 0, 1)
    assert batch.labels is not None and len(set(batch.labels.tolist())) == 3
    assert torch.equal(batch.inputs[:, 8:].argmax(1), batch.labels)
    assert torch.equal(batch.inputs[:, 8:].sum(1), torch.ones(8))


@pytest.mark.parametrize(
    ("loss", "penalty"), [("wasserstein", "gradient"), ("relativistic", "r1+r2")]
)
def test_the_discriminator_is_asked_of_these_classes_in_every_pass(loss: str, penalty: str) -> None:
    """A relativistic pair is of one class in the steps of both players, as made and real images
    are of the same classes in the same order; and so is what a penalty differentiates."""
    fields = {"objective.loss": loss, "objective.penalty": penalty, "schedule.accumulate": 2}
    game = game_with_classes("wgan-gp", **fields)
    asked: list[list[int]] = []
    game.players.discriminator.register_forward_pre_hook(
        lambda _, given: asked.append(given[1].tolist())
    )
    train_step(game, 1, 0)
    labels = game.batches.labels(0, 8 * game.recipe.schedule.critic_steps)
    assert labels is not None
    parts = [part.tolist() for part in torch.split(labels, 4)]
    learns, teaches = (3, 1) if penalty == "gradient" else (2, 2)
    expected = [part for part in parts for _ in range(learns)]
    assert asked == expected + [part for part in parts[-2:] for _ in range(teaches)]


def test_processes_share_the_batch_of_one() -> None:
    game = game_with_classes("dcgan")
    [whole] = draw_batches(game, 3, 40, 1)

    class Second(type(game)):  # type: ignore[misc]
        def share(self) -> slice:
            return slice(4, 8)

    [half] = draw_batches(Second(**vars(game)), 3, 40, 1)
    assert whole.labels is not None and half.labels is not None
    assert torch.equal(half.labels, whole.labels[4:])
    assert torch.equal(half.inputs, whole.inputs[4:])


def weights(run: zerosum.Run) -> dict[str, bytes]:
    folder = run.path / "checkpoints" / "latest"
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.safetensors"))}


@pytest.mark.parametrize("learnt_by", ["projection", "classifier"])
def test_a_run_that_was_stopped_ends_with_the_weights_of_one_that_was_not(
    learnt_by: str, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zerosum.api.write_reports", lambda _: None)  # which take the longest

    def train(name: str, images: int) -> zerosum.Run:
        fields = {**FIELDS, "images": images, "network.discriminator.classes": learnt_by}
        return zerosum.train("dcgan", photos, tmp_path / name, overrides=fields, quiet=True)

    whole = train("whole", 80)
    train("parts", 48)
    parts = train("parts", 80)
    assert len(weights(whole)) == 4
    assert weights(parts) == weights(whole)
    assert parts.recipe().data.classes == CLASSES
    assert ("classified_fake" in parts.metrics()[-1]) == (learnt_by == "classifier")


@pytest.mark.parametrize("learnt_by", ["projection", "classifier"])
def test_each_class_gets_pictures_of_its_own(learnt_by: str) -> None:
    """Of three grey levels: two hundred steps of a small network tell them apart."""
    game = game_with_classes(
        "mlp",
        **{
            "data.resolution": 16,
            "data.channels": 1,
            "width": 16,
            "batch": 16,
            "learning-rate": 1e-3,
            "network.discriminator.classes": learnt_by,
        },
    )
    labels = np.arange(64) % 3
    noise = np.random.default_rng(0).integers(-30, 31, (64, 16, 16, 1))
    pixels = (np.array(LEVELS)[labels][:, None, None, None] + noise).astype(np.uint8)
    split = replace(game.batches._split, labels=labels, pixels=pixels)
    game = replace(game, batches=Batches(split, game.recipe.data, 0, game.fabric.device))
    for step in range(200):
        train_step(game, step + 1, 16 * step)
    numbered = game.task.numbered
    assert numbered is not None
    with torch.no_grad():
        made = game.players.generator.eval()(numbered(game.recipe, 0, range(48), None, ()))
    levels = (made.mean((1, 2, 3)) + 1) * 127.5
    means = [float(levels[number::3].mean()) for number in range(3)]
    assert means == pytest.approx(LEVELS, abs=30)


def test_images_without_classes_are_refused(photos: Path, tmp_path: Path) -> None:
    def refused(data: Path) -> ZerosumError:
        with pytest.raises(ZerosumError) as error:
            zerosum.train("dcgan", data, tmp_path / "run", overrides=FIELDS, quiet=True)
        assert not (tmp_path / "run" / "recipe.toml").exists()
        return error.value

    error = refused(photos / "cat")
    assert "has no classes" in error.what and "folder for each class" in error.remedy
    mixed = folders(tmp_path / "mixed")
    for number in range(3):
        (mixed / "cat" / f"{3 * number}.png").rename(mixed / f"apart-{number}.png")
    error = refused(mixed)
    assert "3 of the 24 images" in error.what and "apart-0.png" in error.what


@pytest.mark.parametrize(
    ("wanted", "expected"), [((), [0, 1, 2, 0, 1]), ((1,), [1] * 5), ((2, 0), [2, 0, 2, 0, 2])]
)
def test_classes_take_turns(wanted: tuple[int, ...], expected: list[int]) -> None:
    recipe = game_with_classes("dcgan").recipe
    assert classes_in_turn(recipe, range(5), wanted).tolist() == expected


def test_a_sheet_has_a_row_for_each_class() -> None:
    game = game_with_classes("dcgan")
    given: list[Tensor] = []

    def make(inputs: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        given.append(inputs)
        return np.zeros((len(inputs), 32, 32, 3), np.uint8)

    none = object()
    pictures, text = game.task.sheet(game.recipe, none, make)  # type: ignore[arg-type]
    assert given[0][:, 8:].argmax(1).tolist() == [0] * 8 + [1] * 8 + [2] * 8
    assert len(pictures) == 24 and text["classes"] == "cat, dog, eel"
    assert by_class(7, 3).tolist() == [0, 3, 6, 1, 4, 2, 5]
