"""Small runs with a checkpoint, laid out as training lays them out, in a fraction of a second."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from zerosum.networks.build import build_discriminator, build_generator
from zerosum.recipe.load import load_recipe, recipe_to_toml
from zerosum.recipe.settings import Recipe
from zerosum.records.checkpoint import write_state
from zerosum.records.run import RunFolder


@pytest.fixture(scope="session")
def make_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., RunFolder]:
    """A function that makes a run with one checkpoint; overrides of the recipe by dotted name."""

    def make(overrides: dict[str, object] | None = None) -> RunFolder:
        run = RunFolder(tmp_path_factory.mktemp("runs") / "tiny")
        small = {"network.generator.width": 8, "network.discriminator.width": 8}
        recipe = load_recipe("dcgan-mnist", small | (overrides or {}))
        run.path.mkdir()
        run.recipe_file.write_text(recipe_to_toml(recipe))
        write_checkpoint(run, recipe, images=200_000)
        return run

    return make


@pytest.fixture(scope="session")
def tiny_run(make_run: Callable[..., RunFolder]) -> RunFolder:
    """Grey, 32 pixels, normal prior, with an average. Shared: tests change samples/ alone."""
    return make_run({"schedule.average": 1000})


@pytest.fixture(scope="session")
def colour_run(make_run: Callable[..., RunFolder]) -> RunFolder:
    """RGB, 16 pixels, uniform prior, no average. Shared: tests change samples/ alone."""
    return make_run(
        {"data.channels": 3, "data.resolution": 16, "network.prior": "uniform", "seed": 3}
    )


def write_checkpoint(run: RunFolder, recipe: Recipe, images: int) -> Path:
    """A checkpoint of that many images, and the link to it as the latest."""
    folder = run.checkpoints / f"{images:09d}"
    folder.mkdir(parents=True)
    generator, discriminator = build_generator(recipe), build_discriminator(recipe)
    _scatter(generator, seed=1)
    save_file(_weights(generator), folder / "generator.safetensors")
    if recipe.schedule.average:
        _scatter(generator, seed=2)
        save_file(_weights(generator), folder / "average.safetensors")
    _scatter(discriminator, seed=3)
    save_file(_weights(discriminator), folder / "discriminator.safetensors")
    seal(folder, images)
    latest = run.checkpoints / "latest"
    latest.unlink(missing_ok=True)
    latest.symlink_to(folder.name)
    return folder


def seal(folder: Path, images: int) -> None:
    """Write the state of a checkpoint whose weights lie there, with their checksums."""
    files = [file.name for file in folder.glob("*.safetensors")]
    write_state(folder, {"images": images, "step": 1}, files)


def _weights(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.contiguous() for name, value in module.state_dict().items()}


def _scatter(module: nn.Module, seed: int) -> None:
    """Weights large enough for pictures that use all grey levels, as those of trained ones do."""
    draws = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in module.parameters():
            if weight.ndim > 1:
                weight.normal_(std=0.3, generator=draws)
