"""Small runs on pictures of noise, and commands called in this process."""

from pathlib import Path

import numpy as np
from click.testing import CliRunner
from PIL import Image

from tests.generation.conftest import write_checkpoint
from zerosum.cli.commands import commands
from zerosum.errors import ZerosumError
from zerosum.randomness import random_for
from zerosum.recipe.load import load_recipe, recipe_to_toml
from zerosum.records.run import RunFolder


def pictures_of_noise(folder: Path, count: int, *, channels: int = 1) -> Path:
    """A folder of PNGs of 16 pixels."""
    folder.mkdir(parents=True)
    shape = (count, 16, 16) if channels == 1 else (count, 16, 16, channels)
    pixels = random_for(0, folder.name).integers(0, 256, shape, dtype=np.uint8)
    for number, image in enumerate(pixels):
        Image.fromarray(image).save(folder / f"{number:03d}.png")
    return folder


def run_on(pictures: Path, folder: Path, **overrides: object) -> RunFolder:
    """A run with one checkpoint, "trained" on a folder of pictures; overrides with _ for dots."""
    small: dict[str, object] = {
        "network.generator.width": 8,
        "network.discriminator.width": 8,
        "data.source": str(pictures),
        "data.resolution": 16,
    }
    dotted = {name.replace("_", "."): value for name, value in overrides.items()}
    recipe = load_recipe("dcgan-mnist", small | dotted)
    run = RunFolder(folder)
    run.path.mkdir(parents=True)
    run.recipe_file.write_text(recipe_to_toml(recipe))
    write_checkpoint(run, recipe, images=200_000)
    return run


def output(*words: object) -> list[str]:
    """The lines that a command prints; it must succeed."""
    result = CliRunner().invoke(commands, [str(word) for word in words], standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.output.splitlines()


def refusal(*words: object) -> ZerosumError:
    """What a command that must fail raises."""
    result = CliRunner().invoke(commands, [str(word) for word in words], standalone_mode=False)
    assert isinstance(result.exception, ZerosumError), (result.output, result.exception)
    assert "\n" not in result.exception.what and result.exception.remedy
    return result.exception
