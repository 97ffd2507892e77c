"""Starting from another run's weights."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import zerosum
from tests.training.test_step import small_game
from zerosum.errors import ZerosumError
from zerosum.recipe.load import load_recipe, read_recipe
from zerosum.records.run import RunFolder
from zerosum.training.players import build_players
from zerosum.training.transfer import Source, demand_same_networks, initialise_from


def test_players_start_from_the_weights_of_the_other_run(finished: Path) -> None:
    recipe = read_recipe(finished / "recipe.toml").model_copy(update={"seed": 7})
    players = build_players(recipe, small_game("dcgan").fabric)
    initialise_from(Source(RunFolder(finished)), players)
    for name, network in players.modules().items():
        saved = load_file(finished / "checkpoints" / "latest" / f"{name}.safetensors")
        for key, tensor in network.state_dict().items():
            assert torch.equal(tensor, saved[key]), f"{name} {key}"
    assert not players.generator_optimizer.state, "the optimisers start fresh"


def test_the_average_of_the_other_run_is_kept_as_long_as_any_of_that_age(
    finished: Path, tmp_path: Path
) -> None:
    before = load_file(finished / "checkpoints" / "latest" / "average.safetensors")
    steps = {"schedule.checkpoint_every": 32, "schedule.average": 100, "evaluation.images": 0}
    zerosum.train(
        str(finished / "recipe.toml"),
        "digits",
        tmp_path / "run",
        init_from=finished,
        overrides={**steps, "images": 64, "seed": 7},
    )
    state = RunFolder(tmp_path / "run").state()
    assert state["images_before"] == RunFolder(finished).state()["images"] > 0
    zerosum.train(
        str(tmp_path / "run" / "recipe.toml"), out=tmp_path / "run", overrides={"images": 96}
    )
    assert RunFolder(tmp_path / "run").state()["init_from"] == str(finished), (
        "also where it goes on"
    )
    for images in (32, 64):
        folder = tmp_path / "run" / "checkpoints" / f"{images:09d}"
        generator = load_file(folder / "generator.safetensors")
        after = load_file(folder / "average.safetensors")
        for name, weight in generator.items():
            if weight.is_floating_point():
                # Of 3,000 images and more, a half-life of 100 is no large share.
                expected = torch.lerp(before[name], weight, 1 - 0.5 ** (32 / 100))
                torch.testing.assert_close(after[name], expected)
        before = after


@pytest.mark.parametrize(
    ("field", "value"),
    [("network.latent", 9), ("network.generator.width", 8), ("data.channels", 3)],
)
def test_networks_that_do_not_fit_are_refused_by_field(
    finished: Path, field: str, value: int
) -> None:
    recipe = load_recipe(str(finished / "recipe.toml"), {field: value})
    with pytest.raises(ZerosumError, match=field):
        demand_same_networks(RunFolder(finished), recipe)


def test_other_losses_and_schedules_fit(finished: Path) -> None:
    changes = {"objective.loss": "least-squares", "schedule.batch": 16, "learning-rate": 1e-3}
    recipe = load_recipe(str(finished / "recipe.toml"), changes)
    demand_same_networks(RunFolder(finished), recipe)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ZerosumError, match="not a run"):
        demand_same_networks(RunFolder(tmp_path), load_recipe("digits"))
