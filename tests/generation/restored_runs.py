"""Small runs that restore pictures of digits, laid out as a training lays them out."""

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tests.generation.conftest import seal, write_checkpoint

from zerosum.recipe.load import load_recipe, recipe_to_toml
from zerosum.recipe.settings import Recipe
from zerosum.records.run import RunFolder

SMALL: dict[str, object] = {
    "data.source": "digits",
    "data.resolution": 32,
    "data.channels": 1,
    "network.generator.width": 4,
    "network.generator.attention": 8,
    "network.discriminator.width": 4,
    "pretrain.generator_images": 1000,
    "evaluation.images": 60,
    "evaluation.scores": ["fid", "precision"],
}


def small_recipe(overrides: dict[str, object] | None = None) -> Recipe:
    return load_recipe("restore", SMALL | (overrides or {}))


def restoring_run(
    folder: Path, overrides: dict[str, object] | None = None, *, pretrained: bool = True
) -> RunFolder:
    """A run with the checkpoints 1,000 ("pretrained") and 3,000 ("latest"). Their generators are
    one and the same, but that the later one's correction is larger."""
    run, recipe = RunFolder(folder), small_recipe(overrides)
    run.path.mkdir(parents=True)
    run.recipe_file.write_text(recipe_to_toml(recipe))
    if pretrained:
        scale_correction(write_checkpoint(run, recipe, images=1000), 0.02)
        (run.checkpoints / "pretrained").symlink_to("000001000")
    scale_correction(write_checkpoint(run, recipe, images=3000), 0.04)
    return run


def scale_correction(checkpoint: Path, factor: float) -> None:
    """Multiply what a U-Net adds to the damaged picture; with 0 it changes nothing."""
    file = checkpoint / "generator.safetensors"
    weights = load_file(file)
    found = [name for name in weights if name.startswith("correction.")]
    assert found
    for name in found:
        weights[name] = torch.mul(weights[name], factor)
    save_file(weights, file)
    seal(checkpoint, images=int(checkpoint.resolve().name))
