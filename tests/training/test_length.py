"""How long a training is, said before its first step, and made long enough where it was not."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import zerosum
from tests.data.files import noise, write_folder
from tests.training.launcher import Launcher
from zerosum.recipe.changes import set_differently, set_differently_in_words
from zerosum.recipe.length import enough_images, generator_steps, length_in_words, long_enough
from zerosum.recipe.load import load_recipe, recipe_to_toml
from zerosum.recipe.phases import images_at_end
from zerosum.recipe.shipped import shipped_recipes
from zerosum.records.run import RunFolder
from zerosum.training.progress import Listener

SMALL = {"data.resolution": 16, "width": 2, "latent": 2, "batch": 4, "evaluation.images": 0}
SHORT = SMALL | {"schedule.minimum_steps": 6}


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of six pictures, one of which is held out."""
    folder = tmp_path_factory.mktemp("few") / "photos"
    write_folder(folder, {f"{index}.png": noise(index) for index in range(6)})
    return folder


def words(name: str, train: int, **given: object) -> list[str]:
    asked = load_recipe(name, given)
    return length_in_words(asked, long_enough(asked, train, given), train)


def test_every_recipe_that_draws_from_latents_knows_how_many_steps_it_needs() -> None:
    for name in shipped_recipes():
        recipe = load_recipe(name)
        assert (recipe.schedule.minimum_steps > 0) != recipe.task.phases, name


def test_241_photos_train_as_many_generator_steps_as_the_recipe_needs() -> None:
    recipe = load_recipe("dcgan")
    trained = long_enough(recipe, 193, ())
    assert generator_steps(recipe, 193) == 38
    assert generator_steps(trained, 193) == 1_000
    assert words("dcgan", 193) == [
        "193 images × 663.2 epochs = 128,000 to see = 1,000 generator steps of 128",
        "the recipe's own 25 epochs would be 38, too few: it trains 1,000",
        "for those alone: --epochs 25",
    ]


@pytest.mark.parametrize("given", [{"epochs": 5}, {"schedule.images": 900}, {"images": 900}])
def test_a_length_that_was_given_is_kept_and_warned_of_with_the_words_to_type(
    given: dict[str, object],
) -> None:
    recipe = load_recipe("dcgan", given)
    assert long_enough(recipe, 193, given) == recipe
    assert words("dcgan", 193, **given)[-2:] == [
        "too few: with less than 1,000 this recipe's pictures are unfinished",
        "for 1,000: --images 128000",
    ]


def test_what_a_restoration_is_said_to_see_in_all_is_what_its_bar_counts() -> None:
    recipe = load_recipe("restore")
    total = images_at_end(recipe, 4_000)
    assert words("restore", 4_000)[1].endswith(f": {total:,} in all")
    assert words("restore", 4_000, **{"pretrain.critic_images": 0})[1] == (
        "and first 60,000 generator alone: 260,000 in all"
    )
    uneven = {"pretrain.generator_images": 50, "pretrain.critic_images": 0, "images": 100}
    assert words("restore", 100, **uneven) == [
        "100 images × 1 epoch = 100, in whole steps 96 to see = 6 steps of 16",
        "and first 50 generator alone: 160 in all",
    ]


@pytest.mark.parametrize("images", [1_999, 2_000, 2_048])
def test_the_images_to_see_are_those_of_the_bar_and_of_the_end(images: int) -> None:
    recipe = load_recipe("digits", {"images": images})
    assert images_at_end(recipe, 8_000) == 2_048
    assert " 2,048 to see" in words("digits", 8_000, images=images)[0]


def test_critic_steps_are_counted_and_an_ordinary_length_is_called_enough() -> None:
    assert words("wgan-gp", 50_000) == [
        "50,000 images × 50 epochs = 2,500,000, in whole steps 2,500,160 to see",
        "= 7,813 generator steps of 5 × 64",
        "enough: this recipe needs 1,000 or more",
    ]


def test_a_recipe_that_knows_no_need_says_how_long_it_is() -> None:
    assert words("restore", 4_000) == [
        "4,000 images × 50 epochs = 200,000 to see = 12,500 steps of 16",
        "and first 60,000 generator alone, up to 20,000 critic alone: 280,000 in all",
    ]
    one = words("dcgan", 1, epochs=1, **{"schedule.minimum_steps": 0})
    assert one == ["1 image × 1 epoch = 1, in whole steps 128 to see = 1 generator step of 128"]


@given(
    name=st.sampled_from([name for name in shipped_recipes() if "restore" not in name]),
    train=st.integers(1, 10**6),
    batch=st.integers(1, 512),
)
def test_no_recipe_is_trained_for_less_than_it_needs_nor_made_shorter(
    name: str, train: int, batch: int
) -> None:
    recipe = load_recipe(name, {"batch": batch})
    trained = long_enough(recipe, train, {"batch"})
    if recipe.schedule.images:
        assert trained == recipe
    else:
        least = recipe.schedule.minimum_steps
        assert generator_steps(trained, train) == max(generator_steps(recipe, train), least)


@pytest.mark.parametrize("train", [50, 241, 250_000])
def test_what_is_told_fits_a_narrow_terminal(train: int) -> None:
    for name in shipped_recipes():
        told = [*words(name, train), *words(name, train, epochs=1)]
        assert [line for line in told if len(line) >= 80] == []


def test_what_is_told_as_enough_is_enough() -> None:
    recipe = load_recipe("wgan", {"images": 640})
    longer = load_recipe("wgan", {"images": enough_images(recipe, 100)})
    assert generator_steps(longer, 100) == recipe.schedule.minimum_steps


def test_a_named_recipe_is_trained_long_enough_and_goes_on_to_the_same_length(
    photos: Path, tmp_path: Path
) -> None:
    fields = SHORT | {"schedule.checkpoint_every": 8}
    whole = zerosum.train("dcgan", str(photos), tmp_path / "whole", overrides=fields | {"seed": 1})
    assert (whole.state()["step"], whole.state()["images_total"]) == (32, 125)

    own = load_recipe("dcgan", SHORT | {"epochs": 1})
    file = tmp_path / "own.toml"
    file.write_text(recipe_to_toml(own), encoding="utf-8")
    begun = zerosum.train(str(file), str(photos), tmp_path / "run", stop_after=0.0)
    assert begun.state()["images_total"] == 24
    ended = zerosum.train(str(file), str(photos), tmp_path / "run")
    assert (ended.state()["status"], ended.state()["step"]) == ("finished", 6)


def test_a_recipe_object_and_a_runs_own_recipe_are_as_long_as_they_say(
    photos: Path, tmp_path: Path
) -> None:
    asked = load_recipe("dcgan", SHORT | {"epochs": 1})
    run = zerosum.train(asked, str(photos), tmp_path / "run")
    assert run.state()["step"] == 2
    again = zerosum.train(str(run.folder.recipe_file), out=tmp_path / "run")
    assert again.state()["step"] == 2


@pytest.fixture(scope="module")
def shortest(
    launcher: Launcher, photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A run of two generator steps where six are needed, and what was printed."""
    folder = tmp_path_factory.mktemp("shortest")
    fields = [word for name, value in SHORT.items() for word in (f"--{name}", value)]
    code, child = launcher.run(
        folder, "train", "dcgan", "--data", photos, "--out", "run", "--device", "cpu", *fields,
        "--epochs", 1,
    )  # fmt: skip
    assert code == 0, child.stderr
    return folder, child.stdout


def test_the_length_is_told_before_the_first_step(shortest: tuple[Path, str]) -> None:
    said = shortest[1]
    told = "5 images × 1 epoch = 5, in whole steps 8 to see = 2 generator steps of 4"
    assert said.index(told) < said.index("for 6: --images 24") < said.index("4/8 images")
    assert "100%  8/8 images" in said


def test_the_verdict_on_a_run_that_was_too_short_says_so_and_what_would_be_enough(
    launcher: Launcher, shortest: tuple[Path, str]
) -> None:
    folder, said = shortest
    short = "2 generator steps, and this recipe needs 6 or more"
    assert f"too short:   {short}" in said
    again = next(line for line in said.splitlines() if line.startswith("train on:"))
    assert again.endswith("--out run --images 24") and "--epochs" not in again
    code, child = launcher.run(folder, "health", "run")
    assert code == 0, child.stderr
    verdict, first, *_ = child.stdout.splitlines()
    assert (verdict, first) == ("too early to say", f"  {short}")
    assert "  train on: zerosum train dcgan" in child.stdout and "--images 24" in child.stdout
    assert "each phase needs steps of its own" not in child.stdout
    assert "--images 24" in RunFolder(folder / "run").summary_file.read_text()
    code, child = launcher.run(folder, "report", "run")
    assert code == 0, child.stderr
    page = (folder / "run" / "report.html").read_text()
    assert f"finished: {short}" in page


def test_what_is_not_as_in_the_recipe_is_said_before_the_first_step(tmp_path: Path) -> None:
    told: list[str] = []

    class Heard(Listener):
        def message(self, text: str) -> None:
            told.append(text)

    changed = SMALL | {"learning-rate": 0.1, "data.limit": 8, "images": 8, "data.resolution": 32}
    zerosum.train("digits", out=tmp_path / "run", overrides=changed, listener=Heard())
    assert told[0] == (
        "differs from the recipe: learning rate 0.1 instead of 0.0002, batch 4 instead of 64, "
        "latent 2 instead of 16, data.limit 8 instead of 0, "
        "network.generator.width 2 instead of 32, network.discriminator.width 2 instead of 16, "
        "evaluation.images 0 instead of 10000"
    )


def test_what_differs_is_said_for_one_player_alone_and_not_of_the_length() -> None:
    shipped, of_one = load_recipe("digits"), "optimizer.generator.learning_rate"
    longer = load_recipe("digits", {"images": 8, "epochs": 3, of_one: 0.5})
    assert set_differently_in_words(shipped, longer) == f"{of_one} 0.5 instead of 0.0002"
    assert set_differently_in_words(shipped, shipped) == ""


def test_a_length_in_another_unit_is_one_change_and_never_no_epochs() -> None:
    shipped = load_recipe("mlp", {"schedule.epochs": 25, "schedule.images": 0})
    longer = load_recipe("mlp", {"schedule.epochs": 0, "schedule.images": 20_000})
    assert set_differently(shipped, longer) == {"schedule.images": ("25 epochs", 20_000)}
    assert set_differently(longer, shipped) == {"schedule.epochs": ("20,000 images", 25)}
