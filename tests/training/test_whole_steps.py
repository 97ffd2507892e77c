"""Few images, and lengths that are no whole number of steps: told before, and counted right."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.data.files import noise, write_folder
from tests.training.launcher import Launcher
from zerosum.errors import UsageError
from zerosum.recipe.length import images_seen
from zerosum.recipe.load import load_recipe
from zerosum.recipe.phases import few_images, images_at_end, images_at_ends
from zerosum.recipe.settings import Recipe
from zerosum.records.run import RunFolder
from zerosum.training.devices import require_spread
from zerosum.training.request import Devices


def recipe(name: str = "dcgan", **fields: object) -> Recipe:
    return load_recipe(name, {f"schedule.{key}": value for key, value in fields.items()})


@pytest.mark.parametrize(
    ("made", "train", "expected"),
    [
        (recipe(batch=64, epochs=2), 104, 256),
        (recipe("wgan-gp", batch=64, epochs=2, critic_steps=5), 104, 320),
        (recipe(batch=64, images=640), 104, 640),
        (recipe(batch=64, images=641), 104, 704),
        (recipe(batch=128, epochs=8), 18, 256),
    ],
)
def test_a_run_ends_with_a_whole_step(made: Recipe, train: int, expected: int) -> None:
    assert images_at_end(made, train) == expected
    # On the way it is the same, and a run that is over shows no more.
    assert images_at_end(made, train, made.schedule.batch * made.schedule.critic_steps) == expected
    assert images_at_end(made, train, 10**6) == 10**6


def test_every_phase_of_a_restoration_ends_with_a_whole_step() -> None:
    fields = {
        "pretrain.generator_images": 200,
        "pretrain.critic_images": 150,
        "schedule.images": 400,
        "schedule.batch": 16,
    }
    # 13 + 9 + 25 steps: the second and third phase begin beyond their borders.
    made = load_recipe("restore", fields)
    assert images_at_end(made, 100) == 752
    assert images_at_ends(made, 100) == [208, 352, 752]
    assert images_at_ends(made, 100, 300) == [300, 364, 764]


def test_fewer_images_than_a_batch_are_told() -> None:
    told = few_images(recipe(batch=128, epochs=100, log_every=5), 18)
    assert told == [
        "a batch of 128 is more than there is to train on (18 images): it holds each 7.1 times; "
        "--batch 16 would not"
    ]


def test_fewer_images_than_a_step_shows_are_told() -> None:
    made = recipe("wgan-gp", batch=64, epochs=2, critic_steps=5, log_every=1)
    told = few_images(made, 104)
    assert told == [
        "a step shows 320 images, a batch of 64 for each of 5 critic steps: more than there is to "
        "train on (104 images)"
    ]


def test_a_training_without_a_log_line_is_told() -> None:
    told = few_images(recipe(batch=64, epochs=2, log_every=50), 640)
    assert told == [
        "the training is 20 steps long, and log lines come every 50: there will be no curves; "
        "--epochs or --images makes it longer"
    ]


def test_an_ordinary_training_is_told_nothing() -> None:
    assert few_images(recipe(), 8_000) == []
    assert few_images(recipe("wgan-gp"), 50_000) == []


@pytest.mark.parametrize(
    ("fields", "count", "refused"),
    [
        ({"schedule.batch": 1}, 1, True),
        ({"schedule.batch": 2}, 2, True),
        ({"schedule.batch": 4, "schedule.accumulate": 2}, 2, True),
        ({"schedule.batch": 2}, 1, False),
        ({"schedule.batch": 1, "network.generator.norm": "layer"}, 1, False),
        ({"schedule.batch": 1, "network.kind": "dcgan"}, 1, False),
    ],
)
def test_a_batch_norm_of_single_numbers_is_refused(
    fields: dict[str, object], count: int, refused: bool
) -> None:
    made = load_recipe("mlp", {"network.generator.norm": "batch", **fields})
    context = pytest.raises(UsageError, match="no spread") if refused else nullcontext()
    with context:
        require_spread(made, Devices(count=count))


def test_images_beyond_the_schedule_are_no_share_of_it() -> None:
    assert images_seen(200, 208, " images") == "200 of 208 images"
    assert images_seen(320, 208, " images") == "320 images (208 asked for, in whole steps)"


def test_a_handful_of_images_is_told_before_the_first_step_and_counted_right(
    launcher: Launcher, tmp_path: Path
) -> None:
    write_folder(tmp_path / "photos", {f"{index}.png": noise(index) for index in range(23)})
    code, child = launcher.run(
        tmp_path, "train", "dcgan", "--data", "photos", "--out", "run", "--device", "cpu",
        "--data.resolution", 16, "--width", 2, "--latent", 2, "--epochs", 8, "--batch", 128,
        "--schedule.log_every", 1, "--evaluation.images", 0, "--schedule.minimum_steps", 0,
    )  # fmt: skip
    assert code == 0, child.stderr
    told = "a batch of 128 is more than there is to train on (18 images)"
    assert child.stdout.index(told) < child.stdout.index("256/256 images")
    assert "finished: 256 images (144 asked for, in whole steps) in" in child.stdout
    summary = RunFolder(tmp_path / "run").summary_file.read_text()
    assert "256 (144 asked for, in whole steps)" in summary
    assert "--images 512" in child.stdout and "--images 512" in summary
